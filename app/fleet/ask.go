package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/ports"
)

// Ask has a ledger decide a command, wherever it is owned, and returns its outcome. Errors are
// as of owner.Host.Ask. Where the owner changes meanwhile, or can't be reached, it is asked
// again for Config.Patience at most: a command takes effect once. A refusal is of the try that
// brought it: a copy that was held up on the way is decided when it comes, before its deadline.
func (f *Fleet) Ask(ctx context.Context, id ledger.ID, cmd ledger.Command, p owner.Patience) (any, error) {
	if f.alone() || f.host.Owns(id) {
		outcome, err := f.host.Ask(ctx, id, cmd, p)
		if f.alone() || !errors.Is(err, owner.ErrNotOwner) {
			return outcome, err
		}
	}
	return f.bring(ctx, id, cmd, p)
}

// bring brings a command to a ledger's owner, whoever that is.
func (f *Fleet) bring(ctx context.Context, id ledger.ID, cmd ledger.Command, p owner.Patience) (any, error) {
	began := f.world.Clock.Now()
	told := ports.Forwarded{Ledger: id}
	pause := firstPause
	for {
		news := f.routes.news()
		told.Tries++
		to, outcome, err := f.askOwner(ctx, id, cmd, p)
		told.To = to
		told.Took = f.world.Clock.Now().Sub(began)
		if !elsewhere(err) || told.Took >= f.cfg.Patience || ctx.Err() != nil {
			if told.Err = err; to != f.cfg.Name {
				told.Outcome = outcomeOf(to, err)
				f.world.Observer.Observe(told)
			}
			return outcome, unsettled(err)
		}
		f.pause(ctx, news, pause)
		pause = min(2*pause, lastPause)
	}
}

// The time between two tries to bring a command to its ledger's owner, unless there is news.
const (
	firstPause = 2 * time.Millisecond
	lastPause  = 100 * time.Millisecond
)

// elsewhere tells that a command may be decided if it is brought again, perhaps to another
// member.
func elsewhere(err error) bool {
	return errors.Is(err, owner.ErrNotOwner) || errors.Is(err, errWire)
}

// errWire is of a command of which this process did not hear again.
var errWire = errors.New("no answer from the ledger's owner")

// unsettled says of a command that may have been decided that nobody knows.
func unsettled(err error) error {
	if errors.Is(err, errWire) && !errors.Is(err, ports.ErrTransient) {
		return fmt.Errorf("%w: %w", owner.ErrUnsettled, err)
	}
	return err
}

// pause waits, unless there is news; whatever comes next sees the end of ctx.
func (f *Fleet) pause(ctx context.Context, news <-chan struct{}, d time.Duration) {
	_ = ports.SleepUnless(ctx, f.world.Clock, d, news)
}

// askOwner asks the owner once; to is its name, as far as it is known.
func (f *Fleet) askOwner(ctx context.Context, id ledger.ID, cmd ledger.Command, p owner.Patience) (to string, outcome any, err error) {
	if f.host.Owns(id) {
		outcome, err = f.host.Ask(ctx, id, cmd, p)
		return f.cfg.Name, outcome, err
	}
	m, ok := f.ownerOf(id, true)
	if !ok {
		if err := f.seek(ctx, id); err != nil {
			return "", nil, err
		}
		if m, ok = f.ownerOf(id, true); !ok {
			return "", nil, fmt.Errorf("%w: nobody who is known to own %s can be reached", owner.ErrNotOwner, id)
		}
	}
	outcome, err = f.askMember(ctx, m, id, cmd, p)
	if errors.Is(err, owner.ErrNotOwner) {
		f.routes.drop(id, m.ID)
		if seekErr := f.seek(ctx, id); seekErr != nil {
			err = errors.Join(err, seekErr)
		}
	}
	return m.Name, outcome, err
}

// askMember asks another member once.
func (f *Fleet) askMember(ctx context.Context, m ports.Member, id ledger.ID, cmd ledger.Command, p owner.Patience) (any, error) {
	a, err := ask[wire.Answer](ctx, f, m, wire.Ask{Ledger: id, Patience: bool(p), Command: cmd})
	if err != nil {
		return nil, err
	}
	return a.Outcome, a.Err
}

// ownerOf finds the other member that owns a ledger, as far as is known. Where that is not
// known, guess gives the one to which it falls.
func (f *Fleet) ownerOf(id ledger.ID, guess bool) (ports.Member, bool) {
	member := f.routes.of(id)
	if member == "" && guess {
		f.mu.Lock()
		member = f.plan[id]
		f.mu.Unlock()
	}
	m, _, ok := f.roster.member(member)
	return m, ok && m.Addr != ""
}

// seekAgain is how often the store is asked who owns a ledger, at most.
const seekAgain = 20 * time.Millisecond

// seek asks the store who owns a ledger, unless it was asked a moment ago. ErrNotOwner: nobody
// does.
func (f *Fleet) seek(ctx context.Context, id ledger.ID) error {
	now := f.world.Clock.Now()
	f.mu.Lock()
	if now.Sub(f.sought[id]) < seekAgain {
		f.mu.Unlock()
		return nil
	}
	f.sought[id] = now
	f.mu.Unlock()
	head, err := f.world.Journal.Head(ctx, id)
	if err != nil {
		return fmt.Errorf("looking for the owner of %s: %w", id, err)
	}
	if head.Owner == "" {
		return fmt.Errorf("%w: %s: nobody does at the moment", owner.ErrNotOwner, id)
	}
	if head.Owner == f.cfg.Owner.Owner {
		return fmt.Errorf("%w: %s: it is being taken", owner.ErrNotOwner, id)
	}
	if _, _, ok := f.roster.member(head.Owner); !ok {
		return fmt.Errorf("%w: %s: its last owner is silent", owner.ErrNotOwner, id)
	}
	f.routes.set(id, head.Owner, head.Epoch)
	return nil
}
