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
	PlanPatience  time.Duration // after which a plan that is not answered is given up
	MaxPending    int64         // mails to one stock ledger not yet acknowledged, beyond which new orders wait
	Retention     time.Duration // how long the archive remembers an order that ended
}

// DefaultConfig has the values of the design.
func DefaultConfig() Config {
	return Config{PlanPatience: 30 * time.Second, MaxPending: 8192, Retention: 30 * 24 * time.Hour}
}

// State is the state machine of one reservation ledger.
type State struct {
	id     ledger.ID
	cfg    Config
	stock  Stock
	orders *ledger.Table[ledger.UUID, *Order]
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
		gone:   ledger.NewFilter(cfg.Retention.Milliseconds()),
		post:   ledger.NewPost(),
	}
}

// Order returns an order that is in memory.
func (s *State) Order(id ledger.UUID) (*Order, bool) { return s.orders.Get(id) }

// Orders yields the orders in memory, in no order.
func (s *State) Orders() iter.Seq2[ledger.UUID, *Order] { return s.orders.All() }

// Post implements ledger.Machine.
func (s *State) Post() *ledger.Post { return s.post }

// Draft implements ledger.Machine.
func (s *State) Draft() ledger.Machine {
	d := *s
	d.orders, d.gone, d.post = s.orders.Draft(), s.gone.Draft(), s.post.Draft()
	return &d
}

// Merge implements ledger.Machine.
func (s *State) Merge() ledger.Machine {
	m := *s
	m.orders, m.gone, m.post = s.orders.Merge(), s.gone.Merge(), s.post.Merge()
	return &m
}

// Apply implements ledger.Machine.
func (s *State) Apply(c ledger.Change, at ledger.Stamp) error {
	switch c := c.(type) {
	case Changed:
		return s.change(c, at)
	case ledger.Forgotten:
		for _, k := range c.Keys {
			s.orders.Delete(k)
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
		s.orders.Delete(IDOf(c.Order.ID))
		return nil
	}
	if err := c.Order.check(); err != nil {
		return err
	}
	o := *c.Order
	o.version = at.Version
	s.orders.Put(IDOf(o.ID), &o)
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
	}
}

// Check implements ledger.Machine.
func (s *State) Check() error {
	for id, o := range s.orders.All() {
		if id != IDOf(o.ID) {
			return fmt.Errorf("%s: order %s is kept as %s", s.id, o.ID, id)
		}
		if err := o.check(); err != nil {
			return fmt.Errorf("%s: %w", s.id, err)
		}
	}
	return s.post.Check()
}

const stateFormat = 1

// Encode implements ledger.Machine. The same state always gives the same bytes.
func (s *State) Encode(w *ledger.Writer) {
	w.Byte(stateFormat)
	w.String(string(s.id))
	w.Int(int64(s.orders.Len()))
	for _, id := range s.orders.Sorted(func(a, b ledger.UUID) int { return bytes.Compare(a[:], b[:]) }) {
		o, _ := s.orders.Get(id)
		w.Int(o.version)
		o.Encode(w)
	}
	s.gone.Encode(w)
	s.post.Encode(w)
}

// DecodeState reads what Encode wrote and checks it; errors wrap ledger.ErrCorrupt.
func DecodeState(b []byte, cfg Config, levels Stock) (*State, error) {
	r := ledger.NewReader(b)
	if f := r.Byte(); f != stateFormat {
		r.Fail("reservation state format %d, this program reads %d", f, stateFormat)
	}
	s := New(ledger.ID(r.String()), cfg, levels)
	for range r.Count(20) {
		version := r.Int()
		o := DecodeOrder(r)
		o.version = version
		s.orders.Put(IDOf(o.ID), o)
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
