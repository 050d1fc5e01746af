package app_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"inventory/app"
	"inventory/domain/stock"
	"inventory/ports"
)

func lowMark(warehouse, sku string, low int64) app.ThresholdRequest {
	return app.ThresholdRequest{SKU: sku, WarehouseID: warehouse, Low: low, Actor: "anna", Source: "test", Trace: "trace-mark"}
}

// thresholds lists what was told of low marks, each once, and by which trace.
func (u *upstream) thresholds() (told []string) {
	known := map[string]bool{}
	for _, e := range u.all.Published() {
		e, ok := e.(ports.Threshold)
		if ok && !known[e.ID.String()] {
			known[e.ID.String()] = true
			told = append(told, fmt.Sprintf("%s %s, %d left: %s", e.Threshold, e.Key(), e.Available, e.Trace))
		}
	}
	return told
}

func TestOrderEventsAndTheEndOfAHoldAreToldWhereTheyCrossAMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUpstream(t) // ten of A
		set, err := u.in.SetThreshold(t.Context(), lowMark("W1", "A", 4))
		if want := (stock.Mark{SKU: "A", Low: 4, OnHand: 10, Standing: stock.Back}); err != nil || set != want {
			t.Fatalf("got %+v, %v; want %+v", set, err, want)
		}
		brief := created("lapses", 3)
		seconds := int64(2)
		brief.TTLSeconds = &seconds
		for _, e := range []ports.OrderEvent{created("o", 5), created("p", 1), brief, created("q", 1)} {
			if err := u.send(e); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(5 * time.Second)
		if err := u.send(cancelled()); err != nil { // order o
			t.Fatal(err)
		}
		want := []string{
			"LOW A:W1, 4 left: trace-p", "OUT A:W1, 0 left: trace-q", "LOW A:W1, 3 left: trace-lapses", "BACK A:W1, 8 left: trace-o",
		}
		if got := u.thresholds(); !slices.Equal(got, want) {
			t.Errorf("told\n %q, expected\n %q", got, want)
		}
		if r, err := u.in.Reconcile(t.Context()); err != nil || len(r.Differences) > 0 {
			t.Errorf("reconciled: %+v, %v", r.Differences, err)
		}
	})
}

func TestWhyTellsWhichOrderBroughtASKUToItsMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUpstream(t)
		must(t)(u.in.SetThreshold(t.Context(), lowMark("W1", "A", 4)))
		for _, e := range []ports.OrderEvent{created("o", 5), created("p", 1)} {
			if err := u.send(e); err != nil {
				t.Fatal(err)
			}
		}
		why, err := u.in.Why(t.Context(), app.WhyRequest{Subject: "A"})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range why.Stock.Lines {
			got = append(got, l.What+" "+l.OrderID+" "+l.Threshold)
		}
		if want := []string{"ADJUSTED  ", "HELD o ", "HELD p LOW"}; !slices.Equal(got, want) {
			t.Errorf("told %q, expected %q", got, want)
		}
	})
}

func TestAnyMemberSetsAndReadsMarksWhicheverOwnsTheLedger(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		for n := range 12 {
			warehouse := fmt.Sprint("W", n)
			by, another := c.members[string(rune('a'+n%3))], c.members[string(rune('a'+(n+1)%3))]
			if _, err := by.SetThreshold(c.Context(), lowMark(warehouse, "A", 10)); err != nil {
				c.Errorf("%s: %v", warehouse, err)
			}
			want := stock.Mark{SKU: "A", Low: 10, OnHand: 10, Standing: stock.Low}
			if got, err := another.Threshold(c.Context(), "A", warehouse); err != nil || got != want {
				c.Errorf("%s: got %+v, %v", warehouse, got, err)
			}
			page, err := another.Thresholds(c.Context(), warehouse, "", 1)
			if err != nil || !reflect.DeepEqual(page, app.Thresholds{Marks: []stock.Mark{want}}) {
				c.Errorf("%s: got %+v, %v", warehouse, page, err)
			}
			if _, err := another.Threshold(c.Context(), "B", warehouse); !errors.Is(err, stock.ErrNoMark) {
				c.Errorf("%s: a mark that was never set: %v", warehouse, err)
			}
		}
	})
}

func TestAThresholdThatCannotBeIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUpstream(t)
		for name, c := range map[string]struct {
			req  app.ThresholdRequest
			want error
		}{
			"no SKU":            {lowMark("W1", "", 1), stock.ErrInvalid},
			"no warehouse":      {lowMark("", "A", 1), stock.ErrInvalid},
			"below zero":        {lowMark("W1", "A", -2), stock.ErrInvalid},
			"nobody sets it":    {app.ThresholdRequest{SKU: "A", WarehouseID: "W1"}, stock.ErrInvalid},
			"unknown warehouse": {lowMark("W9", "A", 1), app.ErrUnknownWarehouse},
		} {
			if _, err := u.in.SetThreshold(t.Context(), c.req); !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want %v", name, err, c.want)
			}
		}
		_, err := u.in.Thresholds(t.Context(), "W1", "-", 1)
		_, limit := u.in.Thresholds(t.Context(), "W1", "", app.MaxThresholds+1)
		if !errors.Is(err, stock.ErrInvalid) || !errors.Is(limit, stock.ErrInvalid) {
			t.Errorf("a page after no SKU: %v; a page too large: %v", err, limit)
		}
	})
}
