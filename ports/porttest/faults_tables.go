package porttest

import (
	"bytes"
	"context"
	"slices"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// faultyTables is a TablesStore whose calls Faults decides about.
type faultyTables struct {
	faults *Faults
	store  TablesStore
}

// Tables decorates a store with f's faults.
func (f *Faults) Tables(store TablesStore) TablesStore { return &faultyTables{f, store} }

// Write implements ports.Tables.
func (t *faultyTables) Write(ctx context.Context, rows ports.Rows) error {
	own := cloneRows(rows)
	_, err := faultyWrite(ctx, t.faults, Call{Op: OpWrite}, func(ctx context.Context) (nothing, error) {
		return nothing{}, t.store.Write(ctx, own)
	})
	return err
}

// cloneRows copies what the caller may change after the call.
func cloneRows(rows ports.Rows) ports.Rows {
	own := ports.Rows{
		Events:       slices.Clone(rows.Events),
		Levels:       slices.Clone(rows.Levels),
		Reservations: slices.Clone(rows.Reservations),
		Adjustments:  slices.Clone(rows.Adjustments),
		Outbox:       slices.Clone(rows.Outbox),
	}
	for i := range own.Reservations {
		own.Reservations[i].Body = bytes.Clone(own.Reservations[i].Body)
	}
	for i := range own.Adjustments {
		own.Adjustments[i].Body = bytes.Clone(own.Adjustments[i].Body)
	}
	return own
}

// Recall implements ports.Archive.
func (t *faultyTables) Recall(ctx context.Context, kind ledger.Kind, keys []ledger.UUID) (map[ledger.UUID][]byte, error) {
	return faultyRead(ctx, t.faults, Call{Op: OpRecall}, func(ctx context.Context, _ bool) (map[ledger.UUID][]byte, error) {
		return t.store.Recall(ctx, kind, keys)
	})
}

// Events implements ports.Books.
func (t *faultyTables) Events(ctx context.Context, sku, warehouseID string, upto time.Time, take func(ports.EventRow) error) error {
	call := Call{Op: OpEvents}
	_, err := faultyRead(ctx, t.faults, call, func(ctx context.Context, midway bool) (nothing, error) {
		if midway {
			take = failAfterFirst(call, take)
		}
		return nothing{}, t.store.Events(ctx, sku, warehouseID, upto, take)
	})
	return err
}

// EventsBetween implements ports.Books.
func (t *faultyTables) EventsBetween(ctx context.Context, sku, warehouseID string, after, upto time.Time, take func(ports.EventRow) error) error {
	call := Call{Op: OpEvents}
	_, err := faultyRead(ctx, t.faults, call, func(ctx context.Context, midway bool) (nothing, error) {
		if midway {
			take = failAfterFirst(call, take)
		}
		return nothing{}, t.store.EventsBetween(ctx, sku, warehouseID, after, upto, take)
	})
	return err
}

// Levels implements ports.Books.
func (t *faultyTables) Levels(ctx context.Context, sku, warehouseID string, limit int) ([]ports.LevelRow, error) {
	return faultyRead(ctx, t.faults, Call{Op: OpLevels}, func(ctx context.Context, _ bool) ([]ports.LevelRow, error) {
		return t.store.Levels(ctx, sku, warehouseID, limit)
	})
}

// Reservation implements ports.Books.
func (t *faultyTables) Reservation(ctx context.Context, id ledger.UUID) (row ports.ReservationRow, ok bool, err error) {
	type answer struct {
		row ports.ReservationRow
		ok  bool
	}
	a, err := faultyRead(ctx, t.faults, Call{Op: OpReservation}, func(ctx context.Context, _ bool) (a answer, err error) {
		a.row, a.ok, err = t.store.Reservation(ctx, id)
		return a, err
	})
	return a.row, a.ok, err
}

// Pending implements ports.Outbox.
func (t *faultyTables) Pending(ctx context.Context, id ledger.ID, above int64, limit int) ([]ports.OutboxRow, error) {
	return faultyRead(ctx, t.faults, Call{OpPending, id}, func(ctx context.Context, _ bool) ([]ports.OutboxRow, error) {
		return t.store.Pending(ctx, id, above, limit)
	})
}

// Published implements ports.Outbox.
func (t *faultyTables) Published(ctx context.Context, id ledger.ID) (int64, error) {
	return faultyRead(ctx, t.faults, Call{OpPublished, id}, func(ctx context.Context, _ bool) (int64, error) {
		return t.store.Published(ctx, id)
	})
}

// NotePublished implements ports.Outbox.
func (t *faultyTables) NotePublished(ctx context.Context, id ledger.ID, version int64) error {
	_, err := faultyWrite(ctx, t.faults, Call{OpNotePublished, id}, func(ctx context.Context) (nothing, error) {
		return nothing{}, t.store.NotePublished(ctx, id, version)
	})
	return err
}
