package letters

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

func TestAReplayGivesEachLetterItsFateAndASecondHasNothingToDo(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		o.run(d)
		o.bury(many(100)...)
		broken := o.buryValue("x", []byte("no json"))
		j := o.ended(d, o.replay(d, ReplayRequest{}).ID, time.Second*3)
		o.expectTally(j, letter.Tally{Letters: 101, Applied: 100, Failed: 1})
		if j.End.Ending != letter.Completed || j.Runner != "p-1" || j.Epoch != 1 {
			t.Errorf("the job: %+v", j)
		}
		if n := len(o.handler.orders()); n != 100 {
			t.Errorf("events acted on: %d", n)
		}
		_, err := d.Replay(t.Context(), ReplayRequest{Who: someone, Filter: letter.Filter{Key: "o-007"}})
		if !errors.Is(err, letter.ErrNoLetters) {
			t.Errorf("again: expected %v, found %v", letter.ErrNoLetters, err)
		}
		// What failed is open, and may be tried again.
		again := o.ended(d, o.replay(d, ReplayRequest{}).ID, 3*time.Second)
		o.expectTally(again, letter.Tally{Letters: 1, Failed: 1})
		fates, more, err := d.Report(t.Context(), again.ID, Page{})
		if err != nil || more || len(fates) != 1 || fates[0].Letter != broken || fates[0].Code != "UNREADABLE" || fates[0].Order != "x" {
			t.Errorf("report: %+v, %v, %v", fates, more, err)
		}
		audits, err := d.Audits(t.Context())
		o.must(err)
		var kinds []string
		for _, a := range audits {
			kinds = append(kinds, fmt.Sprint(a.Kind, " ", a.Letters, " ", a.By))
		}
		slices.Sort(kinds) // no time has passed
		if want := []string{"job ended 1 anna", "job ended 101 anna", "replay 1 anna", "replay 101 anna"}; !slices.Equal(kinds, want) {
			t.Errorf("audits: expected %q, found %q", want, kinds)
		}
	})
}

func TestLettersOfAKeyAreReplayedInOrder(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		o.run(d)
		var running sync.Map
		o.handler.act = func(ctx context.Context, order string) error {
			if _, twice := running.LoadOrStore(order, true); twice {
				t.Errorf("%s twice at once", order)
			}
			defer running.Delete(order)
			return ports.Sleep(ctx, d.world.Clock, 10*time.Millisecond)
		}
		for range 9 {
			o.bury(many(5)...)
		}
		j := o.ended(d, o.replay(d, ReplayRequest{}).ID, 5*time.Second)
		o.expectTally(j, letter.Tally{Letters: 45, Applied: 45})
		fates, _, err := d.Report(t.Context(), j.ID, Page{})
		o.must(err)
		last := map[string]time.Time{}
		for _, f := range fates { // in the order in which letters were buried
			e, err := d.Show(t.Context(), f.Letter)
			o.must(err)
			if !f.At.After(last[e.Key]) {
				t.Errorf("%s: not in order", e.Key)
			}
			last[e.Key] = f.At
		}
	})
}

func TestTheRateOfAJobIsKept(t *testing.T) {
	for _, rate := range []float64{10, 77, 500} {
		inOffice(t, func(o *office, t *testing.T) {
			d := o.desk("p-1")
			o.run(d)
			o.bury(many(int(rate * 4))...)
			// All stalls for a while: what was missed is not made up for in one go.
			from := time.Now()
			o.handler.act = func(ctx context.Context, _ string) error {
				if into := time.Since(from); into > time.Second && into < 1500*time.Millisecond {
					return ports.Sleep(ctx, d.world.Clock, 1500*time.Millisecond-into)
				}
				return nil
			}
			o.ended(d, o.replay(d, ReplayRequest{Rate: rate}).ID, 20*time.Second)
			times := o.handler.times
			slices.SortFunc(times, time.Time.Compare)
			took := times[len(times)-1].Sub(times[0]).Seconds()
			if found := float64(len(times)-1) / took; found < rate*0.85 || found > rate*1.05 {
				t.Errorf("rate: expected %v, found %v", rate, found)
			}
			most := 0
			for i, from := range times {
				n, _ := slices.BinarySearchFunc(times[i:], from.Add(time.Second), time.Time.Compare)
				most = max(most, n)
			}
			if float64(most) > rate*1.15+2 {
				t.Errorf("rate %v: %d letters within a second", rate, most)
			}
		})
	}
}

func TestAJobStopsAfterSoManyFailuresAndNotLater(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		o.run(d)
		o.bury(many(100)...)
		o.handler.act = func(_ context.Context, order string) error {
			if order >= "o-050" {
				return fmt.Errorf("%w: %s", reservation.ErrNotHeld, order)
			}
			return nil
		}
		j := o.ended(d, o.replay(d, ReplayRequest{StopAfter: 3}).ID, 3*time.Second)
		if j.End.Ending != letter.Stopped || j.Tally.Failed != 3 || j.Tally.Letters != 100 {
			t.Errorf("the job: %+v, %+v", j.Tally, j.End)
		}
		left, err := d.List(t.Context(), letter.Filter{}, Page{})
		o.must(err)
		if want := 100 - j.Tally.Applied; left.Total != want || j.Tally.Applied == 0 {
			t.Errorf("letters that are open: expected %d, found %d", want, left.Total)
		}
	})
}

func TestAJobIsCancelledWithinASecond(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		first, second := o.desk("p-1"), o.desk("p-2")
		o.run(first)
		o.bury(many(100)...)
		j := o.replay(first, ReplayRequest{Rate: 10})
		o.wait(3050 * time.Millisecond)
		j, err := second.Cancel(t.Context(), j.ID, Who{By: "ben", Why: "wrong filter"})
		o.must(err)
		j = o.ended(second, j.ID, 1100*time.Millisecond)
		if j.End.Ending != letter.Cancelled || j.End.Says != "by ben: wrong filter" || j.Tally.Applied < 30 || j.Tally.Applied > 42 {
			t.Errorf("the job: %+v, %+v", j.Tally, j.End)
		}
		if _, err := second.Cancel(t.Context(), j.ID, someone); !errors.Is(err, letter.ErrSettled) {
			t.Errorf("again: expected %v, found %v", letter.ErrSettled, err)
		}
		if _, err := second.Cancel(t.Context(), ledger.UUID{1}, someone); !errors.Is(err, letter.ErrUnknownJob) {
			t.Errorf("another: expected %v, found %v", letter.ErrUnknownJob, err)
		}
		// The others are open again.
		o.ended(first, o.replay(first, ReplayRequest{}).ID, 3*time.Second)
		if n := len(o.handler.orders()); n != 100 {
			t.Errorf("acted on: expected 100, found %d", n)
		}
	})
}

func TestWhatPassesIsTriedAgainAndPatienceEnds(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		o.run(d)
		o.bury("passes", "stays", "panics", "hangs")
		from := time.Now()
		o.handler.act = func(ctx context.Context, order string) error {
			switch {
			case order == "panics":
				panic("a bug")
			case order == "hangs":
				<-ctx.Done()
				return ctx.Err()
			case order == "stays", time.Since(from) < 10*time.Second:
				return ports.ErrTransient
			}
			return nil
		}
		j := o.ended(d, o.replay(d, ReplayRequest{}).ID, 40*time.Second)
		if took := time.Since(from); took < 30*time.Second || took > 34*time.Second {
			t.Errorf("patience: %s", took)
		}
		o.expectTally(j, letter.Tally{Letters: 4, Applied: 1, Failed: 3})
		fates, _, err := d.Report(t.Context(), j.ID, Page{})
		o.must(err)
		codes := map[string]string{}
		for _, f := range fates {
			codes[f.Order] = f.Code
		}
		if codes["passes"] != "" || codes["stays"] != "UNAVAILABLE" || codes["panics"] != letter.CodePanic || codes["hangs"] != "TIMEOUT" {
			t.Errorf("codes: %v", codes)
		}
	})
}

func TestAReplayHasTheLettersThatWereRehearsed(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		o.run(d)
		o.bury(many(10)...)
		r, err := d.Rehearse(t.Context(), letter.Filter{}, Page{})
		o.must(err)
		o.bury("later")
		j := o.ended(d, o.replay(d, ReplayRequest{Bounds: r.Bounds}).ID, 3*time.Second)
		o.expectTally(j, letter.Tally{Letters: 10, Applied: 10})
		if slices.Contains(o.handler.orders(), "later") {
			t.Error("a letter was replayed that had not been rehearsed")
		}
		_, err = d.Replay(t.Context(), ReplayRequest{Who: someone, Bounds: r.Bounds})
		if !errors.Is(err, letter.ErrNoLetters) {
			t.Errorf("again: expected %v, found %v", letter.ErrNoLetters, err)
		}
	})
}

func TestLettersOfARunningJobAreNotForAnother(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d, other := o.desk("p-1"), o.desk("p-2")
		o.run(d)
		ids := o.bury(many(10)...)
		j := o.replay(d, ReplayRequest{Rate: 1})
		_, err := other.Replay(t.Context(), ReplayRequest{Who: someone})
		if !errors.Is(err, letter.ErrTaken) {
			t.Errorf("a replay: expected %v, found %v", letter.ErrTaken, err)
		}
		expectText(t, err, j.ID.String(), " has ")
		if _, err := other.Discard(t.Context(), letter.Filter{}, someone); !errors.Is(err, letter.ErrTaken) {
			t.Errorf("discarding: expected %v, found %v", letter.ErrTaken, err)
		}
		_, err = other.Edit(t.Context(), EditRequest{Who: someone, Letter: ids[9], Event: []byte(`{"Event":"x"}`)})
		if !errors.Is(err, letter.ErrTaken) {
			t.Errorf("editing: expected %v, found %v", letter.ErrTaken, err)
		}
		r, err := other.Rehearse(t.Context(), letter.Filter{}, Page{})
		o.must(err)
		if r.Total != 0 || r.Taken[j.ID] == 0 {
			t.Errorf("a rehearsal: %+v", r)
		}
	})
}

func TestRequestsThatMakeNoSenseAreRefused(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		o.bury("o-1")
		for name, req := range map[string]ReplayRequest{
			"rate": {Rate: -1}, "stop after": {StopAfter: -1}, "state": {Filter: letter.Filter{States: []string{"gone"}}},
			"topic": {Filter: letter.Filter{Topic: "t"}}, "expected open letters": {Filter: letter.Filter{States: []string{letter.Applied}}},
		} {
			_, err := d.Replay(t.Context(), req)
			if !errors.Is(err, stock.ErrInvalid) {
				t.Errorf("%s: expected %v, found %v", name, stock.ErrInvalid, err)
			}
			expectText(t, err, name)
		}
		if _, err := d.Groups(t.Context(), letter.Filter{IDs: make([]ledger.UUID, MostPage+1)}); !errors.Is(err, stock.ErrInvalid) {
			t.Errorf("too many letters: found %v", err)
		}
		if _, err := d.List(t.Context(), letter.Filter{}, Page{Limit: MostPage + 1}); !errors.Is(err, stock.ErrInvalid) {
			t.Errorf("a page: found %v", err)
		}
	})
}
