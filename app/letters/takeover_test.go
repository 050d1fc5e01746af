package letters

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"inventory/domain/letter"
	"inventory/domain/reservation"
	"inventory/ports"
)

// A process that dies loses what it had not noted; what it had is not tried again.
func TestAnotherDeskTakesAJobOverWithoutLosingALetter(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		first, second := o.desk("p-1"), o.desk("p-2")
		ids := o.bury(many(200)...)
		var dead atomic.Bool
		first.world.Handler = mortal{o.handler, &dead}
		first.world.Notes = deadNotes{first.world.Notes, &dead}
		stop := o.run(first)
		o.run(second)
		j := o.replay(first, ReplayRequest{Rate: 50})
		o.wait(2500 * time.Millisecond)
		dead.Store(true)
		noted := 0
		j, err := second.Job(t.Context(), j.ID)
		o.must(err)
		if noted = j.Tally.Done(); noted < 50 || noted > 130 {
			t.Fatalf("when the first died %d letters had a fate", noted)
		}
		j = o.ended(second, j.ID, 30*time.Second)
		stop()
		if j.Runner != "p-2" || j.Epoch < 2 || j.End.Ending != letter.Completed {
			t.Errorf("the job: %+v, %+v", j, j.End)
		}
		o.expectTally(j, letter.Tally{Letters: 200, Applied: 200})
		for _, id := range ids {
			if e, err := second.Show(t.Context(), id); err != nil || e.State != letter.Applied || len(e.Fates) != 1 {
				t.Fatalf("letter %s: %+v, %v", id, e.Entry, err)
			}
		}
		if n := len(o.handler.orders()); n > 200+200-noted {
			t.Errorf("%d letters had a fate, and %d were acted on", noted, n)
		}
	})
}

// mortal is the handler of a process that may be dead.
type mortal struct {
	Handler
	dead *atomic.Bool
}

// deadNotes are not reached by a process that is dead.
type deadNotes struct {
	ports.LetterNotes
	dead *atomic.Bool
}

func (n deadNotes) Append(ctx context.Context, notes []letter.Note) error {
	if n.dead.Load() {
		return fmt.Errorf("%w: dead", ports.ErrTransient)
	}
	return n.LetterNotes.Append(ctx, notes)
}

func (n deadNotes) Read(ctx context.Context, take func(letter.Note)) error {
	if n.dead.Load() {
		return fmt.Errorf("%w: dead", ports.ErrTransient)
	}
	return n.LetterNotes.Read(ctx, take)
}

func TestOfManyClaimantsOneRunsAJob(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		o.bury(many(100)...)
		var desks []*Desk
		for i := range 5 {
			desks = append(desks, o.desk(fmt.Sprint("p-", i)))
		}
		// Nobody runs the job: the one who claimed it never did.
		j := o.replay(desks[0], ReplayRequest{Rate: 20})
		for _, d := range desks[1:] {
			o.run(d)
		}
		j = o.ended(desks[0], j.ID, time.Minute)
		o.expectTally(j, letter.Tally{Letters: 100, Applied: 100})
		if j.Epoch != 2 || j.Runner == "p-0" {
			t.Errorf("the job: %+v", j)
		}
		if n := len(o.handler.orders()); n != 100 {
			t.Errorf("acted on: expected 100, found %d", n)
		}
		begun := 0
		for _, d := range desks[1:] {
			for _, e := range d.world.Observer.(*heard).events {
				if c, ok := e.(ports.LetterJobChanged); ok && c.Change == ports.LetterJobTaken {
					begun++
				}
			}
		}
		if begun != 1 {
			t.Errorf("desks that began to work at it: %d", begun)
		}
	})
}

func TestAJobThatAnotherProcessHasStopsAtOnce(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		o.run(d)
		o.bury(many(100)...)
		j := o.replay(d, ReplayRequest{Rate: 10})
		o.wait(2 * time.Second)
		claim := letter.Claim{Job: j.ID, Epoch: 9, Runner: "p-9", Attempt: d.world.NewID(), At: time.Now()}
		o.must(o.notes.Reader().Append(t.Context(), []letter.Note{claim}))
		o.wait(1100 * time.Millisecond)
		before := len(o.handler.orders())
		o.wait(5 * time.Second)
		if after := len(o.handler.orders()); before < 20 || after != before {
			t.Errorf("letters acted on: %d, and %d later", before, after)
		}
	})
}

func TestFailuresBeforeAJobWasTakenOverCountToo(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		first, second := o.desk("p-1"), o.desk("p-2")
		stop := o.run(first)
		o.bury(many(100)...)
		var failing atomic.Int64
		failing.Store(2)
		o.handler.act = func(ctx context.Context, _ string) error {
			if failing.Add(-1) >= 0 {
				return reservation.ErrNotHeld
			}
			return ports.Sleep(ctx, first.world.Clock, 100*time.Millisecond)
		}
		j := o.replay(first, ReplayRequest{Rate: 10, StopAfter: 3})
		o.wait(3 * time.Second)
		stop()
		o.handler.act = func(ctx context.Context, _ string) error {
			_ = ports.Sleep(ctx, first.world.Clock, time.Second)
			return reservation.ErrNotHeld
		}
		o.run(second)
		j = o.ended(second, j.ID, time.Minute)
		if j.End.Ending != letter.Stopped || j.Tally.Failed != 3 || j.Runner != "p-2" {
			t.Errorf("the job: %+v, %+v", j.Tally, j.End)
		}
	})
}

func TestAProcessThatEndsLeavesItsJobToAnother(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		first, second := o.desk("p-1"), o.desk("p-2")
		stop := o.run(first)
		o.bury(many(100)...)
		var begun atomic.Int64
		o.handler.act = func(ctx context.Context, _ string) error {
			begun.Add(1)
			return ports.Sleep(ctx, first.world.Clock, 300*time.Millisecond)
		}
		j := o.replay(first, ReplayRequest{Rate: 20})
		o.wait(2100 * time.Millisecond)
		stop()
		j, err := second.Job(t.Context(), j.ID)
		o.must(err)
		if n := int(begun.Load()); !j.Running() || j.Tally.Done() != n || n < 25 {
			t.Errorf("letters with a fate: %+v, begun %d", j.Tally, n)
		}
		o.run(second)
		o.expectTally(o.ended(second, j.ID, time.Minute), letter.Tally{Letters: 100, Applied: 100})
		if n := len(o.handler.orders()); n != 100 {
			t.Errorf("acted on: expected 100, found %d", n)
		}
	})
}
