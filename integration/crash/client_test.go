package crash

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

// world is what there is: stock in plenty, which is counted and damaged too, and scarce
// stock, which many orders want and few get.
var (
	warehouses = []string{"warehouse put W1 south --rank 1 --ledgers 2", "warehouse put W2 south --rank 2", "warehouse put W3 north --rank 1"}
	places     = []string{"W1", "W2", "W3"}
	plenty     = []string{"P-1", "P-2", "P-3"}
	scarce     = []string{"S-1", "S-2", "S-3", "S-4"}
)

// command is a line, and what its answer means to the books.
type command struct {
	line string
	note func(reply)
}

// client is a caller: it has orders of its own, so that no two of its commands are about
// the same order at once, and it asks again what was not answered.
type client struct {
	t     *testing.T
	name  string
	books *books
	rand  *rand.Rand
	made  int
	mine  []*order
	keys  []command  // adjustments that were answered
	open  []*command // not answered yet
}

// work gives commands until the process is gone.
func (c *client) work(p *process) {
	for {
		for len(c.open) > 0 {
			if !c.settle(p) {
				return
			}
		}
		if c.rand.IntN(12) == 0 {
			c.twice(p, c.reserve())
			continue
		}
		c.open = append(c.open, c.next())
	}
}

// settle has the commands answered that are open; false where the process is gone.
func (c *client) settle(p *process) bool {
	for len(c.open) > 0 {
		r, err := p.decide(c.open[0].line)
		if err != nil && !errors.Is(err, errGone) {
			c.t.Error(err)
			p.kill()
		}
		if err != nil {
			return false
		}
		c.open[0].note(r)
		c.open = c.open[1:]
	}
	return true
}

// twice asks the same thing twice at once: both answers go into the books, which have it
// once.
func (c *client) twice(p *process, twin *command) {
	var both sync.WaitGroup
	var replies [2]reply
	var errs [2]error
	for i := range replies {
		both.Go(func() { replies[i], errs[i] = p.ask(twin.line) })
	}
	both.Wait()
	var answered []reply
	for i, r := range replies {
		if errs[i] != nil || r.Error != nil && r.Error.Retry {
			c.open = append(c.open, twin)
			continue
		}
		answered = append(answered, r)
	}
	slices.SortFunc(answered, func(a, b reply) int { return cmp.Compare(stage(a), stage(b)) })
	for _, r := range answered {
		twin.note(r)
	}
}

// stage puts the answers to one reservation in the order in which they can have been given:
// a refusal that is not for ever, then PLANNED, then HELD, then an end.
func stage(r reply) int {
	for i, what := range []string{"INSUFFICIENT_STOCK", `"status":"PLANNED"`, `"status":"HELD"`} {
		if strings.Contains(r.String(), what) && r.code() != "REJECTED" {
			return i
		}
	}
	return 3
}

// next is a random command.
func (c *client) next() *command {
	switch n := c.rand.IntN(100); {
	case n < 45 || len(c.mine) == 0:
		return c.reserve()
	case n < 62:
		return c.about(c.order("HELD", "PLANNED"), confirms)
	case n < 75:
		return c.about(c.order("HELD", "PLANNED"), releases)
	case n < 78:
		return c.about(c.order("RELEASED", "EXPIRED", "CONFIRMED", ""), confirms) // late, or twice
	case n < 80:
		return c.about(c.order("RELEASED", "EXPIRED", "CONFIRMED"), releases)
	case n < 85:
		return c.about(c.order("HELD", "CONFIRMED", "REJECTED", "RELEASED", "PLANNED", ""), reserves)
	case n < 88:
		return c.about(c.newOrder(), releases) // cancelled before it was created
	case n < 91 && len(c.keys) > 0:
		again := c.keys[c.rand.IntN(len(c.keys))]
		return &again
	case n < 94:
		return c.about(c.order("HELD", "CONFIRMED", "RELEASED"), looks)
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

func (c *client) reserve() *command { return c.about(c.newOrder(), reserves) }

func (c *client) about(o *order, verb string) *command {
	line := verb + " " + o.id
	if verb == reserves {
		line = o.reserve
	}
	return &command{line, func(r reply) { c.books.answer(o, verb, r) }}
}

// newOrder makes up an order: one to three items, some from a named warehouse.
func (c *client) newOrder() *order {
	c.made++
	o := &order{id: fmt.Sprintf("%s-%d", c.name, c.made), final: c.rand.IntN(6) == 0, fleeting: c.rand.IntN(10) == 0}
	o.reserve = "reserve " + o.id
	skus := append(append([]string{}, plenty...), scarce...)
	c.rand.Shuffle(len(skus), func(i, j int) { skus[i], skus[j] = skus[j], skus[i] })
	for _, sku := range skus[:1+c.rand.IntN(3)] {
		o.reserve += fmt.Sprintf(" %s=%d", sku, 1+c.rand.IntN(2))
		if c.rand.IntN(8) == 0 {
			o.reserve += "@" + places[c.rand.IntN(len(places))]
		}
	}
	if c.rand.IntN(4) == 0 {
		o.reserve += " --region south"
	}
	if o.final {
		o.reserve += " --final"
	}
	if o.fleeting {
		o.reserve += " --ttl 1s"
	}
	c.mine = append(c.mine, c.books.open(o))
	return o
}

// adjust changes what is on hand, and never makes it short: then corrections would be made
// that answers do not tell of.
func (c *client) adjust() *command {
	kinds := []func() string{
		func() string { return fmt.Sprintf("RECEIPT %d", 1+c.rand.IntN(50)) },
		func() string { return fmt.Sprintf("RETURN %d", 1+c.rand.IntN(5)) },
		func() string { return fmt.Sprintf("DAMAGE -%d", 1+c.rand.IntN(5)) },
		func() string { return fmt.Sprintf("LOSS -%d", 1+c.rand.IntN(5)) },
		func() string { return fmt.Sprintf("CORRECTION %d", 1+c.rand.IntN(5)) },
		func() string { return fmt.Sprintf("COUNT %d", 100_000+c.rand.IntN(1000)) },
	}
	sku, what := plenty[c.rand.IntN(len(plenty))], kinds[c.rand.IntN(len(kinds))]()
	if c.rand.IntN(2) == 0 {
		sku, what = scarce[c.rand.IntN(len(scarce))], "RECEIPT 1"
	}
	return c.adjustment(sku, places[c.rand.IntN(len(places))], what)
}

func (c *client) adjustment(sku, warehouse, what string) *command {
	c.made++
	key := fmt.Sprintf("%s-%d", c.name, c.made)
	cmd := command{line: fmt.Sprintf("adjust %s %s %s --key %s --reason 'as it goes'", warehouse, sku, what, key)}
	cmd.note = func(r reply) {
		c.books.adjustment(key, r)
		c.keys = append(c.keys, cmd)
	}
	return &cmd
}
