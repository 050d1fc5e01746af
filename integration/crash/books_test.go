package crash

import (
	"fmt"
	"net/http"
	"slices"
	"sync"

	"inventory/integration/service"
)

// place is where units are.
type place struct{ sku, warehouse string }

// level is what there is at a place, in units.
type level struct{ onHand, held int64 }

// item is a line of an order, as it is asked for and answered.
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
	items    []item
	held     bool // it was answered as held
	dirty    bool // asked about since the last audit
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

// verbs of an order.
const (
	reserves = "reserve"
	releases = "release"
	confirms = "confirm"
	looks    = "orders"
)

func (o *order) request(verb string) request {
	switch verb {
	case looks:
		return get("/inventory/orders/" + o.id)
	case reserves:
		return post("/inventory/reserve", o.wants)
	}
	return post("/inventory/"+verb, map[string]any{"order_id": o.id})
}

// answer enters an answer to a request about an order.
func (b *books) answer(o *order, verb string, a service.Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.dirty = true
	if a.Status >= http.StatusBadRequest {
		b.refusal(o, verb, a)
		return
	}
	var told struct {
		Status string
		Items  []item
	}
	if err := a.Into(&told); err != nil {
		b.fault("%s %s: %v", verb, o.id, err)
	}
	if !b.follows(o, verb, told.Status) {
		b.fault("%s of order %s, which was %q (held: %t), was answered %s", verb, o.id, o.status, o.held, a)
	}
	if o.held && !slices.Equal(o.items, told.Items) {
		b.fault("order %s was answered with %v, now with %s", o.id, o.items, a)
	}
	o.status, o.items = told.Status, told.Items
	o.held = o.held || told.Status == "HELD" || told.Status == "CONFIRMED" || told.Status == "EXPIRED"
}

// follows tells whether a request can have led from what was answered last to status.
func (b *books) follows(o *order, verb, status string) bool {
	before := o.status
	lapsed := o.fleeting && status == "EXPIRED" && (before == "" || before == "HELD")
	switch {
	case status == before || lapsed:
		return true
	case verb == reserves:
		return before == "" && status == "HELD"
	case verb == releases:
		return (before == "" || before == "HELD") && status == "RELEASED"
	case verb == confirms:
		return before != "" && status == "CONFIRMED"
	}
	return false
}

// refusal enters a refusal, which is an answer.
func (b *books) refusal(o *order, verb string, a service.Answer) {
	lapsed := o.fleeting && o.status == "HELD"
	switch code := a.Code(); {
	case code == "UNKNOWN_ORDER" && o.status == "" && verb == releases:
		o.status = "RELEASED" // remembered, so that it holds nothing when it comes
	case code == "UNKNOWN_ORDER" && o.status == "" && (verb == confirms || verb == looks):
	case code == "INSUFFICIENT_STOCK" && o.status == "" && verb == reserves:
	case code == "NOT_HELD" && verb == confirms && o.status == "RELEASED" && !o.held:
	case code == "SHORTAGE" && verb == confirms && o.held && (o.status == "RELEASED" || o.status == "EXPIRED" || lapsed):
		if lapsed {
			o.status = "EXPIRED"
		}
	default:
		b.fault("%s of order %s, which was %q (held: %t), was answered %s", verb, o.id, o.status, o.held, a)
	}
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
		if o.status != "HELD" && o.status != "CONFIRMED" {
			continue
		}
		for _, i := range o.items {
			at := place{i.SKU, i.WarehouseID}
			l := levels[at]
			if o.status == "HELD" {
				l.held += i.Quantity
			} else {
				l.onHand -= i.Quantity
			}
			levels[at] = l
		}
	}
	return levels
}
