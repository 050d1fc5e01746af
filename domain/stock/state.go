package stock

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"slices"

	"inventory/domain/ledger"
)

// State is the state machine of one stock ledger.
type State struct {
	id     ledger.ID
	levels *ledger.Table[SKU, Level]
	holds  *ledger.Table[OrderID, []Item]
	recent *ledger.Table[ledger.UUID, Adjustment] // not yet in the archive for sure
	gone   *ledger.Filter                         // adjustments that the archive may have
	post   *ledger.Post
	// corrected has the version of each SKU's last Corrected. It is not part of snapshots: those
	// have only what is relayed, and every Correct measures at least up to there.
	corrected *ledger.Table[SKU, int64]
	marks     *ledger.Table[SKU, int64] // low marks, of SKUs that have one
}

var _ ledger.Machine = (*State)(nil)

// New returns the state of a stock ledger before its first entry.
func New(id ledger.ID) *State {
	return &State{
		id:     id,
		levels: ledger.NewTable[SKU, Level](),
		holds:  ledger.NewTable[OrderID, []Item](),
		recent: ledger.NewTable[ledger.UUID, Adjustment](),
		gone:   ledger.NewFilter(AdjustmentRetention.Milliseconds()),
		post:   ledger.NewPost(),

		corrected: ledger.NewTable[SKU, int64](),
		marks:     ledger.NewTable[SKU, int64](),
	}
}

// Level returns a SKU's level; ok is false for a SKU that never was here.
func (s *State) Level(sku SKU) (l Level, ok bool) { return s.levels.Get(sku) }

// Levels yields the level of every SKU, in no order.
func (s *State) Levels() iter.Seq2[SKU, Level] { return s.levels.All() }

// Holds yields what is held for each order, in no order.
func (s *State) Holds() iter.Seq2[OrderID, []Item] { return s.holds.All() }

// Hold returns what is held for an order, in no order; nothing where there is no hold.
func (s *State) Hold(order OrderID) []Item {
	items, _ := s.holds.Get(order)
	return items
}

// Post implements ledger.Machine.
func (s *State) Post() *ledger.Post { return s.post }

// Draft implements ledger.Machine.
func (s *State) Draft() ledger.Machine {
	return &State{
		id: s.id, levels: s.levels.Draft(), holds: s.holds.Draft(),
		recent: s.recent.Draft(), gone: s.gone.Draft(), post: s.post.Draft(), corrected: s.corrected.Draft(), marks: s.marks.Draft(),
	}
}

// Merge implements ledger.Machine.
func (s *State) Merge() ledger.Machine {
	return &State{
		id: s.id, levels: s.levels.Merge(), holds: s.holds.Merge(),
		recent: s.recent.Merge(), gone: s.gone.Merge(), post: s.post.Merge(), corrected: s.corrected.Merge(), marks: s.marks.Merge(),
	}
}

// Apply implements ledger.Machine.
func (s *State) Apply(c ledger.Change, at ledger.Stamp) error {
	switch c := c.(type) {
	case Moved:
		return s.applyMoved(c, at)
	case AdjustmentMade:
		return s.applyAdjustment(c, at)
	case Corrected:
		return s.applyCorrected(c, at)
	case MarkSet:
		return s.applyMark(c)
	case Crossed:
		return s.applyCrossed(c)
	case ledger.Forgotten:
		for _, k := range c.Keys {
			s.recent.Delete(k)
			s.gone.Add(k, at.At)
		}
		return nil
	}
	ok, err := s.post.Apply(c)
	if err == nil && !ok {
		err = fmt.Errorf("%T is no change of a stock ledger", c)
	}
	return err
}

func (s *State) applyMoved(c Moved, at ledger.Stamp) error {
	items := make([]Item, 0, len(c.Lines))
	for _, l := range c.Lines {
		if err := s.move(l, c.Movement, "", at); err != nil {
			return fmt.Errorf("order %s, sku %s: %w", c.Order, l.SKU, err)
		}
		items = append(items, Item{l.SKU, l.Quantity})
	}
	hold, held := s.holds.Get(c.Order)
	if held == (c.Movement == Held) {
		return fmt.Errorf("order %s: %s, but whether it had a hold is %t", c.Order, c.Movement, held)
	}
	if c.Movement == Held {
		s.holds.Put(c.Order, items)
		return nil
	}
	left, err := without(hold, items)
	if err != nil {
		return fmt.Errorf("order %s: %s: %w", c.Order, c.Movement, err)
	}
	if len(left) == 0 {
		s.holds.Delete(c.Order)
		return nil
	}
	s.holds.Put(c.Order, left)
	return nil
}

// without gives what is left of a hold when some of it has ended; the hold stays as it is.
func without(hold, ended []Item) ([]Item, error) {
	left := slices.Clone(hold)
	for _, it := range ended {
		i := slices.IndexFunc(left, func(l Item) bool { return l.SKU == it.SKU })
		switch {
		case i < 0 || left[i].Quantity < it.Quantity:
			return nil, fmt.Errorf("%d units of sku %s of the hold %v", it.Quantity, it.SKU, hold)
		case left[i].Quantity == it.Quantity:
			left = slices.Delete(left, i, i+1)
		default:
			left[i].Quantity -= it.Quantity
		}
	}
	return left, nil
}

func (s *State) applyAdjustment(c AdjustmentMade, at ledger.Stamp) error {
	line := Line{SKU: c.SKU, Quantity: c.Delta, After: c.Level}
	if err := s.move(line, Adjusted, c.Type, at); err != nil {
		return fmt.Errorf("adjustment of sku %s: %w", c.SKU, err)
	}
	if c.Key != "" {
		c.Level.version = at.Version
		s.recent.Put(c.ID, c.Adjustment)
	}
	return nil
}

// move makes one line's movement, and compares it with what the change says of it.
func (s *State) move(l Line, m Movement, kind AdjustmentType, at ledger.Stamp) error {
	before, _ := s.levels.Get(l.SKU)
	after, err := before.moved(m, kind, l.Quantity, at)
	if err != nil {
		return err
	}
	l.After.version = at.Version
	if after != l.After {
		return fmt.Errorf("the change says %+v, it follows %+v", l.After, after)
	}
	s.levels.Put(l.SKU, after)
	return nil
}

// Progress implements ledger.Machine: adjustments have ended when they are made.
func (s *State) Progress() iter.Seq[ledger.Progress] {
	return func(yield func(ledger.Progress) bool) {
		for id, a := range s.recent.All() {
			if !yield(ledger.Progress{Key: id, Ended: true, Version: a.Level.version}) {
				return
			}
		}
	}
}

// Check implements ledger.Machine: every level is sound, and what is held is the sum of
// the holds.
func (s *State) Check() error {
	held := map[SKU]int64{}
	for _, items := range s.holds.All() {
		for _, it := range items {
			held[it.SKU] += it.Quantity
		}
	}
	for sku, l := range s.levels.All() {
		if err := l.check(l, Adjusted, 0); err != nil {
			return fmt.Errorf("%s sku %s: %w", s.id, sku, err)
		}
		if l.held != held[sku] {
			return fmt.Errorf("%s sku %s: held is %d, the holds sum up to %d", s.id, sku, l.held, held[sku])
		}
		delete(held, sku)
	}
	if len(held) > 0 {
		return fmt.Errorf("%s: holds of SKUs without a level: %v", s.id, held)
	}
	for sku, low := range s.marks.All() {
		if err := CheckMark(low); err != nil {
			return fmt.Errorf("%s sku %s: %w", s.id, sku, err)
		}
	}
	return s.post.Check()
}

// The formats of a state. One without marks is written as it was before there were any, so
// that until the first is set an older version of the program can read it.
const (
	stateFormat  = 1
	markedFormat = 2 // the marks are at its end
)

// Encode implements ledger.Machine. The same state always gives the same bytes.
func (s *State) Encode(w *ledger.Writer) {
	if s.marks.Len() == 0 {
		w.Byte(stateFormat)
	} else {
		w.Byte(markedFormat)
	}
	w.String(string(s.id))
	w.Int(int64(s.levels.Len()))
	for _, sku := range s.levels.Sorted(cmp.Compare) {
		l, _ := s.levels.Get(sku)
		w.String(string(sku))
		w.Int(l.version)
		l.encode(w)
	}
	w.Int(int64(s.holds.Len()))
	for _, order := range s.holds.Sorted(cmp.Compare) {
		items, _ := s.holds.Get(order)
		w.String(string(order))
		encodeItems(w, items)
	}
	w.Int(int64(s.recent.Len()))
	for _, id := range s.recent.Sorted(func(a, b ledger.UUID) int { return bytes.Compare(a[:], b[:]) }) {
		a, _ := s.recent.Get(id)
		w.UUID(id)
		a.Encode(w)
	}
	s.gone.Encode(w)
	s.post.Encode(w)
	if s.marks.Len() == 0 {
		return
	}
	w.Int(int64(s.marks.Len()))
	for _, sku := range s.marks.Sorted(cmp.Compare) {
		low, _ := s.marks.Get(sku)
		w.String(string(sku))
		w.Int(low)
	}
}

// DecodeState reads what Encode wrote and checks it; errors wrap ledger.ErrCorrupt.
func DecodeState(b []byte) (*State, error) {
	r := ledger.NewReader(b)
	format := r.Byte()
	if format != stateFormat && format != markedFormat {
		r.Fail("stock state format %d, this program reads %d and %d", format, stateFormat, markedFormat)
	}
	s := New(ledger.ID(r.String()))
	for range r.Count(10) {
		sku := SKU(r.String())
		s.levels.Put(sku, decodeLevel(r, r.Int()))
	}
	for range r.Count(2) {
		order := OrderID(r.String())
		s.holds.Put(order, decodeItems(r))
	}
	for range r.Count(16) {
		id := r.UUID()
		s.recent.Put(id, DecodeAdjustment(r))
	}
	s.gone = ledger.DecodeFilter(r, AdjustmentRetention.Milliseconds())
	s.post = ledger.DecodePost(r)
	if format == markedFormat {
		for range r.Count(2) {
			sku := SKU(r.String())
			s.marks.Put(sku, r.Int())
		}
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ledger.ErrCorrupt, err)
	}
	return s, nil
}
