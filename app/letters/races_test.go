package letters

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"inventory/domain/letter"
	"inventory/ports"
)

// Jobs that are made at the same moment share no letter: the first one in the log has it.
func TestOfReplaysAtOnceOneHasTheLetters(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		o.bury(many(50)...)
		var asking sync.WaitGroup
		var mu sync.Mutex
		var jobs []letter.JobStanding
		gate := &gate{open: make(chan struct{}), n: 4}
		d := o.desk("p-0")
		for i := range 4 {
			w := o.world(fmt.Sprint("p-", i))
			w.Notes = atGate{w.Notes, gate}
			d = New(w, Config{})
			o.run(d)
			asking.Go(func() {
				j, err := d.Replay(t.Context(), ReplayRequest{Who: someone})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					jobs = append(jobs, j)
				case !errors.Is(err, letter.ErrTaken) && !errors.Is(err, letter.ErrNoLetters):
					t.Errorf("expected %v, found %v", letter.ErrTaken, err)
				}
			})
		}
		asking.Wait()
		if len(jobs) != 1 {
			t.Fatalf("jobs that have letters: %+v", jobs)
		}
		o.expectTally(o.ended(d, jobs[0].ID, 3*time.Second), letter.Tally{Letters: 50, Applied: 50})
		if n := len(o.handler.orders()); n != 50 {
			t.Errorf("acted on: expected 50, found %d", n)
		}
		all, err := d.Jobs(t.Context())
		o.must(err)
		for _, j := range all {
			if j.Running() {
				t.Errorf("a job that has no letters: %+v", j)
			}
		}
	})
}

// gate lets writers in when so many have come.
type gate struct {
	mu   sync.Mutex
	n    int
	open chan struct{}
}

func (g *gate) pass() {
	g.mu.Lock()
	if g.n--; g.n == 0 {
		close(g.open)
	}
	g.mu.Unlock()
	<-g.open
}

// atGate holds up who writes a job.
type atGate struct {
	ports.LetterNotes
	gate *gate
}

func (n atGate) Append(ctx context.Context, notes []letter.Note) error {
	if _, ok := notes[0].(letter.Job); ok {
		n.gate.pass()
	}
	return n.LetterNotes.Append(ctx, notes)
}

// vague takes each note, and each letter, and says the first time that it does not know.
type vague struct {
	ports.LetterNotes
	ports.LetterLog
	mu    sync.Mutex
	calls int
}

func (v *vague) doubt() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.calls++; v.calls%2 == 1 {
		return fmt.Errorf("%w: no answer", ports.ErrUnknown)
	}
	return nil
}

type vagueNotes struct{ *vague }

func (v vagueNotes) Append(ctx context.Context, notes []letter.Note) error {
	return errors.Join(v.LetterNotes.Append(ctx, notes), v.doubt())
}

func (v vagueNotes) Read(ctx context.Context, take func(letter.Note)) error {
	return v.LetterNotes.Read(ctx, take)
}

type vagueLetters struct{ *vague }

func (v vagueLetters) Append(ctx context.Context, all []letter.Letter) error {
	return errors.Join(v.LetterLog.Append(ctx, all), v.doubt())
}

func (v vagueLetters) Read(ctx context.Context, take func(letter.Letter)) error {
	return v.LetterLog.Read(ctx, take)
}

func TestWhatMayHaveBeenWrittenIsWrittenAgainToTheSameEnd(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		w := o.world("p-1")
		v := &vague{LetterNotes: w.Notes, LetterLog: w.Log}
		w.Notes, w.Log = vagueNotes{v}, vagueLetters{v}
		d := New(w, Config{})
		o.run(d)
		ids := o.bury("o-1", "o-2")
		_, err := d.Edit(t.Context(), EditRequest{Who: someone, Letter: ids[0], Event: []byte(`{"Event":"e","Order":"o-1"}`)})
		o.must(err)
		j := o.ended(d, o.replay(d, ReplayRequest{}).ID, 10*time.Second)
		o.expectTally(j, letter.Tally{Letters: 2, Applied: 2})
		e, err := o.desk("p-2").Edit(t.Context(), EditRequest{Who: someone, Letter: ids[0], Event: []byte(`{"Event":"e","Order":"o-1"}`)})
		if err != nil || e.State != letter.Applied {
			t.Errorf("the letter: %+v, %v", e, err)
		}
		if n := len(o.handler.orders()); n != 2 {
			t.Errorf("acted on: expected 2, found %d", n)
		}
	})
}

// Nobody was there when the process of a job died: whoever comes hours later need not wait.
func TestAnOldJobIsTakenOverAtOnce(t *testing.T) {
	inOffice(t, func(o *office, _ *testing.T) {
		o.bury(many(3)...)
		j := o.replay(o.desk("p-1"), ReplayRequest{}) // which never runs it
		o.wait(time.Hour)
		d := o.desk("p-2")
		o.run(d)
		o.expectTally(o.ended(d, j.ID, 2*time.Second), letter.Tally{Letters: 3, Applied: 3})
	})
}

func TestLogsThatAreAwayAreToldOfAndReadLater(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		w := o.world("p-1")
		away := &awayLog{LetterLog: w.Log}
		w.Log = away
		d := New(w, Config{})
		away.set(ports.ErrTransient)
		o.run(d)
		o.bury("o-1")
		o.wait(time.Second)
		if _, err := d.List(t.Context(), letter.Filter{}, Page{}); !errors.Is(err, ports.ErrTransient) {
			t.Errorf("expected %v, found %v", ports.ErrTransient, err)
		}
		away.set(nil)
		o.wait(20 * time.Second)
		h := w.Observer.(*heard)
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, ok := h.events[0].(ports.LetterTrouble); !ok || len(h.events) != 2 {
			t.Errorf("told: %+v", h.events)
		}
	})
}

// awayLog can't be reached for a while.
type awayLog struct {
	ports.LetterLog
	mu  sync.Mutex
	err error
}

func (a *awayLog) set(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
}

func (a *awayLog) Read(ctx context.Context, take func(letter.Letter)) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		return a.err
	}
	return a.LetterLog.Read(ctx, take)
}
