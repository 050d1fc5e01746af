package porttest

import (
	"bytes"
	"context"

	"inventory/domain/ledger"
	"inventory/ports"
)

// faultyJournal is a JournalStore whose calls Faults decides about.
type faultyJournal struct {
	faults *Faults
	store  JournalStore
}

// Journal decorates a store with f's faults.
func (f *Faults) Journal(store JournalStore) JournalStore { return &faultyJournal{f, store} }

// nothing is the answer of calls that give only an error.
type nothing = struct{}

// Head implements ports.Journal.
func (j *faultyJournal) Head(ctx context.Context, id ledger.ID) (ports.Head, error) {
	return faultyRead(ctx, j.faults, Call{OpHead, id}, func(ctx context.Context, _ bool) (ports.Head, error) {
		return j.store.Head(ctx, id)
	})
}

// TakeOver implements ports.Journal.
func (j *faultyJournal) TakeOver(ctx context.Context, id ledger.ID, owner string, seen ports.Head) (ports.Head, error) {
	return faultyWrite(ctx, j.faults, Call{OpTakeOver, id}, func(ctx context.Context) (ports.Head, error) {
		return j.store.TakeOver(ctx, id, owner, seen)
	})
}

// Commit implements ports.Journal.
func (j *faultyJournal) Commit(ctx context.Context, id ledger.ID, c ports.Commit) error {
	if c.Entry != nil {
		own := *c.Entry
		own.Body = bytes.Clone(own.Body)
		c.Entry = &own
	}
	_, err := faultyWrite(ctx, j.faults, Call{OpCommit, id}, func(ctx context.Context) (nothing, error) {
		return nothing{}, j.store.Commit(ctx, id, c)
	})
	return err
}

// Trim implements ports.Journal.
func (j *faultyJournal) Trim(ctx context.Context, id ledger.ID, t ports.Trim) error {
	_, err := faultyWrite(ctx, j.faults, Call{OpTrim, id}, func(ctx context.Context) (nothing, error) {
		return nothing{}, j.store.Trim(ctx, id, t)
	})
	return err
}

// Entries implements ports.JournalReader.
func (j *faultyJournal) Entries(ctx context.Context, id ledger.ID, after, upto int64, settled bool, take func(ports.Record) error) error {
	call := Call{OpEntries, id}
	_, err := faultyRead(ctx, j.faults, call, func(ctx context.Context, midway bool) (nothing, error) {
		if midway {
			take = failAfterFirst(call, take)
		}
		return nothing{}, j.store.Entries(ctx, id, after, upto, settled, take)
	})
	return err
}

// WriteSnapshot implements ports.Snapshots.
func (j *faultyJournal) WriteSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef, chunks [][]byte) error {
	own := make([][]byte, len(chunks))
	for i, c := range chunks {
		own[i] = bytes.Clone(c)
	}
	_, err := faultyWrite(ctx, j.faults, Call{OpWriteSnapshot, id}, func(ctx context.Context) (nothing, error) {
		return nothing{}, j.store.WriteSnapshot(ctx, id, ref, own)
	})
	return err
}

// ReadSnapshot implements ports.Snapshots.
func (j *faultyJournal) ReadSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef) ([]byte, error) {
	return faultyRead(ctx, j.faults, Call{OpReadSnapshot, id}, func(ctx context.Context, _ bool) ([]byte, error) {
		return j.store.ReadSnapshot(ctx, id, ref)
	})
}

// DropSnapshot implements ports.Snapshots.
func (j *faultyJournal) DropSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef) error {
	_, err := faultyWrite(ctx, j.faults, Call{OpDropSnapshot, id}, func(ctx context.Context) (nothing, error) {
		return nothing{}, j.store.DropSnapshot(ctx, id, ref)
	})
	return err
}
