package crash

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"inventory/integration/service"
)

// world is what there is: stock in plenty, which is counted and damaged too, and scarce
// stock, which many orders want and few get.
var (
	warehouses = []Request{
		put("/inventory/warehouses/W1", map[string]any{"region": "south", "rank": 1, "ledgers": 2}),
		put("/inventory/warehouses/W2", map[string]any{"region": "south", "rank": 2}),
		put("/inventory/warehouses/W3", map[string]any{"region": "north", "rank": 1}),
	}
	places = []string{"W1", "W2", "W3"}
	plenty = []string{"P-1", "P-2", "P-3"}
	scarce = []string{"S-1", "S-2", "S-3", "S-4"}
)

const (
	lots = 100_000 // units of what there is in plenty
	few  = 5
)

// command is a request, and what its answer means to the books.
type command struct {
	Request
	note  func(asked time.Time, a service.Answer)
	haunt func() // notes that it may take effect once more
}

// client is a caller: it has orders of its own, so that no two of its commands are about
// the same order at once, and it asks again what was not answered.
type client struct {
	t     testing.TB
	name  string
	books *books
	rand  *rand.Rand
	ttl   int // seconds of a hold that is to last; 0: as the service has it
	made  int
	mine  []*order
	keys  []command  // adjustments that were answered
	open  []*command // not answered yet
}

// work gives commands until nobody is there.
func (c *client) work(to Service) {
	for {
		for len(c.open) > 0 {
			if !c.settle(to) {
				return
			}
		}
		if c.rand.IntN(12) == 0 {
			c.twice(to, c.reserve())
			continue
		}
		c.open = append(c.open, c.next())
	}
}

// settle has the commands answered that are open; false where nobody is there.
func (c *client) settle(to Service) bool {
	for len(c.open) > 0 {
		asked := time.Now()
		a, err := to.Decide(c.open[0].Request)
		if err != nil && !errors.Is(err, ErrGone) {
			c.t.Error(err)
		}
		if a.Lost {
			c.open[0].haunt()
		}
		if err != nil {
			return false
		}
		c.open[0].note(asked, a.Answer)
		c.open = c.open[1:]
	}
	return true
}

// twice asks the same thing twice at once: both answers go into the books, which have it
// once.
func (c *client) twice(to Service, twin *command) {
	asked := time.Now()
	var both sync.WaitGroup
	var answers [2]Reply
	var errs [2]error
	for i := range answers {
		both.Go(func() { answers[i], errs[i] = to.Ask(twin.Request) })
	}
	both.Wait()
	var answered []service.Answer
	for i, a := range answers {
		if a.Lost {
			twin.haunt()
		}
		if errs[i] != nil || a.Retry() {
			c.open = append(c.open, twin)
			continue
		}
		answered = append(answered, a.Answer)
	}
	slices.SortFunc(answered, func(a, b service.Answer) int { return cmp.Compare(stage(a), stage(b)) })
	for _, a := range answered {
		twin.note(asked, a)
	}
}

// stage puts the answers to one reservation in the order in which they can have been given:
// not enough yet, then held, then an end.
func stage(a service.Answer) int {
	var told struct{ Status string }
	switch {
	case a.Code() == "INSUFFICIENT_STOCK":
		return 0
	case a.Status < http.StatusBadRequest && a.Into(&told) == nil && told.Status == "HELD":
		return 1
	}
	return 2
}

// next is a random command.
func (c *client) next() *command {
	switch n := c.rand.IntN(100); {
	case n < 40 || len(c.mine) == 0:
		return c.reserve()
	case n < 50:
		return c.about(c.order("HELD"), whole(confirms))
	case n < 62:
		return c.pickPart(c.order("HELD"))
	case n < 66:
		return c.extend(c.order("HELD"))
	case n < 74:
		return c.about(c.order("HELD"), whole(releases))
	case n < 77:
		return c.about(c.order("RELEASED", "EXPIRED", "CONFIRMED", ""), whole(confirms)) // late, or twice
	case n < 79:
		return c.pickPart(c.order("RELEASED", "EXPIRED", "CONFIRMED", ""))
	case n < 80:
		return c.extend(c.order("RELEASED", "EXPIRED", "CONFIRMED", ""))
	case n < 82:
		return c.about(c.order("RELEASED", "EXPIRED", "CONFIRMED"), whole(releases))
	case n < 86:
		return c.about(c.order("HELD", "CONFIRMED", "RELEASED", ""), whole(reserves))
	case n < 88:
		return c.about(c.newOrder(), whole(releases)) // cancelled before it was created
	case n < 91 && len(c.keys) > 0:
		again := c.keys[c.rand.IntN(len(c.keys))]
		return &again
	case n < 94:
		return c.about(c.order("HELD", "CONFIRMED", "RELEASED"), whole(looks))
	}
	return c.adjust()
}

// order picks one of the client's own orders in one of these states; else a new one.
func (c *client) order(states ...string) *order {
	for range 20 {
		o := c.mine[c.rand.IntN(len(c.mine))]
		for _, s := range states {
			if o.status == s {
				return o
			}
		}
	}
	return c.newOrder()
}

func (c *client) reserve() *command { return c.about(c.newOrder(), whole(reserves)) }

func (c *client) about(o *order, d deed) *command {
	cmd := &command{Request: o.request(d)}
	cmd.note = func(asked time.Time, a service.Answer) {
		d.asked = asked
		c.books.answer(o, d, a)
	}
	cmd.haunt = func() {
		d.asked = time.Now()
		c.books.haunt(o, d)
		c.mine = slices.DeleteFunc(c.mine, func(one *order) bool { return one == o })
	}
	return cmd
}

// pickPart picks one warehouse's lines, or fewer units of some lines, or none, or more.
func (c *client) pickPart(o *order) *command {
	d := whole(confirms)
	if len(o.lines) == 0 || c.rand.IntN(10) < 3 {
		d.of = places[c.rand.IntN(len(places))]
	}
	if len(o.lines) == 0 {
		return c.about(o, d)
	}
	one := o.lines[c.rand.IntN(len(o.lines))]
	if d.of != "" {
		if c.rand.IntN(4) > 0 {
			d.of = one.WarehouseID
		}
		return c.about(o, d)
	}
	spots := d.spots(o.lines)
	for _, l := range o.lines {
		at, s := l.at(), spots[l.at()]
		delete(spots, at)
		if s.asked == 0 || at != one.at() && c.rand.IntN(3) > 0 {
			continue
		}
		it := item{SKU: at.sku, WarehouseID: at.warehouse, Quantity: c.rand.Int64N(s.asked + 1)}
		if c.rand.IntN(12) == 0 {
			it.Quantity = s.asked + 1
		}
		d.items = append(d.items, it)
	}
	if len(d.items) == 1 && c.rand.IntN(3) == 0 {
		d.items[0].WarehouseID = ""
	}
	return c.about(o, d)
}

// extend has an order held for longer: a fleeting one by a little, so that it ends all the
// same, and others by more or less than they are held already.
func (c *client) extend(o *order) *command {
	d := deed{verb: extends, ttl: []time.Duration{time.Minute, 2 * time.Hour}[c.rand.IntN(2)]}
	if o.fleeting {
		d.ttl = time.Duration(1+c.rand.IntN(2)) * time.Second
	}
	return c.about(o, d)
}

// newOrder makes up an order: one to three items, some from a named warehouse.
func (c *client) newOrder() *order {
	c.made++
	o := &order{id: fmt.Sprintf("%s-%d", c.name, c.made), fleeting: c.rand.IntN(10) == 0}
	var items []item
	skus := append(append([]string{}, plenty...), scarce...)
	c.rand.Shuffle(len(skus), func(i, j int) { skus[i], skus[j] = skus[j], skus[i] })
	for _, sku := range skus[:1+c.rand.IntN(3)] {
		it := item{SKU: sku, Quantity: int64(1 + c.rand.IntN(2))}
		if c.rand.IntN(3) == 0 {
			it.WarehouseID = places[c.rand.IntN(len(places))]
		}
		items = append(items, it)
		if c.rand.IntN(10) == 0 { // the same SKU of another warehouse, or of the same
			it.WarehouseID = places[c.rand.IntN(len(places))]
			items = append(items, it)
		}
	}
	o.wants = map[string]any{"order_id": o.id, "items": items}
	if c.rand.IntN(4) == 0 {
		o.wants["region"] = "south"
	}
	switch {
	case o.fleeting:
		o.wants["ttl_seconds"] = 1
	case c.ttl > 0:
		o.wants["ttl_seconds"] = c.ttl
	}
	c.mine = append(c.mine, c.books.open(o))
	return o
}

// adjust changes what is on hand, and never makes it short: then corrections would be made
// that answers do not tell of.
func (c *client) adjust() *command {
	sku, kind, units := scarce[c.rand.IntN(len(scarce))], "RECEIPT", 1
	if c.rand.IntN(2) == 0 {
		sku = plenty[c.rand.IntN(len(plenty))]
		kind = []string{"RECEIPT", "RETURN", "DAMAGE", "LOSS", "CORRECTION", "COUNT"}[c.rand.IntN(6)]
		units = 1 + c.rand.IntN(50)
	}
	switch kind {
	case "DAMAGE", "LOSS":
		units = -units
	case "COUNT":
		units += lots
	}
	return c.adjustment(sku, places[c.rand.IntN(len(places))], kind, units)
}

func (c *client) adjustment(sku, warehouse, kind string, units int) *command {
	c.made++
	key := fmt.Sprintf("%s-%d", c.name, c.made)
	quantity := "qty_delta"
	if kind == "COUNT" {
		quantity = "counted"
	}
	r := post("/inventory/adjust", map[string]any{
		"sku": sku, "warehouse_id": warehouse, "adjustment_type": kind, quantity: units, "reason": "as it goes",
	})
	r.Header = service.Header{"Idempotency-Key": key, "Inventory-Actor": "crash"}
	cmd := command{Request: r, haunt: func() {}} // it has a key
	cmd.note = func(_ time.Time, a service.Answer) {
		c.books.adjustment(key, a)
		c.keys = append(c.keys, cmd)
	}
	return &cmd
}
