package porttest

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"

	"inventory/ports"
)

// Sizes of entries in bytes: every store takes largeEntry, none has to take hugeEntry.
const (
	largeEntry = 1 << 20
	hugeEntry  = 17 << 20
)

var commitTests = map[string]func(*journalTest){
	"versions are gapless from 1":                              versionsAreGapless,
	"a wrong version conflicts":                                wrongVersion,
	"a wrong epoch conflicts":                                  wrongEpoch,
	"a ledger without an owner takes none":                     noOwner,
	"a repeat gives nil":                                       repeatAtOnce,
	"a repeat after later entries gives nil and moves nothing": repeatAfterLater,
	"a repeat under a raised epoch gives nil":                  repeatAfterTakeOver,
	"another commit id at a taken version conflicts":           otherCommitID,
	"a renewal moves lease and relayed only":                   renewalMoves,
	"a renewal at a wrong version conflicts":                   renewalAtWrongVersion,
	"what would move the lease back conflicts":                 leaseBack,
	"an entry moves lease and relayed with it":                 entryMovesLease,
	"bodies of any bytes up to 1 MiB":                          bodies,
	"an entry is taken whole or refused as too large":          hugeBody,
	"the caller may use its buffer again":                      bufferReuse,
	"a cancelled call is an error and tears nothing":           cancelledCommit,
}

func versionsAreGapless(t *journalTest) {
	a := t.takeOver("a")
	for n := int64(1); n <= 5; n++ {
		a.append(1)
		if a.head.Version != n {
			t.Fatalf("version is %d after %d entries", a.head.Version, n)
		}
		t.wantHead(a.head)
	}
	t.wantEntries(0, 5, a.wrote)
}

func wrongVersion(t *journalTest) {
	a := t.takeOver("a")
	a.append(3)
	for _, version := range []int64{0, 2, 4, 100} {
		c := a.next([]byte("misplaced"))
		c.Version = version
		c.Entry.Version = version + 1
		a.refused("Commit at a wrong version", c)
	}
	t.wantHead(a.head)
	t.wantEntries(0, 3, a.wrote)
}

func wrongEpoch(t *journalTest) {
	a := t.takeOver("a")
	a.append(1)
	for _, epoch := range []int64{a.head.Epoch - 1, a.head.Epoch + 1} {
		c := a.next([]byte("not mine"))
		c.Epoch = epoch
		a.refused("Commit under a wrong epoch", c)
		c = a.renewal()
		c.Epoch = epoch
		a.refused("renewal under a wrong epoch", c)
	}
	t.wantHead(a.head)
	t.wantEntries(0, 1, a.wrote)
}

func noOwner(t *journalTest) {
	s := &scribe{t: t, store: t.store, head: ports.Head{Epoch: 1}}
	s.refused("Commit to a ledger that is not there", s.next([]byte("x")))
	s.refused("renewal of a ledger that is not there", s.renewal())
	t.wantHead(ports.Head{})
}

func repeatAtOnce(t *journalTest) {
	a := t.takeOver("a")
	a.append(1)
	c := a.next([]byte("twice"))
	a.commit(c)
	for _, s := range t.stores {
		must(t.T, "the same Commit again", func() error { return s.Commit(t.ctx, t.id, c) })
	}
	t.wantHead(a.head)
	t.wantEntries(0, 2, a.wrote)
}

func repeatAfterLater(t *journalTest) {
	a := t.takeOver("a")
	c := a.next([]byte("first"))
	a.commit(c)
	a.append(2)
	r := a.renewal()
	r.Relayed = 3
	a.commit(r)
	must(t.T, "the first Commit again", func() error { return t.store.Commit(t.ctx, t.id, c) })
	t.wantHead(a.head)
	t.wantEntries(0, 3, a.wrote)
}

func repeatAfterTakeOver(t *journalTest) {
	a := t.takeOver("a")
	c := a.next([]byte("mine"))
	a.commit(c)
	b := t.takeOver("b")
	must(t.T, "a's Commit again under b", func() error { return t.store.Commit(t.ctx, t.id, c) })
	t.wantHead(b.head)
	b.append(1)
	must(t.T, "a's Commit again after b's", func() error { return t.store.Commit(t.ctx, t.id, c) })
	t.wantHead(b.head)
	t.wantEntries(0, 2, append(a.wrote, b.wrote...))
}

func otherCommitID(t *journalTest) {
	a := t.takeOver("a")
	c := a.next([]byte("mine"))
	a.commit(c)
	other := *c.Entry
	other.Commit = newUUID()
	c.Entry = &other
	a.refused("Commit of a taken version", c)
	t.wantHead(a.head)
	t.wantEntries(0, 1, a.wrote)
}

func renewalMoves(t *journalTest) {
	a := t.takeOver("a")
	a.append(3)
	c := a.renewal()
	c.Lease, c.Relayed = c.Lease+41, 2
	a.commit(c)
	t.wantHead(a.head)
	a.commit(c) // the same again
	t.wantHead(a.head)
	t.wantEntries(0, 3, a.wrote)
}

func renewalAtWrongVersion(t *journalTest) {
	a := t.takeOver("a")
	a.append(3)
	for _, version := range []int64{0, 2, 4} {
		c := a.renewal()
		c.Version = version
		a.refused("renewal at a wrong version", c)
	}
	t.wantHead(a.head)
}

// A write that lands late must not make an owner look as it did when somebody thought it dead.
func leaseBack(t *journalTest) {
	a := t.takeOver("a")
	c := a.renewal()
	c.Lease = 5
	a.commit(c)
	for _, back := range []ports.Commit{a.renewal(), a.next([]byte("late"))} {
		back.Lease = 4
		a.refused("Commit that would move the lease back", back)
	}
	t.wantHead(a.head)
	c = a.renewal()
	c.Lease = a.head.Lease
	a.commit(c) // it may stand still
	t.wantHead(a.head)
}

func entryMovesLease(t *journalTest) {
	a := t.takeOver("a")
	a.append(2)
	c := a.next([]byte("x"))
	c.Lease, c.Relayed = c.Lease+7, 2
	a.commit(c)
	t.wantHead(a.head)
}

func bodies(t *journalTest) {
	a := t.takeOver("a")
	large := make([]byte, largeEntry)
	chacha := rand.NewChaCha8([32]byte{1})
	_, _ = chacha.Read(large)
	for _, body := range [][]byte{nil, {}, {0}, {0, 0xff, '\'', 0}, large, []byte("after the large one")} {
		a.commit(a.next(body))
	}
	t.wantHead(a.head)
	t.wantEntries(0, 6, a.wrote)
}

func hugeBody(t *journalTest) {
	a := t.takeOver("a")
	c := a.next(make([]byte, hugeEntry))
	err := settle(func() error { return t.store.Commit(t.ctx, t.id, c) })
	switch {
	case err == nil:
		a.commit(c)
	case !errors.Is(err, ports.ErrPermanent):
		t.Fatalf("Commit of %d bytes: got error %v, want nil or %v", hugeEntry, err, ports.ErrPermanent)
	}
	t.wantHead(a.head)
	a.append(1)
	t.wantEntries(0, a.head.Version, a.wrote)
}

func bufferReuse(t *journalTest) {
	a := t.takeOver("a")
	buf := []byte("the first body")
	kept := bytes.Clone(buf)
	c := a.next(buf)
	must(t.T, "Commit", func() error { return t.store.Commit(t.ctx, t.id, c) })
	copy(buf, "overwritten!!!")
	t.wantEntries(0, 1, []ports.Record{{Version: 1, Commit: c.Entry.Commit, Body: kept}})
}

func cancelledCommit(t *journalTest) {
	a := t.takeOver("a")
	a.append(1)
	cancelled, cancel := context.WithCancel(t.ctx)
	cancel()
	c := a.next([]byte("cancelled"))
	if err := t.store.Commit(cancelled, t.id, c); err == nil {
		t.Fatal("Commit with a cancelled context gave nil")
	}
	a.commit(c) // settles it: in once, whatever became of the first call
	t.wantHead(a.head)
	t.wantEntries(0, 2, a.wrote)
}
