package app_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

const fleetLease = time.Second

// crew is a fleet in a bubble, on one store in memory.
type crew struct {
	*testing.T
	store   app.Store
	network *memory.Network
	roads   *roads
	members map[string]*hand
	cache   ports.LevelCache // of members that begin from now on; nil: none
}

// hand is one member of it.
type hand struct {
	*app.Inventory
	name  string
	clock *setClock
	gate  *gate
	stop  func()
	seen  fleetEvents
}

// fleetEvents keeps what a member tells of ledgers that move.
type fleetEvents struct {
	mu  sync.Mutex
	all []ports.Event
}

func (s *fleetEvents) Observe(e ports.Event) {
	switch e.(type) {
	case ports.TookOver, ports.Lost, ports.HandedOver, ports.MemberCame, ports.MemberWent, ports.FleetTrouble:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all = append(s.all, e)
	}
}

func (s *fleetEvents) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = nil
}

// count counts the events that are such.
func (s *fleetEvents) count(such func(ports.Event) bool) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.all {
		if such(e) {
			n++
		}
	}
	return n
}

// crewed has a story happen to a fleet of members with these names, which have ten units of
// the SKU A in each of twelve warehouses.
func crewed(t *testing.T, names []string, story func(c *crew)) {
	synctest.Test(t, func(t *testing.T) {
		c := &crew{t, memory.New(), memory.NewNetwork(), &roads{closed: map[[2]string]bool{}, levels: map[string]int{}}, map[string]*hand{}, nil}
		for _, name := range names {
			c.begin(name)
		}
		pass(5 * fleetLease)
		for n := range 12 * min(1, len(names)) {
			in := c.members[names[n%len(names)]]
			w := stock.Warehouse{ID: stock.WarehouseID(fmt.Sprint("W", n)), Region: "home", Rank: n, Ledgers: 1}
			if err := in.PutWarehouse(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			receipt := app.AdjustRequest{SKU: "A", WarehouseID: string(w.ID), Type: "RECEIPT", Quantity: 10, Actor: "test", Key: "first"}
			must(t)(in.Adjust(t.Context(), receipt))
		}
		pass(5 * fleetLease)
		for _, h := range c.members {
			h.seen.forget()
		}
		story(c)
	})
}

// gate is a member's way to the store: held, nothing gets there until it is let go; cut, nothing
// ever does; blind, journals can't be read.
type gate struct {
	app.Store
	mu   sync.Mutex
	held chan struct{} // closed when it is let go; nil: nothing is held
	cut  bool

	blind atomic.Bool
	old   atomic.Pointer[[]ports.LevelRow] // where set, what the tables tell of the SKU
}

func (g *gate) Levels(ctx context.Context, sku, warehouseID string, limit int) ([]ports.LevelRow, error) {
	if rows := g.old.Load(); rows != nil && (*rows)[0].SKU == sku {
		return *rows, nil
	}
	return g.Store.Levels(ctx, sku, warehouseID, limit)
}

func (g *gate) pass(ctx context.Context) error {
	g.mu.Lock()
	held, cut := g.held, g.cut
	g.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if cut {
		return fmt.Errorf("%w: cut off", ports.ErrUnknown)
	}
	return nil
}

func (g *gate) hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = make(chan struct{})
}

func (g *gate) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.held)
	g.held = nil
}

func (g *gate) Head(ctx context.Context, id ledger.ID) (ports.Head, error) {
	if g.blind.Load() {
		return ports.Head{}, ports.ErrTransient
	}
	return g.Store.Head(ctx, id)
}

func (g *gate) Entries(ctx context.Context, id ledger.ID, after, upto int64, settled bool, take func(ports.Record) error) error {
	if g.blind.Load() {
		return ports.ErrTransient
	}
	return g.Store.Entries(ctx, id, after, upto, settled, take)
}

func (g *gate) Commit(ctx context.Context, id ledger.ID, c ports.Commit) error {
	if err := g.pass(ctx); err != nil {
		return err
	}
	return g.Store.Commit(ctx, id, c)
}

func (g *gate) Beat(ctx context.Context, m ports.Member) error {
	if err := g.pass(ctx); err != nil {
		return err
	}
	return g.Store.Beat(ctx, m)
}

func (g *gate) Members(ctx context.Context) ([]ports.Member, error) {
	if err := g.pass(ctx); err != nil {
		return nil, err
	}
	return g.Store.Members(ctx)
}

func (g *gate) Leave(ctx context.Context, id string) error {
	if err := g.pass(ctx); err != nil {
		return err
	}
	return g.Store.Leave(ctx, id)
}

func (g *gate) TakeOver(ctx context.Context, id ledger.ID, by string, seen ports.Head) (ports.Head, error) {
	if err := g.pass(ctx); err != nil {
		return ports.Head{}, err
	}
	return g.Store.TakeOver(ctx, id, by, seen)
}

// begin begins a member, again under the same name where it was there before.
func (c *crew) begin(name string) *hand {
	h, bell := &hand{name: name, clock: &setClock{}, gate: &gate{Store: c.store}}, &doorbell{}
	in, stop := beginUntil(c.T, h.gate, app.Outside{
		Wire: road{c.network.Join(name, bell), name, c.roads}, Observer: &h.seen, Clock: h.clock, StoreClock: h.clock, Cache: c.cache,
	}, func(cfg *app.Config) {
		cfg.Member.Name, cfg.Member.Addr, cfg.Member.Patience = name, name, fleetLease
		cfg.Owner.Lease, cfg.Owner.ClockCheck = fleetLease, fleetLease
		cfg.Reservation.PlanPatience = 3 * fleetLease
	})
	h.Inventory, h.stop = in, sync.OnceFunc(func() { stop(); c.network.Leave(name) })
	c.Cleanup(h.stop)
	bell.in.Store(in)
	c.members[name] = h
	return h
}

// crash ends a member at once: what it still does reaches nobody.
func (c *crew) crash(name string) {
	h := c.members[name]
	delete(c.members, name)
	c.network.Leave(name)
	h.gate.mu.Lock()
	defer h.gate.mu.Unlock()
	h.gate.cut = true
}

// owners lists which member owns what, as all of them see it.
func (c *crew) owners() map[ledger.ID]string {
	c.Helper()
	var owners map[ledger.ID]string
	for _, name := range slices.Sorted(maps.Keys(c.members)) {
		all, err := c.members[name].Everywhere(c.Context())
		if err != nil {
			c.Fatalf("%s: %v", name, err)
		}
		seen := map[ledger.ID]string{}
		for _, s := range all {
			seen[s.Ledger] = s.Name
		}
		if owners != nil && !maps.Equal(owners, seen) {
			c.Fatalf("%s sees %v, others saw %v", name, seen, owners)
		}
		owners = seen
	}
	return owners
}

// parts counts the ledgers that each member owns.
func (c *crew) parts() map[string]int {
	c.Helper()
	parts := map[string]int{}
	for id, name := range c.owners() {
		if name == "" {
			c.Errorf("%s has no owner", id)
		}
		parts[name]++
	}
	return parts
}

func (c *crew) reserve(by, order string, warehouse string) error {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), 10*fleetLease)
	defer cancel()
	o, err := c.members[by].Reserve(ctx, app.ReserveRequest{
		OrderID: order, Items: []app.ReserveItem{{SKU: "A", Quantity: 1, WarehouseID: warehouse}},
	})
	if err == nil && o.Status != reservation.Held {
		return fmt.Errorf("%s is %s", order, o.Status)
	}
	return err
}

// orderAt gives an order id whose ledger a member owns.
func (c *crew) orderAt(name string) string {
	c.Helper()
	owners := c.owners()
	for n := range 1000 {
		id := fmt.Sprint("order-at-", name, "-", n)
		if owners[reservation.LedgerOf(reservation.IDOf(stock.OrderID(id)), "home", 4)] == name {
			return id
		}
	}
	c.Fatalf("%s owns no reservation ledger: %v", name, owners)
	return ""
}
