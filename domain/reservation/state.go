package reservation

import (
	"bytes"
	"fmt"
	"iter"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// Config is what a deployment sets for its reservation ledgers.
type Config struct {
	DefaultRegion stock.Region  // where orders that name no region are served; empty: anywhere
	Warning       time.Duration // before the end of a hold it is announced; 0: never
	ParkPatience  time.Duration // for which a pick waits for an order that was never seen
	PlanPatience  time.Duration // after which a plan that is not answered is given up
	MaxPending    int64         // mails to one stock ledger not yet acknowledged, beyond which new orders wait
	Retention     time.Duration // how long the archive remembers an order that ended
}

// DefaultConfig has the values of the design.
func DefaultConfig() Config {
	return Config{Warning: 5 * time.Minute, ParkPatience: 15 * time.Minute, PlanPatience: 30 * time.Second, MaxPending: 8192, Retention: 30 * 24 * time.Hour}
}

// State is the state machine of one reservation ledger.
type State struct {
	id     ledger.ID
	cfg    Config
	stock  Stock
	orders *ledger.Table[ledger.UUID, *Order]
	held   int // of orders
	parked *ledger.Table[ledger.UUID, *Parked]
	gone   *ledger.Filter // orders that the archive may have
	post   *ledger.Post
}

var _ ledger.Machine = (*State)(nil)

// New returns the state of a reservation ledger before its first entry. Decide asks stock
// for levels; what it chose from them is in its changes, so that Apply needs none.
func New(id ledger.ID, cfg Config, levels Stock) *State {
	return &State{
		id: id, cfg: cfg, stock: levels,
		orders: ledger.NewTable[ledger.UUID, *Order](),
		parked: ledger.NewTable[ledger.UUID, *Parked](),
		gone:   ledger.NewFilter(cfg.Retention.Milliseconds()),
		post:   ledger.NewPost(),
	}
}

// Order returns an order that is in memory.
func (s *State) Order(id ledger.UUID) (*Order, bool) { return s.orders.Get(id) }

// Orders yields the orders in memory, in no order.
func (s *State) Orders() iter.Seq2[ledger.UUID, *Order] { return s.orders.All() }

// Held is the number of orders that are held, which are live.
func (s *State) Held() int { return s.held }

// put has an order in memory, in place of what it was.
func (s *State) put(id ledger.UUID, o *Order) {
	s.uncount(id)
	s.orders.Put(id, o)
	if o.Status == Held {
		s.held++
	}
}

// drop has an order in memory no longer.
func (s *State) drop(id ledger.UUID) {
	s.uncount(id)
	s.orders.Delete(id)
}

func (s *State) uncount(id ledger.UUID) {
	if o, ok := s.orders.Get(id); ok && o.Status == Held {
		s.held--
	}
}

// Post implements ledger.Machine.
func (s *State) Post() *ledger.Post { return s.post }

// Draft implements ledger.Machine.
func (s *State) Draft() ledger.Machine {
	d := *s
	d.orders, d.parked, d.gone, d.post = s.orders.Draft(), s.parked.Draft(), s.gone.Draft(), s.post.Draft()
	return &d
}

// Merge implements ledger.Machine.
func (s *State) Merge() ledger.Machine {
	m := *s
	m.orders, m.parked, m.gone, m.post = s.orders.Merge(), s.parked.Merge(), s.gone.Merge(), s.post.Merge()
	return &m
}

// Apply implements ledger.Machine.
func (s *State) Apply(c ledger.Change, at ledger.Stamp) error {
	switch c := c.(type) {
	case Changed:
		return s.change(c, at)
	case PicksParked:
		s.applyParked(c.Parked)
		return nil
	case PickBuried:
		return nil
	case ledger.Forgotten:
		for _, k := range c.Keys {
			s.drop(k)
			s.gone.Add(k, at.At)
		}
		return nil
	}
	ok, err := s.post.Apply(c)
	if err == nil && !ok {
		err = fmt.Errorf("%T is no change of a reservation ledger", c)
	}
	return err
}

func (s *State) change(c Changed, at ledger.Stamp) error {
	if c.Gone {
		s.drop(IDOf(c.Order.ID))
		return nil
	}
	if err := c.Order.check(); err != nil {
		return err
	}
	o := *c.Order
	o.version = at.Version
	s.put(IDOf(o.ID), &o)
	return nil
}

// progress says what the owner keeps beside the order.
func (o *Order) progress() ledger.Progress {
	return ledger.Progress{
		Key: IDOf(o.ID), Settled: o.settled(), Due: o.Due,
		Ended: o.Ended() && o.settled(), Version: o.version,
	}
}

// Progress implements ledger.Machine.
func (s *State) Progress() iter.Seq[ledger.Progress] {
	return func(yield func(ledger.Progress) bool) {
		for _, o := range s.orders.All() {
			if !yield(o.progress()) {
				return
			}
		}
		for _, p := range s.parked.All() {
			if !yield(p.progress()) {
				return
			}
		}
	}
}

// Check implements ledger.Machine.
func (s *State) Check() error {
	held := 0
	for id, o := range s.orders.All() {
		if id != IDOf(o.ID) {
			return fmt.Errorf("%s: order %s is kept as %s", s.id, o.ID, id)
		}
		if err := o.check(); err != nil {
			return fmt.Errorf("%s: %w", s.id, err)
		}
		if o.Status == Held {
			held++
		}
	}
	if held != s.held {
		return fmt.Errorf("%s: %d orders are held, %d are counted", s.id, held, s.held)
	}
	return s.post.Check()
}

// The formats of a state: the first is of one where no pick is parked.
const (
	stateFormat       = 1
	stateFormatParked = 2
)

// Encode implements ledger.Machine. The same state always gives the same bytes.
func (s *State) Encode(w *ledger.Writer) {
	format := byte(stateFormat)
	if s.parked.Len() > 0 {
		format = stateFormatParked
	}
	w.Byte(format)
	w.String(string(s.id))
	w.Int(int64(s.orders.Len()))
	for _, id := range s.orders.Sorted(compareIDs) {
		o, _ := s.orders.Get(id)
		w.Int(o.version)
		o.Encode(w)
	}
	if format == stateFormatParked {
		w.Int(int64(s.parked.Len()))
		for _, id := range s.parked.Sorted(compareIDs) {
			p, _ := s.parked.Get(id)
			p.encode(w)
		}
	}
	s.gone.Encode(w)
	s.post.Encode(w)
}

func compareIDs(a, b ledger.UUID) int { return bytes.Compare(a[:], b[:]) }

// DecodeState reads what Encode wrote and checks it; errors wrap ledger.ErrCorrupt.
func DecodeState(b []byte, cfg Config, levels Stock) (*State, error) {
	r := ledger.NewReader(b)
	format := r.Byte()
	if format != stateFormat && format != stateFormatParked {
		r.Fail("reservation state format %d, this program reads up to %d", format, stateFormatParked)
	}
	s := New(ledger.ID(r.String()), cfg, levels)
	for range r.Count(20) {
		version := r.Int()
		o := DecodeOrder(r)
		o.version = version
		s.put(IDOf(o.ID), o)
	}
	if format == stateFormatParked {
		for range r.Count(5) {
			s.applyParked(decodeParked(r))
		}
	}
	s.gone = ledger.DecodeFilter(r, cfg.Retention.Milliseconds())
	s.post = ledger.DecodePost(r)
	if err := r.Close(); err != nil {
		return nil, err
	}
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ledger.ErrCorrupt, err)
	}
	return s, nil
}
