package owner

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// tenure is one ownership of one ledger, from the epoch that began it to its end. Its
// loop is one goroutine; all fields without a note are that goroutine's own.
type tenure struct {
	id      ledger.ID
	epoch   int64
	cfg     Config
	world   World
	time    *timekeeper
	callers *callers
	kind    Kind
	carrier Carrier
	box     *mailbox // shared
	recall  *recaller

	mu    sync.RWMutex // guards state and at against readers while the loop changes them
	state ledger.Machine
	at    ledger.Stamp // of the newest entry

	head      ports.Head                // as of the last write that is known to be in
	sureUntil atomic.Pointer[time.Time] // no standby takes over before; shared

	agenda   *agenda
	retired  *retirement
	waiters  *waiters
	acked    map[ledger.ID]int64 // by peer: mail known to be taken there
	stuck    map[ledger.ID]int64 // acked, when mail was sent again last
	relay    *relayQueue         // shared
	stalled  bool                // work waits until the relay has caught up
	pace     pace
	dueShare dueShare
	scratch  ledger.Writer // of one batch after the other
	snaps    snapshots
}

// errEnded is why a loop stops that was asked to.
var errEnded = errors.New("the tenure was ended")

// run is the owner's loop. It returns when ctx ends (nil, with the ledger given up) or
// when the ledger is lost.
func (t *tenure) run(ctx context.Context) error {
	work, stop := t.outlive(ctx)
	var background sync.WaitGroup
	background.Go(func() { t.recall.run(work) })
	relay := t.world.Relay(t.id, t.sure, func() bool { return t.callers.wait() && !t.relay.pressed() })
	background.Go(func() { t.relay.publish(work, t, relay) })
	background.Go(func() { t.relay.write(work, t, relay) })
	err := t.loop(ctx, work)
	switch {
	case errors.Is(err, errEnded):
		err = t.close(work)
	case errors.Is(err, ports.ErrClock): // what is decided is right, and is still told
		err = errors.Join(err, t.close(work))
	}
	answerAll(t.box.close(), ErrNotOwner)
	t.waiters.answerAll(ErrNotOwner)
	stop()
	background.Wait()
	t.snaps.wait()
	t.world.Observer.Observe(ports.Lost{Ledger: t.id, Epoch: t.epoch, Err: err})
	return err
}

// outlive returns a context for writes under way: it ends with stop, or some time after
// ctx, so that their outcome can be learnt.
func (t *tenure) outlive(ctx context.Context) (work context.Context, stop func()) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() {
		grace := t.world.Clock.NewTimer(2 * t.cfg.CommitTimeout)
		defer grace.Stop()
		select {
		case <-grace.C():
			cancel()
		case <-work.Done():
		}
	})
	return work, func() { unhook(); cancel() }
}

// loop ends with ctx; what it began to write goes on under work.
func (t *tenure) loop(ctx, work context.Context) error {
	timers := t.newTimers()
	defer timers.stop()
	t.resend()
	for {
		if err := t.await(ctx, work, timers); err != nil {
			return err
		}
		if t.stalled = t.relay.full(); t.stalled {
			continue // only renewals, until the relay has caught up
		}
		t.gatherMore(ctx)
		committed, err := t.turn(work)
		if err != nil {
			return err
		}
		if committed {
			timers.committed(t.cfg)
		}
		timers.due(t)
	}
}

// await blocks until there is something for a turn to do; renewals are made meanwhile.
func (t *tenure) await(ctx, work context.Context, timers *timers) error {
	for {
		select {
		case <-ctx.Done():
			return errEnded
		case <-t.box.wake:
			return nil
		case <-timers.agenda.C():
			return nil
		case <-t.relay.moved:
			if err := t.pointToSnapshot(work); err != nil {
				return err
			}
			timers.idle.Reset(t.cfg.Idle)
			if t.stalled && !t.relay.full() {
				return nil
			}
		case <-timers.idle.C():
			if err := t.rest(work, timers); err != nil {
				return err
			}
		case <-timers.renew.C():
			if err := t.renew(work, timers); err != nil {
				return err
			}
		case <-timers.resend.C():
			t.resend()
			timers.resend.Reset(t.cfg.Resend)
		case step := <-t.snaps.steps:
			if err := step(work); err != nil {
				return err
			}
		}
	}
}

// renew moves the lease with an empty commit.
func (t *tenure) renew(ctx context.Context, timers *timers) error {
	if err := t.settle(ctx, t.commitOf(nil)); err != nil {
		return err
	}
	timers.renew.Reset(t.cfg.Lease / 3) // the ledger rests all the same
	return nil
}

// rest notes what was relayed since the last commit, and forgets what has ended.
func (t *tenure) rest(ctx context.Context, timers *timers) error {
	if t.retired.ready(t.relay.done()) {
		t.box.signal() // a turn forgets
		return nil
	}
	if t.relay.done() == t.head.Relayed {
		return nil
	}
	return t.renew(ctx, timers)
}

// close finishes a tenure in good order: what waits is refused, what is committed is
// relayed as far as that goes in time, and the ledger is given up so that the next owner
// need not wait.
func (t *tenure) close(ctx context.Context) error {
	answerAll(t.box.close(), ErrNotOwner)
	drain, cancel := context.WithTimeout(ctx, t.cfg.CommitTimeout)
	t.relay.drain(drain)
	cancel()
	t.sureUntil.Store(nil) // publishing ends here: the next owner may begin
	c := t.commitOf(nil)
	c.Resign = true
	if err := t.settle(ctx, c); err != nil {
		return fmt.Errorf("giving up %s: %w", t.id, err)
	}
	return nil
}

// sure tells whether this process is certain to be the owner still.
func (t *tenure) sure() bool {
	until := t.sureUntil.Load()
	return until != nil && t.world.Clock.Now().Before(*until)
}

// ready is nil, or says why the ledger takes no commands for now.
func (t *tenure) ready() error {
	if !t.sure() {
		return fmt.Errorf("%w: %s: the store has taken nothing for most of the lease", ErrUnsettled, t.id)
	}
	if rests := t.relay.stuck(); rests > 0 {
		return fmt.Errorf("%w: %s: nothing could be published or written for %s, and no more is taken until it can", ErrOverloaded, t.id, rests.Round(time.Second))
	}
	return nil
}

// sureFrom notes when a write that is in, and moved the lease, was sent.
func (t *tenure) sureFrom(sent time.Time) {
	until := sent.Add(t.cfg.Lease * 9 / 10)
	t.sureUntil.Store(&until)
}

// timers are what wakes an idle loop.
type timers struct {
	agenda, renew, idle, resend ports.Timer
	clock                       ports.Clock
}

func (t *tenure) newTimers() *timers {
	clock := t.world.Clock
	ts := &timers{
		agenda: clock.NewTimer(time.Hour), renew: clock.NewTimer(t.cfg.Lease / 3),
		idle: clock.NewTimer(t.cfg.Idle), resend: clock.NewTimer(t.cfg.Resend), clock: clock,
	}
	ts.due(t)
	return ts
}

func (ts *timers) committed(cfg Config) {
	ts.renew.Reset(cfg.Lease / 3)
	ts.idle.Reset(cfg.Idle)
}

// due sets the timer of the next deadline.
func (ts *timers) due(t *tenure) {
	if at, ok := t.agenda.first(); ok {
		ts.agenda.Reset(max(0, time.UnixMilli(at).Sub(ts.clock.Now())))
		return
	}
	ts.agenda.Reset(time.Hour)
}

func (ts *timers) stop() {
	for _, timer := range []ports.Timer{ts.agenda, ts.renew, ts.idle, ts.resend} {
		timer.Stop()
	}
}
