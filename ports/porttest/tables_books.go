package porttest

import (
	"errors"
	"time"

	"inventory/ports"
)

var eventTests = map[string]func(*tablesTest){
	"a row is read as it was written":          eventRoundTrip,
	"the same row again stays one row":         eventTwice,
	"upto is the last time that is read":       eventsUpto,
	"between two times the first is left out":  eventsBetween,
	"other SKUs and warehouses are left out":   eventsOfOthers,
	"rows of the same time are different rows": eventsSameTime,
	"the newest come first":                    eventsNewestFirst,
	"an error of take ends it and is returned": eventsErrorOfTake,
	"take may call the store":                  eventsTakeCallsStore,
	"a SKU without events has none":            eventsNone,
}

// farFuture is later than all events.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func eventRoundTrip(t *tablesTest) {
	signed, plain := t.event(1), t.event(2)
	signed.Quantity, signed.EventType, signed.Metadata = -1_000_000_000, "ADJUSTED", `{"reason":"it's \"wet\" – ≥ 3 pcs 📦"}`
	plain.Quantity, plain.Source, plain.Metadata = 1_000_000_000, "", ""
	t.write(ports.Rows{Events: []ports.EventRow{signed, plain}})
	t.wantEvents("AMS-1", farFuture, signed, plain)
}

func eventTwice(t *tablesTest) {
	e := t.event(1)
	t.write(ports.Rows{Events: []ports.EventRow{e}})
	t.write(ports.Rows{Events: []ports.EventRow{e, t.event(0)}})
	t.write(ports.Rows{Events: []ports.EventRow{e}})
	if got := t.events("AMS-1", farFuture); len(got) != 2 || got[e.EventID].Quantity != e.Quantity {
		t.Fatalf("got events %+v, want two", got)
	}
}

func eventsUpto(t *tablesTest) {
	first, second, third := t.event(1), t.event(2), t.event(3)
	t.write(ports.Rows{Events: []ports.EventRow{third, first, second}})
	t.wantEvents("AMS-1", t.at(0))
	t.wantEvents("AMS-1", t.at(1), first)
	t.wantEvents("AMS-1", t.at(2), first, second)
	t.wantEvents("AMS-1", t.at(3), first, second, third)
}

func eventsBetween(t *tablesTest) {
	rows := []ports.EventRow{t.event(1), t.event(2), t.event(2), t.event(3), t.event(4)}
	t.write(ports.Rows{Events: rows})
	for _, one := range []struct{ after, upto, from, to int }{{1, 3, 1, 4}, {0, 4, 0, 5}, {2, 2, 0, 0}, {4, 9, 0, 0}, {2, 3, 3, 4}} {
		got := map[string]bool{}
		must(t.T, "EventsBetween", func() error {
			return t.reader.EventsBetween(t.ctx, t.sku, "AMS-1", t.at(one.after), t.at(one.upto), func(r ports.EventRow) error {
				got[r.EventID.String()] = true
				return nil
			})
		})
		for i, r := range rows {
			if want := i >= one.from && i < one.to; got[r.EventID.String()] != want {
				t.Errorf("after %d, up to %d: row %d was read: %t", one.after, one.upto, i, !want)
			}
		}
	}
}

func eventsOfOthers(t *tablesTest) {
	mine, elsewhere, others := t.event(1), t.event(1), t.event(1)
	elsewhere.WarehouseID = "AMS-10"
	others.SKU += "0"
	t.write(ports.Rows{Events: []ports.EventRow{mine, elsewhere, others}})
	t.wantEvents("AMS-1", farFuture, mine)
	t.wantEvents("AMS-10", farFuture, elsewhere)
}

func eventsSameTime(t *tablesTest) {
	var rows []ports.EventRow
	for range 5 {
		rows = append(rows, t.event(1))
	}
	t.write(ports.Rows{Events: rows})
	t.wantEvents("AMS-1", t.at(1), rows...)
}

// eventsNewestFirst writes more rows than a page has, in an order that is none.
func eventsNewestFirst(t *tablesTest) {
	const n = 1500
	var rows []ports.EventRow
	for i := range n {
		rows = append(rows, t.event(i*7%n/2)) // two at a time
	}
	t.write(ports.Rows{Events: rows})
	took, last := 0, farFuture
	must(t.T, "Events", func() error {
		took, last = 0, farFuture
		return t.reader.Events(t.ctx, t.sku, "AMS-1", farFuture, func(r ports.EventRow) error {
			if r.OccurredAt.After(last) {
				t.Fatalf("event %d occurred at %v, after the one before it, of %v", took, r.OccurredAt, last)
			}
			took, last = took+1, r.OccurredAt
			return nil
		})
	})
	if took != n {
		t.Fatalf("got %d events, want %d", took, n)
	}
}

func eventsErrorOfTake(t *tablesTest) {
	t.write(ports.Rows{Events: []ports.EventRow{t.event(1), t.event(2), t.event(3)}})
	enough, took := errors.New("enough"), 0
	err := t.reader.Events(t.ctx, t.sku, "AMS-1", farFuture, func(ports.EventRow) error {
		if took++; took == 2 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || took != 2 {
		t.Fatalf("got error %v after %d events, want %v after 2", err, took, enough)
	}
}

func eventsTakeCallsStore(t *tablesTest) {
	t.write(ports.Rows{Events: []ports.EventRow{t.event(1), t.event(2)}})
	must(t.T, "Events", func() error {
		return t.reader.Events(t.ctx, t.sku, "AMS-1", farFuture, func(r ports.EventRow) error {
			t.events("AMS-1", farFuture)
			return t.reader.Write(t.ctx, ports.Rows{Events: []ports.EventRow{r}})
		})
	})
}

func eventsNone(t *tablesTest) { t.wantEvents("AMS-1", farFuture) }

var levelTests = map[string]func(*tablesTest){
	"newest week first, at most the limit":        levelsInOrder,
	"the later time stays, whichever comes first": levelLaterStays,
	"the same row again changes nothing":          levelTwice,
	"of twenty at once the latest stays":          levelRace,
	"other SKUs and warehouses are left out":      levelsOfOthers,
}

func levelsInOrder(t *tablesTest) {
	old, last, first, newest := t.level("2026-W09", 1), t.level("2026-W53", 2), t.level("2027-W01", 3), t.level("2027-W10", 4)
	t.wantLevels(3)
	t.write(ports.Rows{Levels: []ports.LevelRow{first, newest, old, last}})
	t.wantLevels(10, newest, first, last, old)
	t.wantLevels(4, newest, first, last, old)
	t.wantLevels(2, newest, first)
	t.wantLevels(1, newest)
}

func levelLaterStays(t *tablesTest) {
	early, late := t.level("2026-W48", 1), t.level("2026-W48", 2)
	t.write(ports.Rows{Levels: []ports.LevelRow{early}})
	t.wantLevels(5, early)
	t.write(ports.Rows{Levels: []ports.LevelRow{late}})
	t.wantLevels(5, late)
	t.write(ports.Rows{Levels: []ports.LevelRow{early}})
	t.wantLevels(5, late)
}

func levelTwice(t *tablesTest) {
	l := t.level("2026-W48", 1)
	t.write(ports.Rows{Levels: []ports.LevelRow{l}})
	t.write(ports.Rows{Levels: []ports.LevelRow{l}})
	t.wantLevels(5, l)
}

func levelRace(t *tablesTest) {
	for i, err := range race(racers, func(i int) error {
		return t.writer.Write(t.ctx, ports.Rows{Levels: []ports.LevelRow{t.level("2026-W48", (i*7)%racers)}})
	}) {
		if err != nil {
			t.Fatalf("racer %d: %v", i, err)
		}
	}
	t.wantLevels(5, t.level("2026-W48", racers-1))
}

func levelsOfOthers(t *tablesTest) {
	mine, elsewhere, others := t.level("2026-W48", 1), t.level("2026-W49", 1), t.level("2026-W50", 1)
	elsewhere.WarehouseID = "AMS-10"
	others.SKU += "0"
	t.write(ports.Rows{Levels: []ports.LevelRow{mine, elsewhere, others}})
	t.wantLevels(5, mine)
}

var reservationTests = map[string]func(*tablesTest){
	"a row is read as it was written":             reservationRoundTrip,
	"the later time stays, whichever comes first": reservationLaterStays,
	"one that never was is not there":             reservationAbsent,
	"an end that is taken away is gone":           reservationEndRemoved,
}

func reservationRoundTrip(t *tablesTest) {
	r := t.reservation(newUUID(), 1)
	ended := t.reservation(newUUID(), 2)
	ended.ExpiresAt, ended.Status, ended.Items = time.Time{}, "REJECTED", ""
	t.write(ports.Rows{Reservations: []ports.ReservationRow{r, ended}})
	t.wantReservation(r)
	t.wantReservation(ended)
}

func reservationLaterStays(t *tablesTest) {
	id := newUUID()
	early, late := t.reservation(id, 1), t.reservation(id, 2)
	late.Status, late.Items = "CONFIRMED", "[]"
	t.write(ports.Rows{Reservations: []ports.ReservationRow{late}})
	t.write(ports.Rows{Reservations: []ports.ReservationRow{early}})
	t.wantReservation(late)
	later := t.reservation(id, 3)
	t.write(ports.Rows{Reservations: []ports.ReservationRow{later}})
	t.write(ports.Rows{Reservations: []ports.ReservationRow{later}})
	t.wantReservation(later)
}

func reservationAbsent(t *tablesTest) {
	must(t.T, "Reservation", func() error {
		r, ok, err := t.reader.Reservation(t.ctx, newUUID())
		if ok {
			t.Fatalf("got %+v, want none", r)
		}
		return err
	})
}

func reservationEndRemoved(t *tablesTest) {
	id := newUUID()
	t.write(ports.Rows{Reservations: []ports.ReservationRow{t.reservation(id, 1)}})
	released := t.reservation(id, 2)
	released.ExpiresAt = time.Time{}
	t.write(ports.Rows{Reservations: []ports.ReservationRow{released}})
	t.wantReservation(released)
}
