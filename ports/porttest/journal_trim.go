package porttest

import (
	"errors"

	"inventory/ports"
)

var trimTests = map[string]func(*journalTest){
	"trimmed entries are gone, the others stay":      trimmedAreGone,
	"everything may be trimmed":                      trimAll,
	"the pointer may move alone":                     trimPointerOnly,
	"a repeat changes nothing":                       trimAgain,
	"one that lands late does not go back":           trimLate,
	"under a wrong epoch it conflicts":               trimWrongEpoch,
	"a ledger without an owner takes none":           trimNoOwner,
	"a new owner goes on where the last one trimmed": trimAndTakeOver,
}

// snapshotAt returns a trim up to upto with a snapshot of version.
func (s *scribe) snapshotAt(version, upto int64) ports.Trim {
	ref := ports.SnapshotRef{Version: version, Epoch: s.head.Epoch, Chunks: 1, Checksum: uint32(version)}
	return ports.Trim{Epoch: s.head.Epoch, Snapshot: ref, Upto: upto}
}

// wantGone fails the test unless reading from after on is refused.
func (t *journalTest) wantGone(after, upto int64) {
	t.Helper()
	for _, settled := range []bool{true, false} {
		got, err := t.entries(after, upto, settled)
		if !errors.Is(err, ports.ErrPermanent) {
			t.Fatalf("Entries above %d up to %d, settled %t: got %d and error %v, want %v",
				after, upto, settled, len(got), err, ports.ErrPermanent)
		}
	}
}

func trimmedAreGone(t *journalTest) {
	a := t.takeOver("a")
	a.append(6)
	a.trim(a.snapshotAt(5, 4))
	t.wantHead(a.head)
	t.wantGone(0, 6)
	t.wantGone(3, 6)
	t.wantGone(0, 3)
	t.wantEntries(4, 6, a.wrote[4:])
	a.append(2)
	t.wantHead(a.head)
	t.wantEntries(4, 8, a.wrote[4:])
}

func trimAll(t *journalTest) {
	a := t.takeOver("a")
	a.append(3)
	a.trim(a.snapshotAt(3, 3))
	t.wantHead(a.head)
	t.wantEntries(3, 3, nil)
	a.append(3)
	a.trim(a.snapshotAt(6, 6))
	a.append(1)
	t.wantHead(a.head)
	t.wantEntries(6, 7, a.wrote[6:])
}

func trimPointerOnly(t *journalTest) {
	a := t.takeOver("a")
	a.append(3)
	a.trim(a.snapshotAt(2, 0))
	t.wantHead(a.head)
	t.wantEntries(0, 3, a.wrote)
	a.trim(a.snapshotAt(3, 0))
	t.wantHead(a.head)
	t.wantEntries(0, 3, a.wrote)
}

func trimAgain(t *journalTest) {
	a := t.takeOver("a")
	a.append(4)
	tr := a.snapshotAt(3, 2)
	a.trim(tr)
	a.trim(tr)
	t.wantHead(a.head)
	a.append(1)
	a.trim(tr)
	t.wantHead(a.head)
	t.wantEntries(2, 5, a.wrote[2:])
}

func trimLate(t *journalTest) {
	a := t.takeOver("a")
	a.append(6)
	early := a.snapshotAt(3, 2)
	a.trim(early)
	a.trim(a.snapshotAt(3, 3))
	late := func(what string) {
		t.Helper()
		mustFail(t.T, what, ports.ErrConflict, func() error { return t.store.Trim(t.ctx, t.id, early) })
		t.wantHead(a.head)
	}
	late("Trim that would move Trimmed back")
	a.trim(a.snapshotAt(6, 3))
	early.Upto = 3
	late("Trim that would move the pointer back")
	t.wantEntries(3, 6, a.wrote[3:])
}

func trimWrongEpoch(t *journalTest) {
	a := t.takeOver("a")
	a.append(3)
	for _, epoch := range []int64{a.head.Epoch - 1, a.head.Epoch + 1} {
		tr := a.snapshotAt(3, 3)
		tr.Epoch = epoch
		mustFail(t.T, "Trim under a wrong epoch", ports.ErrConflict, func() error { return t.store.Trim(t.ctx, t.id, tr) })
	}
	t.wantHead(a.head)
	t.wantEntries(0, 3, a.wrote)
}

func trimNoOwner(t *journalTest) {
	mustFail(t.T, "Trim of a ledger that is not there", ports.ErrConflict, func() error {
		return t.store.Trim(t.ctx, t.id, ports.Trim{Epoch: 1})
	})
	t.wantHead(ports.Head{})
}

func trimAndTakeOver(t *journalTest) {
	a := t.takeOver("a")
	a.append(5)
	a.trim(a.snapshotAt(4, 4))
	b := t.takeOver("b")
	if b.head.Trimmed != 4 || b.head.Snapshot != a.head.Snapshot || b.head.Version != 5 {
		t.Fatalf("TakeOver gave\n %+v after\n %+v", b.head, a.head)
	}
	b.append(2)
	b.trim(b.snapshotAt(7, 6))
	t.wantHead(b.head)
	t.wantEntries(6, 7, b.wrote[1:])
}
