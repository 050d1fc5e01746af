package crash

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"inventory/integration/service"
)

// place is where units are.
type place struct{ sku, warehouse string }

// level is what there is at a place, in units.
type level struct{ onHand, held int64 }

// item is a line of an order, as it is asked for.
type item struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id,omitempty"`
	Quantity    int64  `json:"quantity"`
}

// order is what the books know of an order: what was answered last.
type order struct {
	id       string
	wants    map[string]any // the body of the request that makes it
	fleeting bool           // its hold lapses while the test runs
	status   string
	lines    []line
	ends     time.Time // of the hold
	held     bool      // it was answered as held
	dirty    bool      // asked about since the last audit
	ghosts   []deed    // asked, answered when asked again, and perhaps still to take effect
}

// books are kept from answers alone, in the simplest way: each order's last answer, and
// each adjustment's only one. Levels follow from them.
type books struct {
	mu       sync.Mutex
	orders   map[string]*order
	adjusted map[string]string // by key: the answer
	moved    map[place]int64   // by adjustments
	faults   []string
}

func newBooks() *books {
	return &books{orders: map[string]*order{}, adjusted: map[string]string{}, moved: map[place]int64{}}
}

func (b *books) fault(format string, args ...any) {
	b.faults = append(b.faults, fmt.Sprintf(format, args...))
}

// open enters a new order.
func (b *books) open(o *order) *order {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.orders[o.id] = o
	return o
}

// haunt notes that what was asked about an order may take effect at any time, once more than
// it is answered: nobody is to ask anything else about the order.
func (b *books) haunt(o *order, d deed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.dirty = true
	o.ghosts = append(o.ghosts, d)
}

// adjustment enters an answer to an adjustment; asked again, the answer must be the same.
func (b *books) adjustment(key string, a service.Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.Status != http.StatusOK {
		b.fault("adjustment %s: %s", key, a)
		return
	}
	if before, ok := b.adjusted[key]; ok {
		if before != string(a.Body) {
			b.fault("adjustment %s was answered %s, and asked again %s", key, before, a)
		}
		return
	}
	var made struct {
		SKU         string
		WarehouseID string `json:"warehouse_id"`
		QtyDelta    int64  `json:"qty_delta"`
	}
	if err := a.Into(&made); err != nil {
		b.fault("adjustment %s: %v", key, err)
	}
	b.adjusted[key] = string(a.Body)
	b.moved[place{made.SKU, made.WarehouseID}] += made.QtyDelta
}

// levels are what follows from the answers.
func (b *books) levels() map[place]level {
	b.mu.Lock()
	defer b.mu.Unlock()
	levels := map[place]level{}
	for at, units := range b.moved {
		levels[at] = level{onHand: units}
	}
	for _, o := range b.orders {
		for _, l := range o.lines {
			was := levels[l.at()]
			switch l.Status {
			case heldLine:
				was.held += l.Quantity
			case confirmedLine:
				was.onHand -= l.Picked
			}
			levels[l.at()] = was
		}
	}
	return levels
}
