package letters

import (
	"context"

	"inventory/domain/letter"
	"inventory/ports"
)

// beats notes what was done, again and again, and hears whether the job is to go on.
func (r *run) beats(ctx context.Context, done <-chan struct{}) {
	d := r.desk
	last := d.world.Clock.Steady()
	timer := d.world.Clock.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-done:
			return
		case <-timer.C():
		case <-r.stirred:
		}
		err := r.beat(ctx)
		now := d.world.Clock.Steady()
		switch {
		case err == nil:
			last = now
		case now-last >= d.cfg.Silence:
			r.stop(errSilent)
		default:
			d.trouble(ctx, err)
		}
		timer.Reset(d.cfg.Beat)
	}
}

func (r *run) beat(ctx context.Context) error {
	if err := r.desk.catchUpNotes(ctx); err != nil {
		return err
	}
	err := r.desk.peek(func(b *letter.Book) error {
		j, err := jobIn(b, r.job.ID)
		switch {
		case err != nil:
			return err
		case !r.desk.mine(j, r.epoch):
			r.stop(errLost)
		case j.Cancel != nil:
			r.stop(errCancelled)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.flush(ctx, true)
}

// flush writes the fates that are not noted yet, and then, if wanted, how far the job is: what
// is counted is noted.
func (r *run) flush(ctx context.Context, progress bool) error {
	r.noting.Lock()
	defer r.noting.Unlock()
	r.mu.Lock()
	fates, tally := r.fates, r.tally
	r.fates = nil
	r.mu.Unlock()
	notes := make([]letter.Note, len(fates))
	for i, f := range fates {
		notes[i] = f.Fate
	}
	if err := r.desk.write(ctx, notes...); err != nil {
		r.mu.Lock()
		r.fates = append(fates, r.fates...)
		r.mu.Unlock()
		return err
	}
	r.tellOf(fates)
	if !progress {
		return nil
	}
	return r.desk.write(ctx, letter.Progress{Job: r.job.ID, Epoch: r.epoch, Runner: r.desk.world.Runner, Tally: tally, At: r.desk.now()})
}

func (r *run) tellOf(fates []told) {
	type kind struct{ topic, outcome string }
	counts := map[kind]int{}
	for _, f := range fates {
		counts[kind{f.topic, f.Outcome}]++
	}
	for k, n := range counts {
		r.desk.tell(ports.LettersReplayed{Topic: k.topic, Outcome: k.outcome, Letters: n})
	}
}
