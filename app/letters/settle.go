package letters

import (
	"context"
	"errors"

	"inventory/app"
	"inventory/domain/letter"
	"inventory/ports"
)

// settle gives a letter its fate, or leaves it where ctx ends first.
func (r *run) settle(ctx context.Context, f *fetched) {
	if !r.dare(ctx) {
		return
	}
	v, decided := Verdict{}, r.pace.wait(ctx) == nil
	if decided {
		v, decided = r.decide(ctx, f)
	}
	if decided {
		r.note(f, v)
	}
	if r.risks != nil && (!decided || v.Outcome != letter.Failed) {
		<-r.risks
	}
}

// dare waits until the letter may fail too: no more letters are under way than may. False where
// ctx ended.
func (r *run) dare(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	if r.risks == nil {
		return true
	}
	select {
	case r.risks <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// decide has a letter acted on, again and again where that may help; false where that did not
// come to an end.
func (r *run) decide(ctx context.Context, f *fetched) (Verdict, bool) {
	clock := r.desk.world.Clock
	began, pause := clock.Steady(), firstPause
	for {
		l, e, err := r.try(f)
		switch {
		case err == nil:
			return verdictOf(&l, e, nil), true
		case r.acting.Err() != nil: // the error may be of that
			return Verdict{}, false
		case !passing(err) || clock.Steady()-began >= r.desk.cfg.Patience:
			return verdictOf(&l, e, err), true
		}
		if ports.Sleep(ctx, clock, pause) != nil {
			return Verdict{}, false
		}
		pause = min(2*pause, longPause)
	}
}

// try does what a letter asks for.
func (r *run) try(f *fetched) (decoded, app.Effect, error) {
	ctx, done := context.WithTimeout(r.acting, r.desk.cfg.Patience)
	defer done()
	l := r.desk.decode(ctx, f)
	e, err := act(ctx, r.desk.world.Handler, &l)
	return l, e, err
}

// passing tells whether the same letter may do later.
func passing(err error) bool {
	return app.Retryable(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

func (r *run) note(f *fetched, v Verdict) {
	fate := letter.Fate{
		Letter: f.ID, Job: r.job.ID, Outcome: v.Outcome, Code: v.Code, Says: short(v.Says), Order: v.Order, At: r.desk.now(),
	}
	r.mu.Lock()
	r.fates = append(r.fates, told{fate, f.Topic})
	r.tally.Add(v.Outcome)
	r.mu.Unlock()
	if v.Outcome == letter.Failed {
		r.checkFailures()
	}
}

// checkFailures stops the job where too many letters have failed.
func (r *run) checkFailures() {
	if r.job.StopAfter > 0 && r.counted().Failed >= r.job.StopAfter {
		r.stop(errStopped)
	}
}

func (r *run) counted() letter.Tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tally
}
