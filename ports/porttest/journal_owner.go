package porttest

import (
	"inventory/domain/ledger"
	"inventory/ports"
)

var ownerTests = map[string]func(*journalTest){
	"a ledger that nobody owned has the zero head":             headOfNothing,
	"the first take-over makes the ledger":                     firstTakeOver,
	"a take-over raises the epoch and keeps all else":          takeOverKeeps,
	"a take-over with a stale epoch conflicts":                 staleTakeOver,
	"a take-over of an owner that moved its lease conflicts":   takeOverOfTheLiving,
	"a take-over by a head older than resigning conflicts":     takeOverBeforeResigning,
	"a take-over of an epoch to come conflicts":                futureTakeOver,
	"a repeated take-over gives the same epoch":                repeatedTakeOver,
	"a repeat of a take-over that was overtaken":               overtakenTakeOver,
	"a repeat when the owner has come back meanwhile":          repeatInLaterEpoch,
	"nothing of an older epoch is applied":                     olderEpoch,
	"resigning empties the owner and nothing else":             resign,
	"resigning with an entry":                                  resignWithEntry,
	"a resigned ledger is taken over as any other":             takeOverResigned,
	"ledgers with names alike have nothing to do with another": namesAlike,
}

func headOfNothing(t *journalTest) { t.wantHead(ports.Head{}) }

func firstTakeOver(t *journalTest) {
	a := t.takeOver("a")
	if a.head.Epoch <= 0 {
		t.Fatalf("epoch is %d, want one above 0", a.head.Epoch)
	}
	want := ports.Head{Epoch: a.head.Epoch, Owner: "a", Lease: a.head.Lease}
	if a.head != want {
		t.Fatalf("TakeOver gave\n %+v, want\n %+v", a.head, want)
	}
	t.wantHead(want)
}

func takeOverKeeps(t *journalTest) {
	a := t.takeOver("a")
	a.append(5)
	c := a.renewal()
	c.Relayed = 4
	a.commit(c)
	a.trim(ports.Trim{Epoch: a.head.Epoch, Snapshot: ports.SnapshotRef{Version: 3, Epoch: a.head.Epoch, Chunks: 2, Checksum: 1<<32 - 1}, Upto: 2})
	b := t.takeOver("b")
	if b.head.Epoch <= a.head.Epoch {
		t.Fatalf("epoch went from %d to %d", a.head.Epoch, b.head.Epoch)
	}
	want := a.head
	want.Epoch, want.Owner, want.Lease = b.head.Epoch, "b", b.head.Lease
	if b.head != want {
		t.Fatalf("TakeOver gave\n %+v, want\n %+v", b.head, want)
	}
	t.wantHead(want)
}

func staleTakeOver(t *journalTest) {
	a := t.takeOver("a")
	b := t.takeOver("b")
	for _, seen := range []ports.Head{{}, a.head} {
		t.refused("TakeOver of an epoch gone by", seen)
	}
	t.wantHead(b.head)
}

// refused makes a take-over by c that must be a conflict.
func (t *journalTest) refused(what string, seen ports.Head) {
	t.Helper()
	mustFail(t.T, what, ports.ErrConflict, func() error {
		_, err := t.store.TakeOver(t.ctx, t.id, "c", seen)
		return err
	})
}

// An owner was seen, and thought dead: whatever it has done since shows that it isn't.
func takeOverOfTheLiving(t *journalTest) {
	a := t.takeOver("a")
	for _, sign := range []struct {
		of   string
		make func()
	}{
		{"its first renewal", func() { a.commit(a.renewal()) }},
		{"an entry", func() { a.append(1) }},
		{"a renewal", func() { a.commit(a.renewal()) }},
	} {
		seen := t.head()
		sign.make()
		t.refused("TakeOver of an owner after "+sign.of, seen)
		t.wantHead(a.head)
	}
	ahead := a.head
	ahead.Lease++
	t.refused("TakeOver with a lease to come", ahead)
	a.append(1)
	t.wantHead(a.head)
	b := t.takeOver("b") // by what is seen now
	b.append(1)
	t.wantHead(b.head)
	t.wantEntries(0, 3, append(a.wrote, b.wrote...))
}

func takeOverBeforeResigning(t *journalTest) {
	a := t.takeOver("a")
	a.append(1)
	seen := a.head
	c := a.renewal()
	c.Resign = true
	a.commit(c)
	t.refused("TakeOver by a head older than resigning", seen)
	t.wantHead(a.head)
	t.takeOver("b")
}

func futureTakeOver(t *journalTest) {
	for _, seen := range []ports.Head{{Epoch: 1}, {Lease: 1}} {
		t.refused("TakeOver of what is not there", seen)
	}
	t.wantHead(ports.Head{})
	a := t.takeOver("a")
	ahead := a.head
	ahead.Epoch++
	t.refused("TakeOver of an epoch to come", ahead)
	t.wantHead(a.head)
}

func repeatedTakeOver(t *journalTest) {
	a := t.takeOver("a")
	repeat := func(owner string, seen, want ports.Head) {
		t.Helper()
		for _, s := range t.stores {
			must(t.T, "the same TakeOver again", func() error {
				head, err := s.TakeOver(t.ctx, t.id, owner, seen)
				if err == nil && head != want {
					t.Fatalf("TakeOver again gave\n %+v, want\n %+v", head, want)
				}
				return err
			})
		}
		t.wantHead(want)
	}
	repeat("a", ports.Head{}, a.head)
	a.append(1)
	seen := a.head
	b := t.takeOver("b")
	repeat("b", seen, b.head)
	b.append(2)
	repeat("b", seen, b.head)
}

func overtakenTakeOver(t *journalTest) {
	t.takeOver("a")
	b := t.takeOver("b")
	mustFail(t.T, "a's TakeOver again", ports.ErrConflict, func() error {
		_, err := t.store.TakeOver(t.ctx, t.id, "a", ports.Head{})
		return err
	})
	t.wantHead(b.head)
}

// A repeat must not pass a later epoch of the same owner off as the one that it made:
// somebody else has owned the ledger in between.
func repeatInLaterEpoch(t *journalTest) {
	t.takeOver("a")
	t.takeOver("b")
	later := t.takeOver("a")
	mustFail(t.T, "a's first TakeOver again", ports.ErrConflict, func() error {
		_, err := t.store.TakeOver(t.ctx, t.id, "a", ports.Head{})
		return err
	})
	t.wantHead(later.head)
}

func olderEpoch(t *journalTest) {
	a := t.takeOver("a")
	a.append(2)
	b := t.takeOver("b")
	a.refused("Commit under an older epoch", a.next([]byte("late")))
	a.refused("renewal under an older epoch", a.renewal())
	resign := a.renewal()
	resign.Resign = true
	a.refused("resigning under an older epoch", resign)
	mustFail(t.T, "Trim under an older epoch", ports.ErrConflict, func() error {
		return t.store.Trim(t.ctx, t.id, ports.Trim{Epoch: a.head.Epoch, Snapshot: ports.SnapshotRef{Version: 2, Epoch: a.head.Epoch, Chunks: 1}, Upto: 2})
	})
	t.wantHead(b.head)
	t.wantEntries(0, 2, a.wrote)
}

func resign(t *journalTest) {
	a := t.takeOver("a")
	a.append(2)
	c := a.renewal()
	c.Resign, c.Relayed = true, 2
	a.commit(c)
	t.wantHead(a.head)
	a.commit(c) // the same again
	t.wantHead(a.head)
	t.wantEntries(0, 2, a.wrote)
}

func resignWithEntry(t *journalTest) {
	a := t.takeOver("a")
	c := a.next([]byte("last words"))
	c.Resign = true
	a.commit(c)
	t.wantHead(a.head)
	t.wantEntries(0, 1, a.wrote)
}

func takeOverResigned(t *journalTest) {
	a := t.takeOver("a")
	a.append(1)
	c := a.renewal()
	c.Resign = true
	a.commit(c)
	b := t.takeOver("b")
	if b.head.Epoch <= a.head.Epoch || b.head.Owner != "b" || b.head.Version != 1 {
		t.Fatalf("TakeOver after epoch %d gave %+v", a.head.Epoch, b.head)
	}
	b.append(1)
	t.wantHead(b.head)
	t.wantEntries(0, 2, append(a.wrote, b.wrote...))
}

func namesAlike(t *journalTest) {
	a := t.takeOver("a")
	a.append(2)
	scope := t.id.Scope()
	for _, id := range []ledger.ID{ledger.StockID(scope, 1), ledger.ReservationID(scope, 0), ledger.StockID(scope+"0", 0)} {
		other := *t
		other.id = id
		other.wantHead(ports.Head{})
		o := other.takeOver("o")
		o.append(1)
		other.wantEntries(0, 1, o.wrote)
	}
	t.wantHead(a.head)
	t.wantEntries(0, 2, a.wrote)
}
