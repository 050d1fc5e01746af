package letters

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/ports"
)

// Why a job is not worked at any more, though letters are left.
var (
	errCancelled = errors.New("cancelled")
	errStopped   = errors.New("too many letters failed")
	errLost      = errors.New("another process has the job, or it has ended")
	errSilent    = errors.New("what was done could not be noted for so long that another process may have the job")
)

// run is this process's work at a job.
type run struct {
	desk    *Desk
	job     letter.Job
	epoch   int64
	stirred chan struct{}
	pace    *pace
	risks   chan struct{} // has one for each letter that failed or is under way, where failures are bounded

	stop   context.CancelCauseFunc // of what was not begun
	acting context.Context         // of letters under way

	noting sync.Mutex // of who writes notes
	mu     sync.Mutex // of what follows
	tally  letter.Tally
	fates  []told // that are not noted yet
}

// told is a fate and its letter's topic.
type told struct {
	letter.Fate
	topic string
}

// work works at a job until it has ended or has to be left to another process.
func (d *Desk) work(ctx context.Context, id ledger.UUID, own *ownJob) {
	r := &run{desk: d, epoch: own.epoch, stirred: own.stirred}
	left, err := r.load(ctx, id)
	if err != nil {
		r.changed(ports.LetterJobLeft, err.Error(), err)
		return
	}
	change := ports.LetterJobBegun
	if r.epoch > 1 {
		change = ports.LetterJobTaken
	}
	r.changed(change, "", nil)
	r.end(ctx, r.exhaust(ctx, left))
}

// exhaust replays letters until none is left. The error says why some are.
func (r *run) exhaust(ctx context.Context, left []letter.Entry) error {
	clock := r.desk.world.Clock
	for began := clock.Steady(); ; {
		if err := r.all(ctx, left); err != nil {
			return err
		}
		if err := r.flush(ctx, true); err != nil { // what has a fate is not left
			return err
		}
		var rivals bool
		err := r.desk.consult(ctx, func(b *letter.Book) error {
			left, rivals = b.Left(r.job.ID), hasRivals(b, r.job.Filter)
			return nil
		})
		switch {
		case err != nil:
			return err
		case len(left) > 0:
			r.recount(len(left))
		case !rivals || clock.Steady()-began >= r.desk.cfg.Silence:
			return nil
		default:
			if err := ports.Sleep(ctx, clock, r.desk.cfg.Beat/4); err != nil {
				return err
			}
		}
	}
}

// hasRivals tells whether jobs that nobody has claimed have some of the chosen letters: they may
// have been made at the same moment, and give them back.
func hasRivals(b *letter.Book, f letter.Filter) bool {
	for id := range b.Taken(f) {
		if j, ok := b.Job(id); ok && j.Epoch == 0 {
			return true
		}
	}
	return false
}

// recount counts letters that came back.
func (r *run) recount(left int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tally.Letters = r.tally.Done() + left
}

// load reads what is left of the job.
func (r *run) load(ctx context.Context, id ledger.UUID) (left []letter.Entry, err error) {
	r.job.ID = id
	err = r.desk.consult(ctx, func(b *letter.Book) error {
		j, err := jobIn(b, id)
		if err != nil {
			return err
		}
		left = b.Left(id)
		r.job, r.tally = j.Job, j.Tally
		r.tally.Letters = r.tally.Done() + len(left)
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.pace = newPace(r.desk.world.Clock, r.job.Rate)
	if r.job.StopAfter > 0 {
		r.risks = make(chan struct{}, r.job.StopAfter)
		for range min(r.tally.Failed, r.job.StopAfter) {
			r.risks <- struct{}{}
		}
	}
	return left, nil
}

// all replays letters. The error says why some are left.
func (r *run) all(ctx context.Context, left []letter.Entry) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	acting, halt := context.WithCancel(context.WithoutCancel(ctx))
	defer halt()
	r.stop, r.acting = stop, acting
	r.checkFailures()
	done := make(chan struct{})
	var beside sync.WaitGroup
	beside.Go(func() { r.beats(acting, done) })
	beside.Go(func() { r.haltAfter(ctx, halt, done) })
	r.replay(ctx, left)
	close(done)
	beside.Wait()
	return context.Cause(ctx)
}

// haltAfter ends letters under way: at once where they are another process's, and after a
// while where this one ends.
func (r *run) haltAfter(ctx context.Context, halt func(), done <-chan struct{}) {
	select {
	case <-ctx.Done():
	case <-done:
		return
	}
	if !errors.Is(context.Cause(ctx), errLost) {
		_ = ports.SleepUnless(context.WithoutCancel(ctx), r.desk.world.Clock, r.desk.cfg.Grace, done)
	}
	halt()
}

// replay brings letters to their lanes, and returns when all that came there are handled.
func (r *run) replay(ctx context.Context, left []letter.Entry) {
	chunks := make(chan []fetched) // the next one is read while this one is handled
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(chunks)
		r.read(ctx, left, chunks)
	})
	defer reading.Wait()
	lanes := newLanes(r.desk.cfg.Lanes, func(f *fetched) { r.settle(ctx, f) })
	defer lanes.finish()
	for chunk := range chunks {
		for i := range chunk {
			if !lanes.put(ctx, &chunk[i]) {
				return
			}
		}
	}
}

// read reads letters, in chunks.
func (r *run) read(ctx context.Context, left []letter.Entry, chunks chan<- []fetched) {
	for len(left) > 0 {
		n := r.desk.cfg.chunk(left)
		chunk, err := r.desk.fetch(ctx, left[:n])
		if err != nil {
			r.stop(fmt.Errorf("reading letters: %w", err))
			return
		}
		select {
		case chunks <- chunk:
		case <-ctx.Done():
			return
		}
		left = left[n:]
	}
}

// end notes what was done, and that the job has ended, unless it is left to another process.
func (r *run) end(ctx context.Context, cause error) {
	ending, says := letter.Completed, ""
	switch {
	case cause == nil:
	case errors.Is(cause, errCancelled):
		ending, says = letter.Cancelled, r.whoCancelled()
	case errors.Is(cause, errStopped):
		ending, says = letter.Stopped, fmt.Sprintf("%d letters failed", r.counted().Failed)
	default:
		ending = ""
	}
	ctx, done := ports.Lasting(ctx, r.desk.world.Clock, r.desk.cfg.Grace)
	defer done()
	err := r.flush(ctx, false)
	if err == nil && ending != "" {
		err = r.close(ctx, ending, says)
	}
	switch {
	case err != nil:
		r.changed(ports.LetterJobLeft, err.Error(), err)
	case ending == "":
		r.changed(ports.LetterJobLeft, cause.Error(), cause)
	default:
		r.changed(ports.LetterJobEnded, ending, nil)
	}
}

func (r *run) whoCancelled() (says string) {
	_ = r.desk.peek(func(b *letter.Book) error {
		j, _ := b.Job(r.job.ID)
		if j.Cancel == nil {
			return nil
		}
		says = "by " + j.Cancel.By
		if j.Cancel.Why != "" {
			says += ": " + j.Cancel.Why
		}
		return nil
	})
	return says
}

// close writes that the job has ended, if it is still this process's.
func (r *run) close(ctx context.Context, ending, says string) error {
	d := r.desk
	if err := d.catchUpNotes(ctx); err != nil {
		return err
	}
	if mine, err := d.holds(r.job.ID, r.epoch); err != nil || !mine {
		return errors.Join(errLost, err)
	}
	t := r.counted()
	what := fmt.Sprintf("%s: %d applied, %d duplicate, %d superseded, %d failed, of %d", ending, t.Applied, t.Duplicate, t.Superseded, t.Failed, t.Letters)
	audit := d.audit("job ended", Who{By: r.job.By, Why: r.job.Why}, what, t.Done())
	audit.Job = r.job.ID
	if err := d.write(ctx, letter.JobEnd{Job: r.job.ID, Ending: ending, Says: says, Tally: t, At: d.now()}, audit); err != nil {
		return err
	}
	return d.catchUpNotes(ctx)
}

func (r *run) changed(change, says string, err error) {
	t := r.counted()
	r.desk.tell(ports.LetterJobChanged{Job: r.job.ID, Change: change, Says: says, Letters: t.Letters, Done: t.Done(), Failed: t.Failed, Err: err})
}
