package cassandra_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"

	"inventory/adapters/cassandra"
	"inventory/domain/ledger"
	"inventory/ports"
)

func newUUID() (u ledger.UUID) {
	rand.Read(u[:])
	return u
}

// owner writes to a ledger of its own.
type owner struct {
	*testing.T
	store *cassandra.Store
	id    ledger.ID
	head  ports.Head
}

// newOwner owns a new ledger.
func newOwner(t *testing.T, s *cassandra.Store) *owner {
	t.Helper()
	o := &owner{T: t, store: s, id: ledger.StockID("test-"+rand.Text(), 0)}
	o.takeOver("first", ports.Head{})
	return o
}

// by is the same ledger seen by another process.
func (o *owner) by(s *cassandra.Store) *owner {
	other := *o
	other.store = s
	return &other
}

func (o *owner) takeOver(name string, seen ports.Head) {
	o.Helper()
	o.must(func() (err error) {
		o.head, err = o.store.TakeOver(o.Context(), o.id, name, seen)
		return err
	})
}

// must makes an idempotent call until its outcome is known, which must be good.
func (o *owner) must(call func() error) {
	o.Helper()
	if err := settle(o.Context(), call); err != nil {
		o.Fatal(err)
	}
}

// settle makes a call until its outcome is known, or the context is done.
func settle(ctx context.Context, call func() error) error {
	for {
		err := call()
		if c := ports.ClassOf(err); c != ports.Unknown && c != ports.Transient || ctx.Err() != nil {
			return err
		}
	}
}

func (o *owner) wantError(err, want error) {
	o.Helper()
	if !errors.Is(err, want) {
		o.Fatalf("got error %v, want %v", err, want)
	}
}

// next is the commit of a next entry.
func (o *owner) next() ports.Commit {
	c := o.renewal()
	c.Entry = &ports.Record{Version: c.Version + 1, Commit: newUUID(), Body: fmt.Appendf(nil, "entry %d", c.Version+1)}
	return c
}

func (o *owner) renewal() ports.Commit {
	return ports.Commit{Epoch: o.head.Epoch, Version: o.head.Version, Lease: o.head.Lease + 1, Relayed: o.head.Relayed}
}

func (o *owner) commit(c ports.Commit) {
	o.Helper()
	o.must(func() error { return o.store.Commit(o.Context(), o.id, c) })
	o.head.Lease, o.head.Relayed = c.Lease, c.Relayed
	if c.Entry != nil {
		o.head.Version = c.Entry.Version
	}
}

func (o *owner) append(n int) {
	o.Helper()
	for range n {
		o.commit(o.next())
	}
}

// snapshot is a trim to a snapshot of a version.
func (o *owner) snapshot(version, upto int64) ports.Trim {
	return ports.Trim{
		Epoch: o.head.Epoch, Upto: upto,
		Snapshot: ports.SnapshotRef{Version: version, Epoch: o.head.Epoch, Chunks: 1, Checksum: 7},
	}
}

func (o *owner) trim(tr ports.Trim) {
	o.Helper()
	o.must(func() error { return o.store.Trim(o.Context(), o.id, tr) })
	o.head.Snapshot, o.head.Trimmed = tr.Snapshot, tr.Upto
}

// wantHead fails the test unless the ledger is as this owner knows it.
func (o *owner) wantHead() {
	o.Helper()
	head, err := o.store.Head(o.Context(), o.id)
	if err != nil || head != o.head {
		o.Fatalf("head is\n %+v, %v, want\n %+v", head, err, o.head)
	}
}

// versions reads which entries there are, settled.
func (o *owner) versions(after, upto int64) (string, error) {
	var got []string
	err := o.store.Entries(o.Context(), o.id, after, upto, true, func(r ports.Record) error {
		got = append(got, fmt.Sprint(r.Version))
		return nil
	})
	return strings.Join(got, " "), err
}
