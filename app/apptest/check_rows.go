package apptest

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/ports"
)

// forever is after everything that happens in a history.
var forever = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// checkRows proves that the tables hold what follows from the journals, and nothing else.
func (v *view) checkRows(ctx context.Context) {
	want := ports.Rows{}
	for _, l := range v.ledgers {
		rows, err := relay.Derive(l.id, l.entries)
		if err != nil {
			v.found.add("%s: deriving its rows: %v", l.id, err)
			return
		}
		want.Events = append(want.Events, rows.Events...)
		want.Levels = append(want.Levels, rows.Levels...)
		want.Reservations = append(want.Reservations, rows.Reservations...)
		want.Adjustments = append(want.Adjustments, rows.Adjustments...)
	}
	store := v.h.c.slots[0].store
	for _, w := range append(warehouses[:len(warehouses):len(warehouses)], added) {
		for _, sku := range skus {
			v.checkEvents(ctx, store, sku, string(w.ID), want.Events)
			v.checkLevels(ctx, store, sku, string(w.ID), want.Levels)
		}
	}
	v.checkReservations(ctx, store, want.Reservations)
	v.checkAdjustments(ctx, store, want.Adjustments)
}

func (v *view) checkEvents(ctx context.Context, books ports.Books, sku, warehouse string, all []ports.EventRow) {
	var want, got []ports.EventRow
	for _, r := range all {
		if r.SKU == sku && r.WarehouseID == warehouse {
			want = append(want, r)
		}
	}
	err := books.Events(ctx, sku, warehouse, forever, func(r ports.EventRow) error {
		got = append(got, r)
		return nil
	})
	compare := func(a, b ports.EventRow) int {
		return cmp.Or(a.OccurredAt.Compare(b.OccurredAt), bytes.Compare(a.EventID[:], b.EventID[:]))
	}
	slices.SortFunc(want, compare)
	slices.SortFunc(got, compare)
	same := slices.EqualFunc(want, got, func(a, b ports.EventRow) bool {
		at := a.OccurredAt.Equal(b.OccurredAt)
		a.OccurredAt, b.OccurredAt = time.Time{}, time.Time{}
		return at && a == b
	})
	if err != nil || !same {
		v.found.add("events of %s in %s: %d found, %d by the journal, same: %t, %v", sku, warehouse, len(got), len(want), same, err)
	}
}

func (v *view) checkLevels(ctx context.Context, books ports.Books, sku, warehouse string, all []ports.LevelRow) {
	var want []ports.LevelRow
	for _, r := range all {
		if r.SKU == sku && r.WarehouseID == warehouse {
			want = append(want, r)
		}
	}
	slices.SortFunc(want, func(a, b ports.LevelRow) int { return cmp.Compare(b.ISOWeek, a.ISOWeek) })
	got, err := books.Levels(ctx, sku, warehouse, 1000)
	same := slices.EqualFunc(want, got, func(a, b ports.LevelRow) bool {
		at := a.At.Equal(b.At)
		a.At, b.At = time.Time{}, time.Time{}
		return at && a == b
	})
	if err != nil || !same {
		v.found.add("levels of %s in %s: found %+v, by the journal %+v, %v", sku, warehouse, got, want, err)
	}
}

func (v *view) checkReservations(ctx context.Context, books ports.Books, all []ports.ReservationRow) {
	want := map[ledger.UUID]ports.ReservationRow{}
	for _, r := range all {
		want[r.ReservationID] = r
	}
	for id := range v.orders {
		key := reservation.IDOf(id)
		got, ok, err := books.Reservation(ctx, key)
		w, wanted := want[key]
		if err != nil || ok != wanted {
			v.found.add("row of order %s: found: %t, by the journal: %t, %v", id, ok, wanted, err)
			continue
		}
		same := got.Status == w.Status && got.Items == w.Items && got.Version == w.Version && got.OrderID == w.OrderID &&
			got.At.Equal(w.At) && got.ExpiresAt.Equal(w.ExpiresAt) && bytes.Equal(got.Body, w.Body)
		if !same {
			v.found.add("row of order %s: found %+v, by the journal %+v", id, got, w)
		}
	}
}

func (v *view) checkAdjustments(ctx context.Context, archive ports.Archive, all []ports.AdjustmentRow) {
	keys := make([]ledger.UUID, 0, len(all))
	for _, r := range all {
		keys = append(keys, r.ID)
	}
	for part := range slices.Chunk(keys, 200) {
		got, err := archive.Recall(ctx, ledger.KindStock, part)
		if err != nil {
			v.found.add("rows of adjustments: %v", err)
			return
		}
		for _, r := range all {
			if body, ok := got[r.ID]; slices.Contains(part, r.ID) && (!ok || !bytes.Equal(body, r.Body)) {
				v.found.add("row of adjustment %s of %s: found: %t, same: %t", r.Key, r.Actor, ok, ok && bytes.Equal(body, r.Body))
			}
		}
	}
}
