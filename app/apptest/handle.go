package apptest

import (
	"context"
	"time"

	"inventory/app"
	"inventory/domain/ledger"
	"inventory/ports"
	"inventory/ports/porttest"
)

// handle is a process's store: its link, below it the faults, below them the chronicle
// and the store.
type handle struct {
	link      *link
	journal   porttest.JournalStore
	tables    porttest.TablesStore
	directory ports.Directory
	members   ports.Members
}

var _ app.Store = (*handle)(nil)

type none = struct{}

func onlyError(err error) (none, error) { return none{}, err }

// Head implements ports.Journal.
func (h *handle) Head(ctx context.Context, id ledger.ID) (ports.Head, error) {
	return through(ctx, h.link, func() (ports.Head, error) { return h.journal.Head(ctx, id) })
}

// TakeOver implements ports.Journal.
func (h *handle) TakeOver(ctx context.Context, id ledger.ID, owner string, seen ports.Head) (ports.Head, error) {
	return through(ctx, h.link, func() (ports.Head, error) { return h.journal.TakeOver(ctx, id, owner, seen) })
}

// Commit implements ports.Journal.
func (h *handle) Commit(ctx context.Context, id ledger.ID, c ports.Commit) error {
	_, err := through(ctx, h.link, func() (none, error) { return onlyError(h.journal.Commit(ctx, id, c)) })
	return err
}

// Trim implements ports.Journal.
func (h *handle) Trim(ctx context.Context, id ledger.ID, t ports.Trim) error {
	_, err := through(ctx, h.link, func() (none, error) { return onlyError(h.journal.Trim(ctx, id, t)) })
	return err
}

// Entries implements ports.JournalReader.
func (h *handle) Entries(ctx context.Context, id ledger.ID, after, upto int64, settled bool, take func(ports.Record) error) error {
	_, err := through(ctx, h.link, func() (none, error) {
		return onlyError(h.journal.Entries(ctx, id, after, upto, settled, take))
	})
	return err
}

// WriteSnapshot implements ports.Snapshots.
func (h *handle) WriteSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef, chunks [][]byte) error {
	_, err := through(ctx, h.link, func() (none, error) { return onlyError(h.journal.WriteSnapshot(ctx, id, ref, chunks)) })
	return err
}

// ReadSnapshot implements ports.Snapshots.
func (h *handle) ReadSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef) ([]byte, error) {
	return through(ctx, h.link, func() ([]byte, error) { return h.journal.ReadSnapshot(ctx, id, ref) })
}

// DropSnapshot implements ports.Snapshots.
func (h *handle) DropSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef) error {
	_, err := through(ctx, h.link, func() (none, error) { return onlyError(h.journal.DropSnapshot(ctx, id, ref)) })
	return err
}

// Write implements ports.Tables.
func (h *handle) Write(ctx context.Context, rows ports.Rows) error {
	_, err := through(ctx, h.link, func() (none, error) { return onlyError(h.tables.Write(ctx, rows)) })
	return err
}

// Recall implements ports.Archive. Now and then the answer is slow, so that the records
// asked about live on meanwhile.
func (h *handle) Recall(ctx context.Context, kind ledger.Kind, keys []ledger.UUID) (map[ledger.UUID][]byte, error) {
	return through(ctx, h.link, func() (map[ledger.UUID][]byte, error) {
		found, err := h.tables.Recall(ctx, kind, keys)
		if c := h.link.process.slot.c; c.dice.chance(c.slowRecall()) {
			if err := c.pause(ctx, c.dice.upto(6*c.cfg.Lease)); err != nil {
				return nil, err
			}
		}
		return found, err
	})
}

// Events implements ports.Books.
func (h *handle) Events(ctx context.Context, sku, warehouseID string, upto time.Time, take func(ports.EventRow) error) error {
	_, err := through(ctx, h.link, func() (none, error) { return onlyError(h.tables.Events(ctx, sku, warehouseID, upto, take)) })
	return err
}

// EventsBetween implements ports.Books.
func (h *handle) EventsBetween(ctx context.Context, sku, warehouseID string, after, upto time.Time, take func(ports.EventRow) error) error {
	_, err := through(ctx, h.link, func() (none, error) {
		return onlyError(h.tables.EventsBetween(ctx, sku, warehouseID, after, upto, take))
	})
	return err
}

// Levels implements ports.Books.
func (h *handle) Levels(ctx context.Context, sku, warehouseID string, limit int) ([]ports.LevelRow, error) {
	return through(ctx, h.link, func() ([]ports.LevelRow, error) { return h.tables.Levels(ctx, sku, warehouseID, limit) })
}

// Reservation implements ports.Books.
func (h *handle) Reservation(ctx context.Context, id ledger.UUID) (row ports.ReservationRow, ok bool, err error) {
	row, err = through(ctx, h.link, func() (ports.ReservationRow, error) {
		var row ports.ReservationRow
		var err error
		row, ok, err = h.tables.Reservation(ctx, id)
		return row, err
	})
	return row, ok, err
}

// Warehouses implements ports.Directory.
func (h *handle) Warehouses(ctx context.Context) ([]ports.WarehouseRecord, error) {
	return through(ctx, h.link, func() ([]ports.WarehouseRecord, error) { return h.directory.Warehouses(ctx) })
}

// PutWarehouse implements ports.Directory.
func (h *handle) PutWarehouse(ctx context.Context, w ports.WarehouseRecord) (ports.WarehouseRecord, error) {
	var stored ports.WarehouseRecord
	_, err := through(ctx, h.link, func() (none, error) {
		var err error
		stored, err = h.directory.PutWarehouse(ctx, w) // a conflict gives what is stored
		return none{}, err
	})
	return stored, err
}

// ReservationLedgers implements ports.Directory.
func (h *handle) ReservationLedgers(ctx context.Context, region string, want int) (int, error) {
	return through(ctx, h.link, func() (int, error) { return h.directory.ReservationLedgers(ctx, region, want) })
}

// Beat implements ports.Members.
func (h *handle) Beat(ctx context.Context, m ports.Member) error {
	_, err := through(ctx, h.link, func() (none, error) { return onlyError(h.members.Beat(ctx, m)) })
	return err
}

// Members implements ports.Members.
func (h *handle) Members(ctx context.Context) ([]ports.Member, error) {
	return through(ctx, h.link, func() ([]ports.Member, error) { return h.members.Members(ctx) })
}

// Leave implements ports.Members.
func (h *handle) Leave(ctx context.Context, id string) error {
	_, err := through(ctx, h.link, func() (none, error) { return onlyError(h.members.Leave(ctx, id)) })
	return err
}

// Pending implements ports.Outbox.
func (h *handle) Pending(ctx context.Context, id ledger.ID, above int64, limit int) ([]ports.OutboxRow, error) {
	return through(ctx, h.link, func() ([]ports.OutboxRow, error) { return h.tables.Pending(ctx, id, above, limit) })
}

// Published implements ports.Outbox.
func (h *handle) Published(ctx context.Context, id ledger.ID) (int64, error) {
	return through(ctx, h.link, func() (int64, error) { return h.tables.Published(ctx, id) })
}

// NotePublished implements ports.Outbox.
func (h *handle) NotePublished(ctx context.Context, id ledger.ID, version int64) error {
	_, err := through(ctx, h.link, func() (none, error) { return onlyError(h.tables.NotePublished(ctx, id, version)) })
	return err
}
