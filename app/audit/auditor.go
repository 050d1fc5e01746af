package audit

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// Config sets how much an auditor does.
type Config struct {
	// Interval is the time from one pass to the next, over which a pass is spread. 0: there are
	// none.
	Interval time.Duration
	// Reads bounds the levels and orders whose rows are read in one pass. Where there are more,
	// each pass looks at a share of them, so that all have their turn.
	Reads int
	// Rows bounds the rows of inventory.events that are read in one pass to sum up all of a
	// SKU's. Beyond it only those are read that came since its last turn.
	Rows int
}

// DefaultConfig has the values for production: what a paused process published late is corrected
// within a minute, three passes.
func DefaultConfig() Config { return Config{Interval: 20 * time.Second, Reads: 7000, Rows: 70_000} }

// World is what an audit needs of its surroundings.
type World struct {
	Host    *owner.Host
	Ledgers owner.World // for reading journals, the clock and the observer
	Books   ports.Books
	// List lists the ledgers to audit. all says that there are no others, so that what they say
	// of each other can be compared.
	List func(context.Context) (ids []ledger.ID, all bool, err error)
	// LedgerOf names the ledger that decides a reservation.
	LedgerOf func(ledger.UUID) ledger.ID
	// Warehouse finds a warehouse.
	Warehouse func(stock.WarehouseID) (stock.Warehouse, bool)
	// Topic reads stock levels back; nil: they are not compared. Publisher publishes those
	// again that it lacks.
	Topic     ports.LevelTopic
	Publisher ports.Publisher
	// Published tells up to which version a ledger's levels are on the topic; nil: they are
	// when they are relayed.
	Published func(context.Context, ledger.ID) (int64, error)
}

// Report says what was compared and what differs.
type Report struct {
	Ledgers     int
	SKUs        int // levels that were compared with the tables
	Events      int // rows of inventory.events that were read
	Orders      int // in memory of the reservation ledgers
	Holds       int
	InFlight    int // holds and orders that were not compared since mail was under way
	Differences []Difference
}

// Auditor compares, again and again. One goroutine uses it, but for Present.
type Auditor struct {
	w         World
	cfg       Config
	whole     bool // one pass looks at all, at once
	followers map[ledger.ID]*follower
	ids       []ledger.ID
	all       bool // there are no others
	levels    map[string]published
	deaf      bool // the topic can't be read in this pass
	pass      uint64
	seed      maphash.Seed
	pause     time.Duration // after each read
	reads     int           // of this pass
	rows      int
	report    Report
	suspects  []suspect

	mu      sync.Mutex // guards what follows
	present []Difference
	ended   time.Time // of the last pass, zero before the first
}

// New makes an auditor. Run sets it to work.
func New(w World, cfg Config) *Auditor {
	return &Auditor{w: w, cfg: cfg, followers: map[ledger.ID]*follower{}, levels: map[string]published{}, seed: maphash.MakeSeed()}
}

// Once compares everything, but for the topic, at once.
func Once(ctx context.Context, w World) (Report, error) {
	w.Topic = nil
	a := New(w, Config{})
	a.whole = true
	err := a.onePass(ctx)
	return a.report, err
}

// onePass looks at everything, or at a share of it.
func (a *Auditor) onePass(ctx context.Context) error {
	a.report, a.suspects, a.reads, a.rows, a.deaf = Report{}, nil, 0, 0, false
	a.pass++
	if err := a.list(ctx); err != nil {
		return err
	}
	for _, phase := range []struct {
		step func(context.Context, *follower) error
		then func(context.Context) error
		on   func(context.Context, *follower) (bool, error)
	}{
		{a.tables, a.topic, a.w.toRelayed},
		{a.within, a.across, func(ctx context.Context, f *follower) (bool, error) { return true, a.w.toNewest(ctx, f) }},
	} {
		if err := a.phase(ctx, phase.step, phase.then); err != nil {
			return err
		}
		if err := a.confirm(ctx, phase.on); err != nil {
			return err
		}
	}
	return nil
}

func (a *Auditor) phase(ctx context.Context, step func(context.Context, *follower) error, then func(context.Context) error) error {
	for _, id := range a.ids {
		if err := step(ctx, a.followers[id]); err != nil {
			return err
		}
	}
	return then(ctx)
}

// list finds the ledgers, stock ledgers first: mail of a reservation ledger that was
// followed later is never unknown.
func (a *Auditor) list(ctx context.Context) error {
	ids, all, err := a.w.List(ctx)
	if err != nil {
		return fmt.Errorf("listing the ledgers: %w", err)
	}
	a.ids = nil
	var orders []ledger.ID
	for _, id := range ids {
		if a.followers[id] == nil {
			a.followers[id] = newFollower(id)
		}
		if id.Kind() == ledger.KindStock {
			a.ids = append(a.ids, id)
		} else {
			orders = append(orders, id)
		}
	}
	a.ids, a.all = append(a.ids, orders...), all
	for id := range a.followers {
		if !slices.Contains(a.ids, id) { // another member's by now
			delete(a.followers, id)
		}
	}
	a.report.Ledgers = len(a.ids)
	return nil
}

// breathe rests after a read, so that a pass takes its time.
func (a *Auditor) breathe(ctx context.Context) { _ = a.rest(ctx, a.pause) } // whatever comes next sees the end of ctx

func (a *Auditor) rest(ctx context.Context, d time.Duration) error {
	return ports.Sleep(ctx, a.w.Ledgers.Clock, d)
}
