package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"inventory/app/audit"
	"inventory/app/cache"
	"inventory/app/capture"
	"inventory/app/fleet"
	"inventory/app/owner"
	"inventory/app/relay"
	"inventory/app/watch"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// Config is what a deployment sets.
type Config struct {
	// Region is the home region, whose reservation ledgers these are.
	Region stock.Region
	// ReservationLedgers is how many reservation ledgers a new keyspace gets. The number
	// never changes afterwards.
	ReservationLedgers int
	// TTL is how long a hold lives where the order does not say.
	TTL time.Duration
	// DirectoryRefresh is how often warehouses that other processes added are looked for.
	DirectoryRefresh time.Duration
	// ReadPatience is how long stock is read again that is older than a reader must see; 0: it is not.
	ReadPatience time.Duration
	Reservation  reservation.Config
	// Capture leaves publishing to who captures inventory.events: CapturePublisher.
	Capture bool
	// Member says who this process is in the fleet. Its Owner is the one below.
	Member fleet.Config
	Owner  owner.Config
	Audit  audit.Config
	Watch  watch.Config
	Cache  cache.Config // where Outside.Cache is set
}

// DefaultConfig has the values of the design; Owner.Owner is still to be set.
func DefaultConfig() Config {
	return Config{
		Region: "home", ReservationLedgers: 4, TTL: time.Hour, DirectoryRefresh: 10 * time.Second, ReadPatience: time.Second,
		Reservation: reservation.DefaultConfig(), Member: fleet.Config{Name: "inventory", Patience: fleet.DefaultPatience}, Owner: owner.DefaultConfig(), Audit: audit.DefaultConfig(),
		Watch: watch.DefaultConfig(), Cache: cache.DefaultConfig(),
	}
}

// Validate names every fault.
func (c Config) Validate() error {
	_, regionErr := stock.ParseRegion(string(c.Region))
	err := regionErr
	if c.TTL < reservation.MinTTL || c.TTL > reservation.MaxTTL {
		err = errors.Join(err, fmt.Errorf("ttl %s: expected %s to %s", c.TTL, reservation.MinTTL, reservation.MaxTTL))
	}
	if c.ReservationLedgers < 1 || c.ReservationLedgers > stock.MaxLedgers {
		err = errors.Join(err, fmt.Errorf("reservation ledgers %d: expected 1 to %d", c.ReservationLedgers, stock.MaxLedgers))
	}
	if c.Reservation.Retention < reservation.MaxTTL {
		err = errors.Join(err, fmt.Errorf("retention %s: expected %s or more, as long as the store keeps an order's row", c.Reservation.Retention, reservation.MaxTTL))
	}
	if c.Owner.ClockCheck < time.Millisecond {
		err = errors.Join(err, fmt.Errorf("clock check %s: expected 1ms or more", c.Owner.ClockCheck))
	}
	if c.ReadPatience < 0 || c.ReadPatience > MaxReadPatience {
		err = errors.Join(err, fmt.Errorf("read patience %s: expected 0, for none, to %s", c.ReadPatience, MaxReadPatience))
	}
	if c.Audit.Interval < 0 {
		err = errors.Join(err, fmt.Errorf("audit interval %s: expected 0, for none, or more", c.Audit.Interval))
	}
	if cacheErr := c.Cache.Validate(); cacheErr != nil {
		err = errors.Join(err, fmt.Errorf("cache: %w", cacheErr))
	}
	if c.Owner.Lease < time.Millisecond {
		err = errors.Join(err, fmt.Errorf("lease %s: expected 1ms or more", c.Owner.Lease))
	}
	return err
}

// Store is what one store does for the inventory.
type Store interface {
	ports.Journal
	ports.JournalReader
	ports.Snapshots
	ports.Tables
	ports.Archive
	ports.Books
	ports.Outbox
	ports.Directory
	ports.Members
}

// Outside is what else the inventory needs of the world.
type Outside struct {
	Clock      ports.Clock
	StoreClock ports.StoreClock // as of owner.World
	Observer   ports.Observer
	// Publisher tells the world what happens.
	Publisher ports.Publisher
	// LevelTopic reads back what Publisher published; nil: the auditor leaves it out.
	LevelTopic ports.LevelTopic
	// Cache keeps levels of SKUs that are read much; nil: nothing does.
	Cache ports.LevelCache
	// CommitID gives ids that are never alike.
	CommitID func() ledger.UUID
	// Wire reaches the other members of the fleet, which reach Inventory.Wire. Not needed where
	// only one process can use the store (Config.Owner.Seize).
	Wire ports.Wire
	// Carry, where set, wraps how mail travels between ledgers.
	Carry func(owner.Carrier) owner.Carrier
}

// Inventory is the service: its use cases, and the ledgers behind them.
type Inventory struct {
	cfg       Config
	world     owner.World
	books     ports.Books
	capture   capture.World
	directory *directory
	fleet     *fleet.Fleet
	host      *owner.Host // of fleet
	ledgers   int         // reservation ledgers
	auditor   *audit.Auditor
	hub       *watch.Hub
	reader    *cache.Reader // nil: there is no cache
	teller    *cache.Teller // the same
	storing   chan struct{} // has an element for each level that is being read from the tables
	repairing chan struct{} // has room for one repair at a time

	// ask has a ledger decide a command: as of fleet.Fleet, but for a rehearsal.
	ask func(context.Context, ledger.ID, ledger.Command, owner.Patience) (any, error)
	// look reads the warehouses: lookAgain, but for a rehearsal.
	look func(context.Context) error
}

// New makes the service on a store. Nothing is owned before Run.
func New(ctx context.Context, cfg Config, store Store, out Outside) (*Inventory, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if out.Publisher == nil {
		return nil, errors.New("no publisher: what is decided would be told to nobody")
	}
	n, err := store.ReservationLedgers(ctx, string(cfg.Region), cfg.ReservationLedgers)
	if err != nil {
		return nil, fmt.Errorf("number of reservation ledgers: %w", err)
	}
	in := &Inventory{cfg: cfg, books: store, directory: newDirectory(store), ledgers: n, repairing: make(chan struct{}, 1), storing: make(chan struct{}, mostStored)}
	if err := in.directory.refresh(ctx); err != nil {
		return nil, err
	}
	in.capture = capture.World{Outbox: store, Books: store, Publisher: out.Publisher, Clock: out.Clock, Observer: out.Observer}
	in.world = owner.World{
		Journal: store, Reader: store, Snapshots: store, Archive: store,
		Clock: out.Clock, StoreClock: out.StoreClock, Observer: out.Observer, Kinds: in.kinds(),
		Relay: func(id ledger.ID, sure, spaced func() bool) owner.Relay {
			return relay.New(relay.To{
				Ledger: id, Tables: store, Publisher: out.Publisher, Region: in.regionOf(id), Sure: sure, Spaced: spaced, Clock: out.Clock,
				Capture: cfg.Capture, Settle: func(ctx context.Context) error { return in.capture.Settle(ctx, id) },
			})
		},
		CommitID: out.CommitID, Watch: in.watch, Learn: in.learn,
	}
	in.openCache(out.Cache)
	member := cfg.Member
	member.Owner = cfg.Owner
	in.fleet = fleet.New(member, fleet.World{
		World: in.world, Members: store, Wire: out.Wire, List: in.Ledgers, Relist: in.directory.refresh, Meet: in.meet, Carry: out.Carry,
		Heard: func(id ledger.ID) { in.hub.Nudge(id) }, Asked: in.tellAsked,
	})
	in.host = in.fleet.Host()
	in.hub = watch.New(cfg.Watch, watch.World{Ledgers: in.world, Owners: in.host})
	in.ask, in.look = in.fleet.Ask, in.lookAgain
	in.auditor = audit.New(in.audited(in.ownLedgers, out.LevelTopic, out.Publisher), cfg.Audit)
	return in, nil
}

// kinds makes the machines; reservation ledgers plan with the levels that this process
// owns.
func (in *Inventory) kinds() map[ledger.Kind]owner.Kind {
	levels := levels{in}
	return map[ledger.Kind]owner.Kind{
		ledger.KindStock: {
			New:          func(id ledger.ID) ledger.Machine { return stock.New(id) },
			DecodeState:  func(b []byte) (ledger.Machine, error) { return stock.DecodeState(b) },
			DecodeChange: stock.DecodeChange,
		},
		ledger.KindReservation: {
			New: func(id ledger.ID) ledger.Machine { return reservation.New(id, in.cfg.Reservation, levels) },
			DecodeState: func(b []byte) (ledger.Machine, error) {
				return reservation.DecodeState(b, in.cfg.Reservation, levels)
			},
			DecodeChange: reservation.DecodeChange,
		},
	}
}

// regionOf finds the region of a stock ledger's warehouse.
func (in *Inventory) regionOf(id ledger.ID) stock.Region {
	return in.directory.now.Load().byID[stock.WarehouseID(id.Scope())].Region
}

// Run takes part in the fleet and runs the ledgers that fall to this process, until ctx ends or
// something needs a person.
func (in *Inventory) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	telling, told := context.WithCancel(context.WithoutCancel(ctx)) // ledgers are given up when ctx has ended
	var watch sync.WaitGroup
	watch.Go(func() { in.watchDirectory(ctx) })
	if in.teller != nil {
		watch.Go(func() { in.teller.Run(telling) })
	}
	err := in.fleet.Run(ctx)
	stop()
	told()
	watch.Wait()
	return err
}

// MemberID is the id of this start of the process.
func (in *Inventory) MemberID() string { return in.cfg.Owner.Owner }

// Wire is what other members reach.
func (in *Inventory) Wire() ports.WireHandler { return in.fleet }

// Ready is nil while every ledger has an owner, and those of this process take commands; else
// it says what is missing.
func (in *Inventory) Ready(ctx context.Context) error { return in.fleet.Ready(ctx) }

// Ledgers lists all ledgers of the deployment: reservation ledgers first.
func (in *Inventory) Ledgers(context.Context) ([]ledger.ID, error) {
	var ids []ledger.ID
	for n := range in.ledgers {
		ids = append(ids, ledger.ReservationID(string(in.cfg.Region), n))
	}
	for _, w := range in.directory.all() {
		ids = append(ids, w.LedgerIDs()...)
	}
	return ids, nil
}

// CapturePublisher makes what publishes the events that relays left to capture (Config.Capture).
// It needs no ledger of this process, and Run need not run.
func (in *Inventory) CapturePublisher(c ports.Capture, cfg capture.Config) *capture.Publisher {
	return capture.New(in.capture, c, func(ctx context.Context) ([]ledger.ID, error) {
		if err := in.directory.refresh(ctx); err != nil {
			return nil, err
		}
		return in.Ledgers(ctx)
	}, cfg)
}

// Status lists how the ledgers of this process stand, in order.
func (in *Inventory) Status() []owner.Status { return in.host.Status() }

// Own lists how the ledgers of this process stand, in order, with their live holds.
func (in *Inventory) Own() []fleet.Standing { return in.fleet.Own() }

// Unowned lists the ledgers that nobody is known to own. An error says that the store could not be
// asked.
func (in *Inventory) Unowned(ctx context.Context) ([]ledger.ID, error) { return in.fleet.Unowned(ctx) }

// Everywhere lists how all ledgers stand, in order, whichever member owns them. An error says
// which members did not answer.
func (in *Inventory) Everywhere(ctx context.Context) ([]fleet.Standing, error) {
	return in.fleet.Everywhere(ctx)
}

// ledgerOf names the ledger that decides a reservation.
func (in *Inventory) ledgerOf(id ledger.UUID) ledger.ID {
	return reservation.LedgerOf(id, in.cfg.Region, in.ledgers)
}

// askOrder has a command about an order decided; its outcome is the order.
func (in *Inventory) askOrder(ctx context.Context, id ledger.UUID, cmd ledger.Command, p owner.Patience) (*reservation.Order, error) {
	began := in.world.Clock.Now()
	outcome, err := in.ask(ctx, in.ledgerOf(id), cmd, p)
	o, _ := outcome.(*reservation.Order)
	in.observeOrder(id, cmd, o, err, began)
	return o, err
}
