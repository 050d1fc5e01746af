package app_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
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

// stage is a service whose future is rehearsed, and then happens.
type stage struct {
	*testing.T
	*rand.Rand
	store  *memory.Store
	in     *app.Inventory
	orders []string
	made   int
}

var stageSKUs = []string{"A", "B", "C", "D"}

var stageWarehouses = []stock.Warehouse{
	{ID: "W1", Region: "north", Rank: 1, Ledgers: 1},
	{ID: "W2", Region: "north", Rank: 2, Ledgers: 3},
	{ID: "W3", Region: "south", Rank: 3, Ledgers: 1},
}

// TestARehearsalTellsWhatHappens has random order events rehearsed on a service with a random
// past, and then acted on: each comes to what the rehearsal said, with the same order and
// levels after it, and until then nothing has changed anywhere.
func TestARehearsalTellsWhatHappens(t *testing.T) {
	first := seed()
	for n := range uint64(60) {
		t.Run(fmt.Sprint(first+n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &stage{T: t, Rand: rand.New(rand.NewPCG(first+n, 0)), store: memory.New()}
				s.begin(n%3 == 2)
				for range 60 {
					s.past()
				}
				pass(10 * time.Second) // what is short-lived has ended, and some of it is in the archive
				s.rehearseAndAct(s.letters(50), n%2 == 0)
			})
		})
	}
}

// begin begins the service: one process, or one of two, so that others own half of the ledgers.
func (s *stage) begin(two bool) {
	if two {
		s.in = beginFleet(s.T, s.store, s.store)[0]
		pass(5 * time.Second)
	} else {
		s.in = beginIn(s.T, s.store, app.Outside{})
	}
	synctest.Wait()
	for _, w := range stageWarehouses {
		if err := s.in.PutWarehouse(s.Context(), w); err != nil {
			s.Fatal(err)
		}
	}
	pass(5 * time.Second)
	for _, w := range stageWarehouses {
		for _, sku := range stageSKUs {
			s.adjust(sku, string(w.ID), stock.Receipt, 1+s.Int64N(24))
		}
	}
}

func (s *stage) ctx() context.Context { return context.WithoutCancel(s.Context()) }

func (s *stage) adjust(sku, warehouse string, kind stock.AdjustmentType, units int64) {
	s.made++
	_, err := s.in.Adjust(s.ctx(), app.AdjustRequest{
		SKU: sku, WarehouseID: warehouse, Type: string(kind), Quantity: units, Actor: "test", Key: fmt.Sprint("key-", s.made),
	})
	if err != nil {
		s.Fatalf("%s of %s in %s by %d: %v", kind, sku, warehouse, units, err)
	}
}

// past lets something happen. It may be refused: then it is not part of the past.
func (s *stage) past() {
	switch p := s.IntN(100); {
	case p < 12:
		s.adjust(s.sku(), s.warehouse(), stock.Receipt, 1+s.Int64N(4))
	case p < 20: // which may leave less than is held
		s.adjust(s.sku(), s.warehouse(), stock.Count, s.Int64N(8))
	case p < 28:
		_, _ = s.in.Reserve(s.ctx(), app.ReserveRequest{OrderID: s.newOrder(), Items: s.reserveItems(), TTL: s.ttl()})
	case p < 32:
		_, _ = s.in.Release(s.ctx(), app.ReleaseRequest{OrderRef: app.OrderRef{OrderID: s.order()}, Reason: reservation.Operator})
	default:
		e := s.event(true)
		_ = s.in.Consume(s.ctx(), app.Consumption{Event: e, Topic: topicOf(e)})
	}
	if s.IntN(10) == 0 {
		pass(time.Second)
	}
}

func (s *stage) ttl() time.Duration {
	if s.IntN(4) == 0 {
		return 2 * time.Second
	}
	return 0
}

func (s *stage) sku() string       { return stageSKUs[s.IntN(len(stageSKUs))] }
func (s *stage) warehouse() string { return string(stageWarehouses[s.IntN(len(stageWarehouses))].ID) }

func (s *stage) newOrder() string {
	s.orders = append(s.orders, fmt.Sprint("o-", len(s.orders)))
	return s.orders[len(s.orders)-1]
}

// order picks one of those that were named before, the later the likelier, or a new one.
func (s *stage) order() string {
	if len(s.orders) == 0 || s.IntN(8) == 0 {
		return s.newOrder()
	}
	n := len(s.orders)
	if s.IntN(3) > 0 {
		n = min(n, 8)
	}
	return s.orders[len(s.orders)-1-s.IntN(n)]
}

// items are those of an order by its id, but sometimes others.
func (s *stage) items(order string) []ports.OrderItem {
	of := s.Rand
	if s.IntN(6) > 0 {
		var seed uint64
		for _, c := range order {
			seed = seed*31 + uint64(c)
		}
		of = rand.New(rand.NewPCG(seed, 1))
	}
	var items []ports.OrderItem
	for range 1 + of.IntN(3) {
		it := ports.OrderItem{SKU: stageSKUs[of.IntN(len(stageSKUs))], Quantity: 1 + of.Int64N(5)}
		switch p := of.IntN(60); {
		case p < 15:
			it.WarehouseID = string(stageWarehouses[of.IntN(len(stageWarehouses))].ID)
		case p < 17:
			it.Quantity = 40
		case p == 17:
			it.WarehouseID = "MARS"
		case p == 18:
			it.Quantity = of.Int64N(2) - 1 // it can't be served
		}
		items = append(items, it)
	}
	return items
}

func (s *stage) reserveItems() []app.ReserveItem {
	var items []app.ReserveItem
	for _, it := range s.items(s.order()) {
		items = append(items, app.ReserveItem(it))
	}
	return items
}

// event makes one about some order; short says that holds may be short-lived.
func (s *stage) event(short bool) ports.OrderEvent {
	s.made++
	id, order, at := fmt.Sprint("e-", s.made), s.order(), time.Now()
	if s.IntN(40) == 0 {
		at = at.Add(-60 * 24 * time.Hour)
	}
	switch p := s.IntN(10); {
	case p < 4:
		e := ports.OrderCreated{EventID: id, OrderID: order, OccurredAt: at, Items: s.items(order)}
		if s.IntN(4) == 0 {
			e.Region = []string{"north", "south", "nowhere"}[s.IntN(3)]
		}
		if ttl := int64(s.ttl().Seconds()); short && ttl > 0 {
			e.TTLSeconds = &ttl
		}
		return e
	case p < 6:
		return ports.OrderCancelled{EventID: id, OrderID: order, OccurredAt: at, Reason: []string{"", reservation.PaymentFailed}[s.IntN(2)]}
	}
	e := ports.FulfilmentPicked{EventID: id, OrderID: cmp.Or(s.heldOrder(), order), OccurredAt: at}
	if s.IntN(3) == 0 {
		e.WarehouseID = s.warehouse()
	}
	s.pickOf(e.OrderID, &e)
	return e
}

// heldOrder looks for an order that was held, and mostly finds one.
func (s *stage) heldOrder() string {
	for range s.IntN(8) {
		order := s.order()
		if o, err := s.in.Order(s.ctx(), app.OrderRef{OrderID: order}); err == nil && o.HeldAt > 0 {
			return order
		}
	}
	return ""
}

// pickOf has a pick name items: those that are held, less or more of them, or any.
func (s *stage) pickOf(order string, e *ports.FulfilmentPicked) {
	o, err := s.in.Order(s.ctx(), app.OrderRef{OrderID: order})
	switch {
	case s.IntN(3) == 0:
		return
	case err != nil || s.IntN(6) == 0:
		e.Items = []ports.OrderItem{{SKU: s.sku(), Quantity: s.Int64N(5)}}
		return
	}
	for _, l := range o.Lines {
		if s.IntN(4) == 0 || e.WarehouseID != "" && string(l.Warehouse) != e.WarehouseID {
			continue
		}
		e.Items = append(e.Items, ports.OrderItem{SKU: string(l.SKU), Quantity: max(0, l.Quantity+[]int64{0, 0, 0, -1, -2, -9, 1}[s.IntN(7)])})
	}
}

func topicOf(e ports.OrderEvent) string {
	switch e.(type) {
	case ports.OrderCreated:
		return ports.OrderCreatedTopic
	case ports.OrderCancelled:
		return ports.OrderCancelledTopic
	}
	return ports.FulfilmentPickedTopic
}

// letters are what is rehearsed. Some come twice, as one event does after a crash, or as two
// events that say the same.
func (s *stage) letters(n int) []app.Consumption {
	var all []app.Consumption
	for i := range n {
		e := s.event(false)
		c := app.Consumption{Event: e, Topic: topicOf(e), Source: fmt.Sprint("letter/", i)}
		if len(all) > 0 {
			switch s.IntN(8) {
			case 0:
				c = all[len(all)-1]
			case 1:
				before := all[s.IntN(len(all))]
				c.Event, c.Topic = before.Event, before.Topic
			case 2:
				c.Source = ""
			}
		}
		all = append(all, c)
	}
	return all
}

// said is what is compared of an effect, or of a failure. Where several ledgers are asked, and not
// all of them have enough, it is chance who says so first: what they say is left out then, and how
// the lines were divided among them.
func said(e app.Effect, err error) string {
	if err != nil {
		text, _, _ := strings.Cut(err.Error(), "; sku ")
		return fmt.Sprintf("%s: %s", app.FailureOf(err).Code, text)
	}
	o, lines := e.Order, e.Order.Lines
	shortages := o.Shortages
	if asked := undivided(lines); len(asked) > 1 && len(shortages) > 0 {
		lines, shortages = asked, nil
	}
	says, _, _ := strings.Cut(e.Says, " until 20") // which is later when it happens
	return fmt.Sprintf("%s, %s; %s %q %q held=%t late=%t final=%t %v %v", e.Verdict, says,
		o.Status, o.Reason, o.Detail, o.HeldAt > 0, o.Late, o.Final, lines, shortages)
}

// undivided are lines as they were asked for.
func undivided(lines []reservation.Line) []reservation.Line {
	free := slices.Clone(lines)
	for i := range free {
		if !free[i].Named {
			free[i].Warehouse = ""
		}
	}
	return reservation.Merge(free)
}

// on is a SKU in a warehouse.
type on struct{ sku, warehouse string }

// levels are on hand and held, everywhere.
func (s *stage) levels() map[on][2]int64 {
	all := map[on][2]int64{}
	for _, sku := range stageSKUs {
		found, err := s.in.Stock(s.ctx(), sku, "")
		if err != nil {
			s.Fatal(err)
		}
		for _, w := range found.Warehouses {
			all[on{sku, string(w.WarehouseID)}] = [2]int64{w.OnHand, w.Held}
		}
	}
	return all
}

// heads are how far all journals are.
func (s *stage) heads() map[ledger.ID]int64 {
	ids, err := s.in.Ledgers(s.ctx())
	if err != nil {
		s.Fatal(err)
	}
	heads := map[ledger.ID]int64{}
	for _, id := range ids {
		head, err := s.store.Head(s.ctx(), id)
		if err != nil {
			s.Fatal(err)
		}
		heads[id] = head.Version
	}
	return heads
}

func (s *stage) rehearseAndAct(letters []app.Consumption, prepared bool) {
	heads, levels := s.heads(), s.levels()
	r := s.in.NewRehearsal()
	if prepared {
		if err := r.Prepare(s.ctx(), letters); err != nil {
			s.Fatal(err)
		}
	}
	would := make([]string, len(letters))
	moves := make([][]app.Move, len(letters))
	for i, c := range letters {
		e, err := r.Act(s.ctx(), c)
		would[i], moves[i] = said(e, err), e.Moves
	}
	pass(time.Second)
	if now := s.heads(); !maps.Equal(now, heads) {
		s.Fatalf("journals moved from %v to %v", heads, now)
	}
	for i, c := range letters {
		did := said(s.in.Act(s.ctx(), c))
		pass(200 * time.Millisecond)
		now := s.levels()
		if did != would[i] {
			s.Fatalf("letter %d, %+v:\nwould %s\n  did %s", i, c, would[i], did)
		}
		if want := movesOf(levels, now); !slices.Equal(sorted(moves[i]), want) {
			s.Fatalf("letter %d, %+v, %s:\nwould move %v\n     moved %v", i, c, did, moves[i], want)
		}
		levels = now
	}
}

// movesOf compares levels.
func movesOf(before, after map[on][2]int64) []app.Move {
	var moves []app.Move
	for at, now := range after {
		if was := before[at]; was != now {
			moves = append(moves, app.Move{
				SKU: stock.SKU(at.sku), WarehouseID: stock.WarehouseID(at.warehouse),
				OnHandBefore: was[0], HeldBefore: was[1], OnHandAfter: now[0], HeldAfter: now[1],
			})
		}
	}
	return sorted(moves)
}

func sorted(moves []app.Move) []app.Move {
	return slices.SortedFunc(slices.Values(moves), func(a, b app.Move) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.WarehouseID, b.WarehouseID))
	})
}
