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
	ctx  context.Context // ends when the ledger is to be given up
	end  func()
	over chan struct{} // closed when it has been

	id      ledger.ID
	epoch   int64
	cfg     Config
	world   World
	time    *timekeeper
	demand  *demand
	kind    Kind
	carrier Carrier
	box     *mailbox // shared
	recall  *recaller

	mu    sync.RWMutex // guards state, at and acked against readers while the loop changes them
	state ledger.Machine
	at    ledger.Stamp // of the newest entry

	head      ports.Head                // as of the last write that is known to be in
	sureUntil atomic.Pointer[time.Time] // no standby takes over before; shared

	agenda   *agenda
	retired  *retirement
	waiters  *waiters
	acked    map[ledger.ID]int64 // by peer: mail known to be taken there
	sent     map[ledger.ID]int64 // by peer: mail that is with the carrier
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
	work, stop := outlive(ctx, t.world.Clock, 2*t.cfg.CommitTimeout)
	var background sync.WaitGroup
	background.Go(func() { t.recall.run(work) })
	relay := t.world.Relay(t.id, t.sure, func() bool { return t.demand.callersWait() && !t.relay.pressed() })
	background.Go(func() { t.relay.publish(work, t, relay) })
	background.Go(func() { t.relay.write(work, t, relay) })
	err := t.loop(ctx, work)
	if errors.Is(err, errEnded) {
		err = t.finish(work)
	}
	if err == nil || errors.Is(err, ports.ErrClock) { // what is decided is right, and is still told
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
	timers.renew.Reset(renewal(t.cfg.Lease)) // the ledger rests all the same
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

// easing is how long a ledger that is to be given up goes on until its relay has caught up,
// as a divisor of the lease.
const easing = 10

// ease lets the relay catch up while the ledger still takes commands: nobody decides anything
// from when it is closed until its next owner has it.
func (t *tenure) ease() {
	t.relay.hasten()
	until := t.world.Clock.Now().Add(t.cfg.Lease / easing)
	for t.relay.pending() && t.world.Clock.Now().Before(until) {
		if ports.Sleep(t.ctx, t.world.Clock, t.cfg.Lease/easing/20) != nil {
			return
		}
	}
}

// lastTurns bounds how long a ledger that is given up decides what waits.
const lastTurns = 16

// finish decides what waits in the mailbox, which takes nothing more.
func (t *tenure) finish(ctx context.Context) error {
	t.box.shut()
	for n := 0; n < lastTurns && t.box.waiting() > 0 && !t.relay.full(); n++ {
		if _, err := t.turn(ctx); err != nil {
			return err
		}
	}
	return nil
}

// close finishes a tenure in good order: what still waits is refused, what is committed is
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
	until := sent.Add(certainty(t.cfg.Lease))
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
		agenda: clock.NewTimer(time.Hour), renew: clock.NewTimer(renewal(t.cfg.Lease)),
		idle: clock.NewTimer(t.cfg.Idle), resend: clock.NewTimer(t.cfg.Resend), clock: clock,
	}
	ts.due(t)
	return ts
}

func (ts *timers) committed(cfg Config) {
	ts.renew.Reset(renewal(cfg.Lease))
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
