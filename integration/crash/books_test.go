package crash

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
)

// place is where units are.
type place struct{ sku, warehouse string }

// level is what there is at a place, in units.
type level struct{ onHand, held int64 }

// item is a line of an order, as it is answered.
type item struct {
	SKU         string
	WarehouseID string `json:"warehouse_id"`
	Quantity    int64
}

// order is what the books know of an order: what was answered last.
type order struct {
	id       string
	reserve  string // the line that makes it
	final    bool
	fleeting bool // its hold lapses while the test runs
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
func (b *books) adjustment(key string, r reply) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Error != nil {
		b.fault("adjustment %s: %s", key, r)
		return
	}
	if before, ok := b.adjusted[key]; ok {
		if before != string(r.Result) {
			b.fault("adjustment %s was answered %s, and asked again %s", key, before, r.Result)
		}
		return
	}
	var made struct {
		SKU         string
		WarehouseID string `json:"warehouse_id"`
		QtyDelta    int64  `json:"qty_delta"`
	}
	if err := json.Unmarshal(r.Result, &made); err != nil {
		b.fault("adjustment %s: %v", key, err)
	}
	b.adjusted[key] = string(r.Result)
	b.moved[place{made.SKU, made.WarehouseID}] += made.QtyDelta
}

// verbs of an order.
const (
	reserves = "reserve"
	releases = "release"
	confirms = "confirm"
	looks    = "order"
)

// answer enters an answer to a command about an order.
func (b *books) answer(o *order, verb string, r reply) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.dirty = true
	if r.Error != nil {
		b.refusal(o, verb, r)
		return
	}
	var told struct {
		Status string
		Items  []item
	}
	if err := json.Unmarshal(r.Result, &told); err != nil {
		b.fault("%s %s: %v", verb, o.id, err)
	}
	if !b.follows(o, verb, told.Status) {
		b.fault("%s of order %s, which was %q (held: %t), was answered %s", verb, o.id, o.status, o.held, r)
	}
	if o.held && !slices.Equal(o.items, told.Items) {
		b.fault("order %s was answered with %v, now with %s", o.id, o.items, r)
	}
	o.status, o.items = told.Status, told.Items
	o.held = o.held || told.Status == "HELD" || told.Status == "CONFIRMED" || told.Status == "EXPIRED"
}

// follows tells whether a command can have led from what was answered last to status.
func (b *books) follows(o *order, verb, status string) bool {
	before := o.status
	lapsed := o.fleeting && status == "EXPIRED" && (before == "" || before == "PLANNED" || before == "HELD")
	switch {
	case status == before || lapsed:
		return true
	case before == "PLANNED" && verb == looks:
		return status == "HELD" || status == "REJECTED"
	case verb == reserves:
		fresh := before == "" && (status == "HELD" || status == "PLANNED" && o.final)
		return fresh || before == "PLANNED" && status == "HELD" || before == "RELEASED" && !o.held && o.final && status == "REJECTED"
	case verb == releases:
		return (before == "" || before == "HELD" || before == "PLANNED") && status == "RELEASED" || before == "PLANNED" && status == "REJECTED"
	case verb == confirms:
		return status == "CONFIRMED" && before != "" && before != "REJECTED"
	}
	return false
}

// refusal enters an error that is an answer.
func (b *books) refusal(o *order, verb string, r reply) {
	unheld := !o.held && (o.status == "RELEASED" || o.status == "REJECTED" || o.status == "PLANNED")
	lapsed := o.fleeting && o.status == "HELD"
	switch code := r.code(); {
	case code == "UNKNOWN_ORDER" && o.status == "" && verb == releases:
		o.status = "RELEASED" // remembered, so that it holds nothing when it comes
	case code == "UNKNOWN_ORDER" && o.status == "" && (verb == confirms || verb == looks):
	case code == "INSUFFICIENT_STOCK" && o.status == "" && verb == reserves && !o.final:
	case code == "REJECTED" && verb == reserves && (o.status == "" || unheld) && o.final:
		o.status = "REJECTED"
	case code == "NOT_HELD" && verb == confirms && unheld:
		if o.status == "PLANNED" {
			o.status = "REJECTED"
		}
	case code == "SHORTAGE" && verb == confirms && (o.status == "RELEASED" || o.status == "EXPIRED" || lapsed):
		if lapsed {
			o.status = "EXPIRED"
		}
	default:
		b.fault("%s of order %s, which was %q (held: %t), was answered %s", verb, o.id, o.status, o.held, r)
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
