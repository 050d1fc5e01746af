package porttest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"inventory/domain/ledger"
	"inventory/ports"
)

// Op names a method of a port.
type Op string

// The methods that Faults can make fail.
const (
	OpHead          Op = "Head"
	OpTakeOver      Op = "TakeOver"
	OpCommit        Op = "Commit"
	OpTrim          Op = "Trim"
	OpEntries       Op = "Entries"
	OpWriteSnapshot Op = "WriteSnapshot"
	OpReadSnapshot  Op = "ReadSnapshot"
	OpDropSnapshot  Op = "DropSnapshot"
	OpWrite         Op = "Write"
	OpRecall        Op = "Recall"
	OpEvents        Op = "Events"
	OpLevels        Op = "Levels"
	OpReservation   Op = "Reservation"
	OpPending       Op = "Pending"
	OpPublished     Op = "Published"
	OpNotePublished Op = "NotePublished"
)

// isWrite tells writes, which have unknown outcomes, from reads.
func (op Op) isWrite() bool {
	switch op {
	case OpTakeOver, OpCommit, OpTrim, OpWriteSnapshot, OpDropSnapshot, OpWrite, OpNotePublished:
		return true
	case OpHead, OpEntries, OpReadSnapshot, OpRecall, OpEvents, OpLevels, OpReservation, OpPending, OpPublished:
		return false
	}
	panic(fmt.Sprintf("porttest: unknown op %q", op))
}

// Call says which calls are meant: those of Op, to Ledger only where it is not empty.
type Call struct {
	Op     Op
	Ledger ledger.ID // empty in calls of Tables, Archive and Books
}

func (c Call) matches(other Call) bool {
	return c.Op == other.Op && (c.Ledger == "" || c.Ledger == other.Ledger)
}

// Fault is what happens to a call.
type Fault int

// The faults. A read has Pass, FailBefore and, where it calls take, FailMidway only.
const (
	Pass           Fault = iota // the call is passed on
	FailBefore                  // ErrTransient; nothing is done
	FailMidway                  // ErrTransient after the first row has been taken
	DoneUnknown                 // ErrUnknown; it is done
	LateUnknown                 // ErrUnknown; it is done some calls later, or at Settle
	LostRace                    // ErrConflict, though nobody else was first; nothing is done
	DeliveredTwice              // done twice; the second answer is given
)

// Chances are the probabilities of faults, 0 to 1, of every call that no script names.
type Chances struct {
	FailBefore     float64 // of writes
	DoneUnknown    float64
	LateUnknown    float64
	DeliveredTwice float64
	FailRead       float64 // of reads, before or midway
	LateCalls      int     // a late write is sent after 1 to this many further calls; 0: 10
}

// Faults makes the calls of the stores that it decorates fail: by chance from a seeded
// source, or exactly as scripted. It is safe for concurrent use; with one goroutine the
// same seed gives the same faults.
type Faults struct {
	mu      sync.Mutex // guards all below, and is not held during calls
	rng     *rand.Rand
	chances Chances
	scripts []script
	late    []lateWrite
	calls   int
	counts  map[Op]int
	gates   []*Gate
	hook    func(Point)
}

// script is what is to happen to the next calls that match.
type script struct {
	call   Call
	faults []Fault
}

// lateWrite is a write that was answered by ErrUnknown and is still to be sent.
type lateWrite struct {
	due  int // of Faults.calls
	send func()
}

// NewFaults returns faults by chance from a seed; print the seed where a test fails.
func NewFaults(seed uint64, chances Chances) *Faults {
	return &Faults{rng: rand.New(rand.NewPCG(seed, 0)), chances: chances, counts: map[Op]int{}}
}

// SetChances changes the probabilities from now on.
func (f *Faults) SetChances(chances Chances) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.chances = chances
}

// Next scripts what happens to the next calls that match, one fault each; after them
// chance rules again. Of several scripts that match the oldest goes first.
func (f *Faults) Next(call Call, faults ...Fault) {
	for _, fault := range faults {
		if !fault.fits(call.Op) {
			panic(fmt.Sprintf("porttest: fault %d cannot happen to %s", fault, call.Op))
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scripts = append(f.scripts, script{call, slices.Clone(faults)})
}

// fits says whether a fault can happen to calls of op.
func (fault Fault) fits(op Op) bool {
	switch fault {
	case Pass, FailBefore:
		return true
	case FailMidway:
		return op == OpEntries || op == OpEvents
	case DoneUnknown, LateUnknown, LostRace, DeliveredTwice:
		return op.isWrite()
	}
	return false
}

// Calls returns how many calls of op there were.
func (f *Faults) Calls(op Op) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[op]
}

// Settle sends all late writes now, the oldest first, and returns how many there were.
func (f *Faults) Settle() int {
	f.mu.Lock()
	late := f.late
	f.late = nil
	f.mu.Unlock()
	for _, w := range late {
		w.send()
	}
	return len(late)
}

// sendDue counts a call and sends the late writes whose time it brings.
func (f *Faults) sendDue(op Op) {
	f.mu.Lock()
	f.calls++
	f.counts[op]++
	var due []lateWrite
	f.late = slices.DeleteFunc(f.late, func(w lateWrite) bool {
		if w.due <= f.calls {
			due = append(due, w)
			return true
		}
		return false
	})
	f.mu.Unlock()
	for _, w := range due {
		w.send()
	}
}

// postpone keeps a write for later.
func (f *Faults) postpone(send func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.chances.LateCalls
	if calls <= 0 {
		calls = 10
	}
	f.late = append(f.late, lateWrite{f.calls + 1 + f.rng.IntN(calls), send})
}

// choose says what happens to a call: as scripted, or else by chance.
func (f *Faults) choose(call Call) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.scripts {
		s := &f.scripts[i]
		if !s.call.matches(call) || len(s.faults) == 0 {
			continue
		}
		fault := s.faults[0]
		if s.faults = s.faults[1:]; len(s.faults) == 0 {
			f.scripts = slices.Delete(f.scripts, i, i+1)
		}
		return fault
	}
	return f.draw(call.Op)
}

// draw leaves it to chance; f.mu is held.
func (f *Faults) draw(op Op) Fault {
	p := f.rng.Float64()
	pick := func(chance float64) bool {
		p -= chance
		return p < 0
	}
	c := f.chances
	switch {
	case !op.isWrite():
		switch {
		case FailMidway.fits(op) && pick(c.FailRead/2):
			return FailMidway
		case pick(c.FailRead):
			return FailBefore
		}
	case pick(c.FailBefore):
		return FailBefore
	case pick(c.DoneUnknown):
		return DoneUnknown
	case pick(c.LateUnknown):
		return LateUnknown
	case pick(c.DeliveredTwice):
		return DeliveredTwice
	}
	return Pass
}

// errInjected makes the error that a fault gives.
func errInjected(class error, call Call, what string) error {
	return fmt.Errorf("%w: injected: %s %s: %s", class, call.Op, call.Ledger, what)
}

// faultyWrite makes a write whose arguments nobody changes any more.
func faultyWrite[T any](ctx context.Context, f *Faults, call Call, do func(context.Context) (T, error)) (T, error) {
	var none T
	if err := f.enter(ctx, call); err != nil {
		return none, err
	}
	got, err := none, error(nil)
	switch f.choose(call) {
	case FailBefore:
		err = errInjected(ports.ErrTransient, call, "failed before")
	case LostRace:
		err = errInjected(ports.ErrConflict, call, "a lost race")
	case DoneUnknown:
		_, _ = do(ctx) // its own answer is what is lost
		err = errInjected(ports.ErrUnknown, call, "done and timed out")
	case LateUnknown:
		later := context.WithoutCancel(ctx)
		f.postpone(func() { _, _ = do(later) })
		err = errInjected(ports.ErrUnknown, call, "timed out and still under way")
	case DeliveredTwice:
		_, _ = do(ctx) // the first answer is what is lost
		got, err = do(ctx)
	case Pass, FailMidway:
		got, err = do(ctx)
	}
	if stopped := f.leave(ctx, call); stopped != nil {
		return none, stopped
	}
	return got, err
}

// faultyRead makes a read; midway tells it to fail after the first row.
func faultyRead[T any](ctx context.Context, f *Faults, call Call, do func(ctx context.Context, midway bool) (T, error)) (T, error) {
	var none T
	if err := f.enter(ctx, call); err != nil {
		return none, err
	}
	got, err := none, error(nil)
	if fault := f.choose(call); fault == FailBefore {
		err = errInjected(ports.ErrTransient, call, "failed before")
	} else {
		got, err = do(ctx, fault == FailMidway)
	}
	if stopped := f.leave(ctx, call); stopped != nil {
		return none, stopped
	}
	return got, err
}

// failAfterFirst passes the first row on to take and fails at the second one.
func failAfterFirst[R any](call Call, take func(R) error) func(R) error {
	first := true
	return func(row R) error {
		if !first {
			return errInjected(ports.ErrTransient, call, "failed midway")
		}
		first = false
		return take(row)
	}
}
