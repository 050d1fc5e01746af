package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/ports"
)

// Config says who this process is, and how it behaves towards others.
type Config struct {
	// Name is of this process's place: the same after a restart, another for each process of
	// the fleet.
	Name string
	// Addr is where other members reach this process.
	Addr string
	// Version is this program's.
	Version string
	// Patience is how long a command is brought to a ledger whose owner is not known, or has
	// changed, before its caller is told.
	Patience time.Duration
	// Owner is how ledgers are run. Owner.Seize: no other process can use the store, and
	// nothing but it counts here.
	Owner owner.Config
}

// DefaultPatience leaves a caller time to come again within two seconds.
const DefaultPatience = 1500 * time.Millisecond

// World is all that a Fleet needs of its surroundings.
type World struct {
	owner.World
	Members ports.Members
	Wire    ports.Wire
	// List lists all ledgers, as far as this process knows.
	List func(context.Context) ([]ledger.ID, error)
	// Relist looks whether there are others.
	Relist func(context.Context) error
	// Meet, where set, is called before a command of another member is decided: what it names
	// may be something that only that member has heard of.
	Meet func(context.Context, ledger.Command) error
	// Carry, where set, wraps how mail travels.
	Carry func(owner.Carrier) owner.Carrier
	// Asked, where set, is called before another member is told levels.
	Asked func([]wire.Shelf)
	// Heard, where set, is called when another member told of changes in a stock ledger of its.
	Heard func(ledger.ID)
}

// Fleet is this process's part in the fleet.
type Fleet struct {
	cfg    Config
	world  World
	host   *owner.Host
	codec  *wire.Codec
	roster *roster
	reach  *reach
	routes *routes
	board  *board
	feeds  *feeds
	kicked chan struct{} // has room for one sign
	fatal  chan error    // has room for one
	plans  atomic.Bool   // a reservation ledger falls to this process: it plans orders

	mu       sync.Mutex
	running  context.Context // of Run; nil before it
	beat     int64
	ending   bool
	joined   bool                  // others can see this process, and it has seen them
	plan     map[ledger.ID]string  // member that each ledger falls to; never changed in place
	firm     map[ledger.ID]string  // the same, if those that are silent were alive
	shared   shared                // what both were made of
	claims   map[ledger.ID]*claim  // under way
	barred   map[ledger.ID]barrier // that can't be taken for now
	handing  bool                  // a ledger is being handed over
	stale    bool                  // there may be ledgers that this process has not heard of
	sought   map[ledger.ID]time.Time
	looking  map[ledger.ID]bool
	hailing  map[string]bool      // members that are being hailed
	heralded map[ledger.ID]string // member that was told that a ledger falls to it
	working  sync.WaitGroup
}

// New makes a process's part in the fleet. It owns nothing before Run.
func New(cfg Config, world World) *Fleet {
	f := &Fleet{
		cfg: cfg, world: world, codec: owner.NewCodec(), roster: newRoster(cfg.Owner.Owner, suspicion(cfg.Owner.Lease)), reach: newReach(), routes: newRoutes(),
		kicked: make(chan struct{}, 1), fatal: make(chan error, 1),
		plan: map[ledger.ID]string{}, claims: map[ledger.ID]*claim{}, barred: map[ledger.ID]barrier{},
		sought: map[ledger.ID]time.Time{}, looking: map[ledger.ID]bool{}, hailing: map[string]bool{}, heralded: map[ledger.ID]string{},
	}
	f.board, f.feeds = newBoard(f), newFeeds(f)
	watch := f.world.Watch
	f.world.Watch = func(id ledger.ID, e *ledger.Entry) {
		f.feeds.note(id, e)
		if watch != nil {
			watch(id, e)
		}
	}
	carrier := owner.Carrier(f)
	if world.Carry != nil {
		carrier = world.Carry(f)
	}
	f.host = owner.NewHost(cfg.Owner, f.world.World, carrier, f.ended)
	return f
}

// Host gives what this process owns.
func (f *Fleet) Host() *owner.Host { return f.host }

// alone tells whether there are no other members.
func (f *Fleet) alone() bool { return f.cfg.Owner.Seize }

// suspicion is how long a member's beat may stand still before its ledgers are watched.
func suspicion(lease time.Duration) time.Duration { return lease / 4 }

// Run takes part in the fleet until ctx ends (nil, with all ledgers given up), or something
// needs a person who can't be told otherwise.
func (f *Fleet) Run(ctx context.Context) error {
	f.mu.Lock()
	f.running = ctx
	f.mu.Unlock()
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	var parts sync.WaitGroup
	parts.Go(func() { f.host.WatchClock(work, f.kick) })
	parts.Go(func() { f.beats(work) })
	parts.Go(func() { f.board.run(work) })
	err := f.govern(ctx)
	f.leave(ctx)
	stop()
	parts.Wait()
	return err
}

// leave gives all ledgers up to those who stay.
func (f *Fleet) leave(ctx context.Context) {
	f.mu.Lock()
	f.ending = true
	f.stopClaims()
	f.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.cfg.Owner.CommitTimeout)
	defer cancel()
	f.tellBeat(ctx) // nobody hands anything over to this process any more
	f.working.Wait()
	f.giveUp()
	f.host.Wait()
	if f.world.Members != nil {
		if err := f.world.Members.Leave(ctx, f.cfg.Owner.Owner); err != nil {
			f.trouble(err)
		}
	}
}

func (f *Fleet) trouble(err error) { f.world.Observer.Observe(ports.FleetTrouble{Err: err}) }

// kick has the ledgers looked at soon.
func (f *Fleet) kick() { sign(f.kicked) }

// Refresh looks at the list of ledgers again, and waits until those are owned that fall to this
// process, not for long. Another member may take longer to take those that fall to it.
func (f *Fleet) Refresh(ctx context.Context) error {
	ids, err := f.world.List(ctx)
	if err != nil {
		return fmt.Errorf("listing the ledgers: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, f.cfg.Patience)
	defer cancel()
	for ctx.Err() == nil {
		news := f.routes.news()
		if f.settled(ids) {
			return nil
		}
		f.kick()
		f.pause(ctx, news, lastPause)
	}
	return nil
}

// settled tells whether there is nothing to wait for in this process.
func (f *Fleet) settled(ids []ledger.ID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.joined || f.ending || f.host.Trust() != nil {
		return true
	}
	return !slices.ContainsFunc(ids, func(id ledger.ID) bool {
		member, planned := f.plan[id]
		return !planned || member == f.cfg.Owner.Owner && !f.host.Owns(id) && f.barred[id].err == nil
	})
}

// Ready is nil while this process takes part in the fleet, its ledgers take commands and the
// owners of all others are known; else it says what is missing.
func (f *Fleet) Ready(ctx context.Context) error {
	ids, err := f.world.List(ctx)
	if err != nil {
		return fmt.Errorf("listing the ledgers: %w", err)
	}
	if err := f.host.Trust(); err != nil {
		return fmt.Errorf("%w: standing by: %w", owner.ErrNotOwner, err)
	}
	if f.standsBack() {
		return fmt.Errorf("%w: standing by: %w", owner.ErrNotOwner, f.reach.why(f.cfg.Addr, f.peers()))
	}
	var faults []error
	for _, id := range ids {
		faults = append(faults, f.readyOf(ctx, id))
	}
	return errors.Join(faults...)
}

func (f *Fleet) readyOf(ctx context.Context, id ledger.ID) error {
	f.mu.Lock()
	barrier := f.barred[id]
	f.mu.Unlock()
	switch {
	case f.host.Owns(id):
		return f.host.Ready(id)
	case barrier.err != nil:
		return barrier.err
	case f.alone():
		return f.host.Ready(id)
	}
	if _, ok := f.ownerOf(id, false); ok {
		return nil
	}
	return f.seek(ctx, id)
}
