package porttest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"inventory/domain/ledger"
	"inventory/ports"
)

// JournalStore is what the suite Journal runs on.
type JournalStore interface {
	ports.Journal
	ports.JournalReader
	ports.Snapshots
}

// Journal proves that a store keeps the contracts of ports.Journal, ports.JournalReader
// and ports.Snapshots. Each call of open gives a handle on the same store, as another
// process would have it where the adapter can do that, or the same handle again; the
// suite leaves other ledgers of the store alone.
func Journal(t *testing.T, open func(t *testing.T) JournalStore) {
	groups := map[string]map[string]func(*journalTest){
		"owner":    ownerTests,
		"commit":   commitTests,
		"entries":  entriesTests,
		"trim":     trimTests,
		"snapshot": snapshotTests,
		"race":     journalRaces,
	}
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		tests := groups[group]
		for _, name := range slices.Sorted(maps.Keys(tests)) {
			t.Run(group+"/"+name, func(t *testing.T) { tests[name](newJournalTest(t, open)) })
		}
	}
}

// journalTest is one test of the suite: two handles on a store, and a ledger that is new
// in it.
type journalTest struct {
	*testing.T
	ctx    context.Context
	stores [2]JournalStore
	store  JournalStore // the first handle
	id     ledger.ID
}

func newJournalTest(t *testing.T, open func(t *testing.T) JournalStore) *journalTest {
	s := [2]JournalStore{open(t), open(t)}
	return &journalTest{T: t, ctx: t.Context(), stores: s, store: s[0], id: ledger.StockID(unique("porttest"), 0)}
}

// head reads the ledger's head.
func (t *journalTest) head() ports.Head {
	t.Helper()
	var head ports.Head
	must(t.T, "Head", func() (err error) {
		head, err = t.store.Head(t.ctx, t.id)
		return err
	})
	return head
}

// wantHead fails the test unless the ledger's head is want, through both handles.
func (t *journalTest) wantHead(want ports.Head) {
	t.Helper()
	for i, s := range t.stores {
		var head ports.Head
		must(t.T, "Head", func() (err error) {
			head, err = s.Head(t.ctx, t.id)
			return err
		})
		if head != want {
			t.Fatalf("handle %d: head is\n %+v, want\n %+v", i, head, want)
		}
	}
}

// takeOver takes the ledger over from whoever has it.
func (t *journalTest) takeOver(owner string) *scribe {
	t.Helper()
	seen := t.head()
	s := &scribe{t: t, store: t.store}
	must(t.T, "TakeOver", func() (err error) {
		s.head, err = t.store.TakeOver(t.ctx, t.id, owner, seen)
		return err
	})
	return s
}

// entries reads entries above after and up to upto.
func (t *journalTest) entries(after, upto int64, settled bool) ([]ports.Record, error) {
	var got []ports.Record
	err := settle(func() error {
		got = nil
		return t.store.Entries(t.ctx, t.id, after, upto, settled, func(r ports.Record) error {
			got = append(got, r)
			return nil
		})
	})
	return got, err
}

// wantEntries fails the test unless exactly want is read above after up to upto.
func (t *journalTest) wantEntries(after, upto int64, want []ports.Record) {
	t.Helper()
	for _, settled := range []bool{true, false} {
		got, err := t.entries(after, upto, settled)
		if err != nil {
			t.Fatalf("Entries above %d up to %d, settled %t: %v", after, upto, settled, err)
		}
		t.sameEntries(got, want)
	}
}

func (t *journalTest) sameEntries(got, want []ports.Record) {
	t.Helper()
	for i, r := range got {
		if i >= len(want) {
			t.Fatalf("got entry %d after the last one wanted", r.Version)
		}
		if w := want[i]; r.Version != w.Version || r.Commit != w.Commit || !bytes.Equal(r.Body, w.Body) {
			t.Fatalf("got entry %d of commit %v with %d bytes, want entry %d of commit %v with %d bytes",
				r.Version, r.Commit, len(r.Body), w.Version, w.Commit, len(w.Body))
		}
	}
	if len(got) < len(want) {
		t.Fatalf("got %d entries, want %d", len(got), len(want))
	}
}

// scribe is an owner that does nothing but write: it knows the head that its last write
// left behind.
type scribe struct {
	t     *journalTest
	store JournalStore
	head  ports.Head
	wrote []ports.Record
}

// next returns a commit that would append body as the next entry.
func (s *scribe) next(body []byte) ports.Commit {
	c := s.renewal()
	c.Entry = &ports.Record{Version: c.Version + 1, Commit: newUUID(), Body: body}
	return c
}

// renewal returns a commit without an entry that would move the lease.
func (s *scribe) renewal() ports.Commit {
	return ports.Commit{Epoch: s.head.Epoch, Version: s.head.Version, Lease: s.head.Lease + 1, Relayed: s.head.Relayed}
}

// commit makes a commit that must succeed.
func (s *scribe) commit(c ports.Commit) {
	s.t.Helper()
	must(s.t.T, "Commit", func() error { return s.store.Commit(s.t.ctx, s.t.id, c) })
	s.head.Lease, s.head.Relayed = c.Lease, c.Relayed
	if c.Entry != nil {
		s.head.Version = c.Entry.Version
		s.wrote = append(s.wrote, *c.Entry)
	}
	if c.Resign {
		s.head.Owner = ""
	}
}

// refused makes a commit that must be a conflict.
func (s *scribe) refused(what string, c ports.Commit) {
	s.t.Helper()
	mustFail(s.t.T, what, ports.ErrConflict, func() error { return s.store.Commit(s.t.ctx, s.t.id, c) })
}

// append commits n small entries.
func (s *scribe) append(n int) {
	s.t.Helper()
	for range n {
		s.commit(s.next(fmt.Appendf(nil, "entry %d", s.head.Version+1)))
	}
}

// trim makes a trim that must succeed.
func (s *scribe) trim(tr ports.Trim) {
	s.t.Helper()
	must(s.t.T, "Trim", func() error { return s.store.Trim(s.t.ctx, s.t.id, tr) })
	s.head.Snapshot, s.head.Trimmed = tr.Snapshot, tr.Upto
}
