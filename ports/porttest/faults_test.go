package porttest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"inventory/adapters/memory"
	"inventory/domain/ledger"
	"inventory/ports"
	"inventory/ports/porttest"
)

const (
	mine   = ledger.ID("stock/mine/0")
	others = ledger.ID("stock/others/0")
)

// trial is a decorated store with a ledger that "a" owns under epoch 1.
type trial struct {
	*testing.T
	faults *porttest.Faults
	below  *memory.Store
	store  porttest.JournalStore
}

func newTrial(t *testing.T, chances porttest.Chances) *trial {
	t.Helper()
	below := memory.New()
	faults := porttest.NewFaults(1, chances)
	for _, id := range []ledger.ID{mine, others} {
		if _, err := below.TakeOver(t.Context(), id, "a", ports.Head{}); err != nil {
			t.Fatal(err)
		}
	}
	return &trial{T: t, faults: faults, below: below, store: faults.Journal(below)}
}

// entry returns the commit of a version; the same version is the same commit.
func entry(version int64) ports.Commit {
	r := &ports.Record{Version: version, Commit: ledger.UUID{byte(version)}, Body: []byte{byte(version)}}
	return ports.Commit{Epoch: 1, Version: version - 1, Lease: version, Entry: r}
}

func (t *trial) commit(id ledger.ID, version int64) error {
	return t.store.Commit(t.Context(), id, entry(version))
}

func (t *trial) want(err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

// wantVersion looks at the ledger mine below the decorator.
func (t *trial) wantVersion(want int64) {
	t.Helper()
	head, err := t.below.Head(t.Context(), mine)
	if err != nil || head.Version != want {
		t.Fatalf("version is %d, error %v; want %d", head.Version, err, want)
	}
}

var commitMine = porttest.Call{Op: porttest.OpCommit, Ledger: mine}

func TestScriptedFaultsOfACommit(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   porttest.Fault
		err     error
		version int64
	}{
		{"pass", porttest.Pass, nil, 1},
		{"fail before", porttest.FailBefore, ports.ErrTransient, 0},
		{"done and unknown", porttest.DoneUnknown, ports.ErrUnknown, 1},
		{"late and unknown", porttest.LateUnknown, ports.ErrUnknown, 0},
		{"an invented lost race", porttest.LostRace, ports.ErrConflict, 0},
		{"delivered twice", porttest.DeliveredTwice, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			trial := newTrial(t, porttest.Chances{})
			trial.faults.Next(commitMine, c.fault)
			trial.want(trial.commit(mine, 1), c.err)
			trial.wantVersion(c.version)
			trial.want(trial.commit(mine, 1), nil) // the script is used up
			trial.wantVersion(1)
		})
	}
}

func TestScriptsMatchTheirLedgerOnlyAndGoInOrder(t *testing.T) {
	trial := newTrial(t, porttest.Chances{})
	trial.faults.Next(commitMine, porttest.FailBefore, porttest.Pass)
	trial.faults.Next(porttest.Call{Op: porttest.OpCommit}, porttest.LostRace)
	trial.want(trial.commit(others, 1), ports.ErrConflict) // by the script for any ledger
	trial.want(trial.commit(mine, 1), ports.ErrTransient)
	trial.want(trial.commit(others, 1), nil)
	trial.want(trial.commit(mine, 1), nil)
	if n := trial.faults.Calls(porttest.OpCommit); n != 4 {
		t.Fatalf("counted %d commits, want 4", n)
	}
}

func TestALateWriteIsSentAfterFurtherCalls(t *testing.T) {
	trial := newTrial(t, porttest.Chances{LateCalls: 3})
	trial.faults.Next(commitMine, porttest.LateUnknown)
	ctx, cancel := context.WithCancel(t.Context())
	c := entry(1)
	trial.want(trial.store.Commit(ctx, mine, c), ports.ErrUnknown)
	cancel()              // does not stop what is under way
	c.Entry.Body[0] = 255 // nor does the next use of the buffer change it
	trial.wantVersion(0)
	for range 3 {
		if _, err := trial.store.Head(t.Context(), others); err != nil {
			t.Fatal(err)
		}
	}
	trial.wantVersion(1)
	err := trial.below.Entries(t.Context(), mine, 0, 1, true, func(r ports.Record) error {
		if r.Body[0] != 1 {
			t.Fatalf("the body is %v, want what it was at the call", r.Body)
		}
		return nil
	})
	trial.want(err, nil)
	if n := trial.faults.Settle(); n != 0 {
		t.Fatalf("%d writes were still to be sent", n)
	}
}

func TestALateWriteLosesToAnotherInTheMeantime(t *testing.T) {
	trial := newTrial(t, porttest.Chances{LateCalls: 1000})
	trial.faults.Next(commitMine, porttest.LateUnknown)
	trial.want(trial.commit(mine, 1), ports.ErrUnknown)
	other := entry(1)
	other.Entry.Commit = ledger.UUID{99}
	trial.want(trial.below.Commit(t.Context(), mine, other), nil)
	if n := trial.faults.Settle(); n != 1 {
		t.Fatalf("%d late writes were sent, want 1", n)
	}
	trial.want(trial.commit(mine, 1), ports.ErrConflict)
}

func TestALateTakeOverIsDoneAtSettle(t *testing.T) {
	trial := newTrial(t, porttest.Chances{LateCalls: 1000})
	trial.faults.Next(porttest.Call{Op: porttest.OpTakeOver}, porttest.LateUnknown)
	_, err := trial.store.TakeOver(t.Context(), mine, "b", ports.Head{Epoch: 1})
	trial.want(err, ports.ErrUnknown)
	if head, err := trial.below.Head(t.Context(), mine); err != nil || head.Owner != "a" {
		t.Fatalf("head is %+v, error %v, want a to be the owner until it happens", head, err)
	}
	trial.faults.Settle()
	trial.want(trial.commit(mine, 1), ports.ErrConflict)
	head, err := trial.store.TakeOver(t.Context(), mine, "b", ports.Head{Epoch: 1})
	if err != nil || head.Epoch != 2 || head.Owner != "b" {
		t.Fatalf("b's take-over again gave %+v, error %v", head, err)
	}
}

func TestALateTakeOverDoesNothingOnceTheOwnerWentOn(t *testing.T) {
	trial := newTrial(t, porttest.Chances{LateCalls: 1000})
	trial.faults.Next(porttest.Call{Op: porttest.OpTakeOver}, porttest.LateUnknown)
	_, err := trial.store.TakeOver(t.Context(), mine, "b", ports.Head{Epoch: 1})
	trial.want(err, ports.ErrUnknown)
	trial.want(trial.commit(mine, 1), nil)
	if n := trial.faults.Settle(); n != 1 {
		t.Fatalf("%d late writes were sent, want 1", n)
	}
	trial.want(trial.commit(mine, 2), nil)
	_, err = trial.store.TakeOver(t.Context(), mine, "b", ports.Head{Epoch: 1})
	trial.want(err, ports.ErrConflict)
}

func TestAGateHoldsACallBeforeAndAfter(t *testing.T) {
	for _, phase := range []porttest.Phase{porttest.Before, porttest.After} {
		trial := newTrial(t, porttest.Chances{})
		gate := trial.faults.Hold(commitMine, phase)
		done := make(chan error)
		go func() { done <- trial.commit(mine, 1) }()
		<-gate.Reached()
		trial.wantVersion(int64(phase)) // Before: 0, After: 1
		trial.want(trial.commit(others, 1), nil)
		if phase == porttest.Before { // a new owner while the old one's commit is on its way
			_, err := trial.below.TakeOver(t.Context(), mine, "b", ports.Head{Epoch: 1})
			trial.want(err, nil)
		}
		gate.Release()
		gate.Release()
		if want := []error{ports.ErrConflict, nil}[phase]; !errors.Is(<-done, want) {
			t.Fatalf("phase %d: want %v", phase, want)
		}
	}
}

func TestAGateGivesUpWithTheContext(t *testing.T) {
	trial := newTrial(t, porttest.Chances{})
	gate := trial.faults.Hold(commitMine, porttest.Before)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- trial.store.Commit(ctx, mine, entry(1)) }()
	<-gate.Reached()
	cancel()
	trial.want(<-done, context.Canceled)
	trial.wantVersion(0)
}

func TestTheHookSeesEveryPoint(t *testing.T) {
	trial := newTrial(t, porttest.Chances{})
	var points []porttest.Point
	trial.faults.OnPoint(func(p porttest.Point) { points = append(points, p) })
	trial.faults.Next(commitMine, porttest.FailBefore)
	_ = trial.commit(mine, 1)
	_, _ = trial.store.Head(t.Context(), others)
	trial.faults.OnPoint(nil)
	_ = trial.commit(mine, 1)
	head := porttest.Call{Op: porttest.OpHead, Ledger: others}
	want := []porttest.Point{
		{Call: commitMine, Phase: porttest.Before},
		{Call: commitMine, Phase: porttest.After},
		{Call: head, Phase: porttest.Before},
		{Call: head, Phase: porttest.After},
	}
	if !slices.Equal(points, want) {
		t.Fatalf("points are %+v, want %+v", points, want)
	}
}

func TestReadsFailBeforeOrMidway(t *testing.T) {
	trial := newTrial(t, porttest.Chances{})
	for v := int64(1); v <= 3; v++ {
		trial.want(trial.commit(mine, v), nil)
	}
	call := porttest.Call{Op: porttest.OpEntries}
	trial.faults.Next(call, porttest.FailBefore, porttest.FailMidway)
	for _, c := range []struct {
		took int
		err  error
	}{{0, ports.ErrTransient}, {1, ports.ErrTransient}, {3, nil}} {
		took := 0
		err := trial.store.Entries(t.Context(), mine, 0, 3, true, func(ports.Record) error {
			took++
			return nil
		})
		trial.want(err, c.err)
		if took != c.took {
			t.Fatalf("took %d entries, want %d", took, c.took)
		}
	}
}

func TestAScriptRefusesAFaultThatCannotBe(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("a read that times out after it was done was scripted")
		}
	}()
	porttest.NewFaults(1, porttest.Chances{}).Next(porttest.Call{Op: porttest.OpHead}, porttest.DoneUnknown)
}

func TestFaultsOfTables(t *testing.T) {
	below := memory.New()
	faults := porttest.NewFaults(1, porttest.Chances{})
	store := faults.Tables(below)
	id := ledger.UUID{1}
	row := ports.ReservationRow{ReservationID: id, At: start, Body: []byte("body")}
	faults.Next(porttest.Call{Op: porttest.OpWrite}, porttest.LateUnknown)
	if err := store.Write(t.Context(), ports.Rows{Reservations: []ports.ReservationRow{row}}); !errors.Is(err, ports.ErrUnknown) {
		t.Fatalf("got error %v, want %v", err, ports.ErrUnknown)
	}
	clear(row.Body)
	faults.Settle()
	faults.Next(porttest.Call{Op: porttest.OpRecall}, porttest.FailBefore)
	if _, err := store.Recall(t.Context(), ledger.KindReservation, []ledger.UUID{id}); !errors.Is(err, ports.ErrTransient) {
		t.Fatalf("got error %v, want %v", err, ports.ErrTransient)
	}
	got, err := store.Recall(t.Context(), ledger.KindReservation, []ledger.UUID{id})
	if err != nil || string(got[id]) != "body" {
		t.Fatalf("got %q, error %v; want what was written at the call", got[id], err)
	}
}

func TestTheSameSeedGivesTheSameFaults(t *testing.T) {
	run := func() (outcomes []ports.Class) {
		trial := newTrial(t, porttest.Chances{FailBefore: 0.2, DoneUnknown: 0.2, LateUnknown: 0.2, DeliveredTwice: 0.2, FailRead: 0.5})
		for v := int64(1); v < 200; v++ {
			outcomes = append(outcomes, ports.ClassOf(trial.commit(mine, v)))
			_, err := trial.store.Head(t.Context(), mine)
			outcomes = append(outcomes, ports.ClassOf(err))
		}
		return outcomes
	}
	first := run()
	if !slices.Equal(first, run()) {
		t.Fatal("two runs differ")
	}
	for _, class := range []ports.Class{ports.None, ports.Transient, ports.Unknown, ports.Conflict} {
		if !slices.Contains(first, class) {
			t.Fatalf("no call ended in class %d", class)
		}
	}
}

// An owner that settles every write by making it again loses nothing and doubles nothing,
// whatever is made of its calls, while others read.
func TestAWriterThatSettlesIsRightUnderFaults(t *testing.T) {
	const versions = 300
	trial := newTrial(t, porttest.Chances{FailBefore: 0.2, DoneUnknown: 0.2, LateUnknown: 0.2, DeliveredTwice: 0.2, FailRead: 0.2})
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_, _ = trial.store.Head(t.Context(), mine)
				}
			}
		})
	}
	for v := int64(1); v <= versions; v++ {
		err := trial.commit(mine, v)
		for err != nil {
			if class := ports.ClassOf(err); class != ports.Transient && class != ports.Unknown {
				t.Fatalf("version %d: %v", v, err)
			}
			err = trial.commit(mine, v)
		}
	}
	close(stop)
	wg.Wait()
	trial.faults.Settle()
	trial.wantVersion(versions)
}

// The suites settle what they do, so faults that leave no write under way must not
// show; this proves both that decorated stores keep the contracts and that the suites
// don't take an unknown outcome for a known one.
func TestTheSuitesPassUnderFaults(t *testing.T) {
	store := memory.New()
	faults := porttest.NewFaults(2, porttest.Chances{FailBefore: 0.1, DoneUnknown: 0.2, DeliveredTwice: 0.2})
	porttest.Journal(t, func(*testing.T) porttest.JournalStore { return faults.Journal(store) })
	porttest.Tables(t, func(*testing.T) porttest.TablesStore { return faults.Tables(store) })
}

func TestTheHookMayUseTheStoreBelow(t *testing.T) {
	trial := newTrial(t, porttest.Chances{})
	trial.faults.OnPoint(func(p porttest.Point) {
		if p.Op == porttest.OpCommit && p.Phase == porttest.Before {
			_, err := trial.below.TakeOver(t.Context(), p.Ledger, "b", ports.Head{Epoch: 1})
			trial.want(err, nil)
		}
	})
	trial.want(trial.commit(mine, 1), ports.ErrConflict)
}
