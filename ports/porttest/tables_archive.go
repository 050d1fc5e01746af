package porttest

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

var recallTests = map[string]func(*tablesTest){
	"what is written is found, what is not is absent": recallFinds,
	"each kind has its own rows":                      recallByKind,
	"the latest body is found":                        recallLatest,
	"duplicate keys are no trouble":                   recallDuplicates,
	"no keys find nothing":                            recallNothing,
	"five hundred keys at once":                       recallMany,
}

func recallFinds(t *tablesTest) {
	a, b, absent := newUUID(), newUUID(), newUUID()
	t.write(ports.Rows{
		Reservations: []ports.ReservationRow{t.reservation(a, 1)},
		Adjustments:  []ports.AdjustmentRow{t.adjustment(b, 2)},
	})
	t.wantRecall(ledger.KindReservation, map[ledger.UUID][]byte{a: t.reservation(a, 1).Body}, a, absent)
	t.wantRecall(ledger.KindStock, map[ledger.UUID][]byte{b: t.adjustment(b, 2).Body}, absent, b)
	t.wantRecall(ledger.KindStock, nil, absent)
}

func recallByKind(t *tablesTest) {
	both, reservation, adjustment := newUUID(), newUUID(), newUUID()
	t.write(ports.Rows{
		Reservations: []ports.ReservationRow{t.reservation(both, 1), t.reservation(reservation, 1)},
		Adjustments:  []ports.AdjustmentRow{t.adjustment(both, 1), t.adjustment(adjustment, 1)},
	})
	t.wantRecall(ledger.KindReservation, map[ledger.UUID][]byte{
		both: t.reservation(both, 1).Body, reservation: t.reservation(reservation, 1).Body,
	}, both, reservation, adjustment)
	t.wantRecall(ledger.KindStock, map[ledger.UUID][]byte{
		both: t.adjustment(both, 1).Body, adjustment: t.adjustment(adjustment, 1).Body,
	}, both, reservation, adjustment)
}

func recallLatest(t *tablesTest) {
	id := newUUID()
	for _, n := range []int{2, 1, 3, 2} {
		t.write(ports.Rows{
			Reservations: []ports.ReservationRow{t.reservation(id, n)},
			Adjustments:  []ports.AdjustmentRow{t.adjustment(id, n)},
		})
	}
	t.wantRecall(ledger.KindReservation, map[ledger.UUID][]byte{id: t.reservation(id, 3).Body}, id)
	t.wantRecall(ledger.KindStock, map[ledger.UUID][]byte{id: t.adjustment(id, 3).Body}, id)
}

func recallDuplicates(t *tablesTest) {
	id, absent := newUUID(), newUUID()
	t.write(ports.Rows{Reservations: []ports.ReservationRow{t.reservation(id, 1)}})
	t.wantRecall(ledger.KindReservation, map[ledger.UUID][]byte{id: t.reservation(id, 1).Body}, id, absent, id, id, absent)
}

func recallNothing(t *tablesTest) {
	t.wantRecall(ledger.KindReservation, nil)
	t.wantRecall(ledger.KindStock, nil)
}

func recallMany(t *tablesTest) {
	const many = 500
	var keys []ledger.UUID
	var rows ports.Rows
	want := map[ledger.UUID][]byte{}
	for n := range many {
		id := newUUID()
		keys = append(keys, id)
		if n%3 == 0 {
			continue // absent
		}
		r := t.reservation(id, n)
		rows.Reservations = append(rows.Reservations, r)
		want[id] = r.Body
	}
	t.write(rows)
	t.wantRecall(ledger.KindReservation, want, keys...)
}

var writeTests = map[string]func(*tablesTest){
	"no rows are no trouble":              writeNothing,
	"thousands of rows at once":           writeMany,
	"writers at once lose no row":         writeRace,
	"the caller may use its buffer again": writeBufferReuse,
	"a cancelled call is an error":        writeCancelled,
	"a time in another zone is the same":  writeOtherZone,
}

func writeNothing(t *tablesTest) { t.write(ports.Rows{}) }

func writeMany(t *tablesTest) {
	const many = 3000 // with their metadata 2 MB
	var rows ports.Rows
	for n := range many {
		e := t.event(n)
		e.Metadata = fmt.Sprintf(`{"v":1,"note":"%0500d"}`, n)
		rows.Events = append(rows.Events, e)
	}
	for n := range 60 {
		rows.Levels = append(rows.Levels, t.level(fmt.Sprintf("%d-W%02d", 2026+n/50, 1+n%50), n))
	}
	t.write(rows)
	t.write(rows)
	t.wantEvents("AMS-1", farFuture, rows.Events...)
	if got, err := t.reader.Levels(t.ctx, t.sku, "AMS-1", 100); err != nil || len(got) != 60 {
		t.Fatalf("got %d weeks and error %v, want 60", len(got), err)
	}
}

func writeRace(t *tablesTest) {
	rows := make([]ports.EventRow, racers)
	for i := range rows {
		rows[i] = t.event(i)
	}
	for i, err := range race(racers, func(i int) error {
		return t.writer.Write(t.ctx, ports.Rows{Events: []ports.EventRow{rows[i], rows[(i+1)%racers]}})
	}) {
		if err != nil {
			t.Fatalf("racer %d: %v", i, err)
		}
	}
	t.wantEvents("AMS-1", farFuture, rows...)
}

func writeBufferReuse(t *tablesTest) {
	id := newUUID()
	r, a := t.reservation(id, 1), t.adjustment(id, 1)
	keptR, keptA := bytes.Clone(r.Body), bytes.Clone(a.Body)
	t.write(ports.Rows{Reservations: []ports.ReservationRow{r}, Adjustments: []ports.AdjustmentRow{a}})
	clear(r.Body)
	clear(a.Body)
	t.wantRecall(ledger.KindReservation, map[ledger.UUID][]byte{id: keptR}, id)
	t.wantRecall(ledger.KindStock, map[ledger.UUID][]byte{id: keptA}, id)
}

func writeCancelled(t *tablesTest) {
	cancelled, cancel := context.WithCancel(t.ctx)
	cancel()
	e := t.event(1)
	if err := t.writer.Write(cancelled, ports.Rows{Events: []ports.EventRow{e}}); err == nil {
		t.Fatal("Write with a cancelled context gave nil")
	}
	t.write(ports.Rows{Events: []ports.EventRow{e}})
	t.wantEvents("AMS-1", farFuture, e)
}

func writeOtherZone(t *tablesTest) {
	early, late := t.level("2026-W48", 1), t.level("2026-W48", 2)
	late.At = late.At.In(zoneWest)
	e := t.event(1)
	e.OccurredAt = e.OccurredAt.In(zoneWest)
	t.write(ports.Rows{Levels: []ports.LevelRow{late}, Events: []ports.EventRow{e}})
	t.write(ports.Rows{Levels: []ports.LevelRow{early}, Events: []ports.EventRow{e}})
	t.wantLevels(1, late)
	t.wantEvents("AMS-1", t.at(1), e)
	t.wantEvents("AMS-1", t.at(0))
}

// zoneWest is a time zone in which the base is on another day.
var zoneWest = time.FixedZone("west", -9*60*60)
