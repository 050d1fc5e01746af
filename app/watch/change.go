package watch

import (
	"sync"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// Level is how much there is of a SKU in the warehouse, in units.
type Level struct {
	SKU       stock.SKU
	OnHand    int64
	Held      int64
	Available int64
	Short     int64
	Seq       int64 // changes of this SKU so far, without gap
	Version   int64 // of the entry that changed it last
}

// Corrected is the type of a Change that restates a level, which it does not change.
const Corrected = "CORRECTED"

// Change is what happened to one SKU.
type Change struct {
	Type      string // a stock.Movement's, or Corrected
	Quantity  int64  // units; signed of an adjustment, 0 of Corrected
	After     Level
	At        time.Time     // of the entry
	Order     stock.OrderID // empty: not for an order
	Reason    string        // of a release, an adjustment or a correction; may be empty
	Reference string        // of an adjustment, may be empty
	Actor     string        // of an adjustment or a correction
}

// Span is what changed in one ledger after the entry From, up to and with the entry To. Its
// changes are never changed: watchers share them.
type Span struct {
	From, To int64
	Changes  []Change
	once     sync.Once
	memo     any
}

// Memo gives what encode made of the span the first time: watchers that are told the same
// share what it is encoded to.
func (s *Span) Memo(encode func(*Span) any) any {
	s.once.Do(func() { s.memo = encode(s) })
	return s.memo
}

// Snapshot is all levels of one ledger after the entry Version, by SKU.
type Snapshot struct {
	Version int64
	AsOf    time.Time // all that was durable then is in it
	Levels  []Level
}

// LevelOf is a level as a watch tells it.
func LevelOf(sku stock.SKU, l stock.Level) Level { return levelOf(sku, l, l.Version()) }

func levelOf(sku stock.SKU, l stock.Level, version int64) Level {
	return Level{
		SKU: sku, OnHand: l.OnHand(), Held: l.Held(), Available: l.Available(), Short: l.Short(), Seq: l.Seq(), Version: version,
	}
}

// changesOf lists what an entry of a stock ledger changed, in order.
func changesOf(e *ledger.Entry) []Change {
	var all []Change
	at := time.UnixMilli(e.At)
	for _, c := range e.Changes {
		switch c := c.(type) {
		case stock.Moved:
			for _, l := range c.Lines {
				all = append(all, Change{
					Type: c.Movement.String(), Quantity: l.Quantity, After: levelOf(l.SKU, l.After, e.Version), At: at,
					Order: c.Order, Reason: c.Reason,
				})
			}
		case stock.AdjustmentMade:
			all = append(all, Change{
				Type: stock.Adjusted.String(), Quantity: c.Delta, After: levelOf(c.SKU, c.Level, e.Version), At: at,
				Reason: c.Reason, Reference: c.Reference, Actor: c.Actor,
			})
		case stock.Corrected:
			all = append(all, Change{
				Type: Corrected, After: levelOf(c.SKU, c.After, e.Version), At: at, Reason: c.Reason, Actor: c.Actor,
			})
		}
	}
	return all
}

// only leaves out what is not wanted; nil: all is.
func (s *Span) only(wanted map[stock.SKU]bool) *Span {
	if wanted == nil {
		return s
	}
	some := &Span{From: s.From, To: s.To}
	for _, c := range s.Changes {
		if wanted[c.After.SKU] {
			some.Changes = append(some.Changes, c)
		}
	}
	return some
}
