package stock

import (
	"fmt"
	"slices"

	"inventory/domain/ledger"
)

// Standing is how what is available of a SKU compares with its low mark. Only a SKU with a
// mark has one: the last unit of every other is held and given back all day, and nobody asked.
type Standing byte

// The standings. Their names are those of the events: each tells that a SKU has come to it.
const (
	Back Standing = 1 // more than the mark
	Low  Standing = 2 // at the mark or below
	Out  Standing = 3 // nothing, whatever the mark
)

// String gives the name in events.
func (s Standing) String() string {
	switch s {
	case Back:
		return "BACK"
	case Low:
		return "LOW"
	case Out:
		return "OUT"
	}
	return fmt.Sprintf("Standing(%d)", byte(s))
}

// standing of a level against a mark; without a mark all is well.
func (l Level) standing(mark int64) Standing {
	switch available := l.Available(); {
	case mark == NoMark || available > mark:
		return Back
	case available > 0:
		return Low
	}
	return Out
}

// Crossed is the change that the changes before it, of one command, brought a SKU to another
// standing. Several of one entry tell of one crossing: from the first's From to the last's To.
type Crossed struct {
	SKU      SKU
	From, To Standing
	Low      int64 // the mark
	OnHand   int64 // after the command, as Held is
	Held     int64
}

// withCrossings adds, to what a command changes, to which standing it brings SKUs with a mark.
func (s *State) withCrossings(changes []ledger.Change) []ledger.Change {
	if s.marks.Len() == 0 {
		return changes
	}
	var crossed []Crossed
	after := func(sku SKU, l Level) {
		low, ok := s.marks.Get(sku)
		if !ok {
			return
		}
		i := slices.IndexFunc(crossed, func(c Crossed) bool { return c.SKU == sku })
		if i < 0 {
			i, crossed = len(crossed), append(crossed, Crossed{SKU: sku, From: s.level(sku).standing(low), Low: low})
		}
		crossed[i].To, crossed[i].OnHand, crossed[i].Held = l.standing(low), l.onHand, l.held
	}
	for _, c := range changes {
		switch c := c.(type) {
		case Moved:
			for _, l := range c.Lines {
				after(l.SKU, l.After)
			}
		case AdjustmentMade:
			after(c.SKU, c.Level)
		}
	}
	for _, c := range crossed {
		if c.From != c.To {
			changes = append(changes, c)
		}
	}
	return changes
}

// applyCrossed compares what the change says with what follows from those before it.
func (s *State) applyCrossed(c Crossed) error {
	now := s.marked(c.SKU)
	said := Mark{SKU: c.SKU, Low: c.Low, OnHand: c.OnHand, Held: c.Held, Standing: c.To}
	if now != said || c.Low == NoMark || c.From == c.To {
		return fmt.Errorf("sku %s: the change says that it crossed from %s to %+v, it follows %+v", c.SKU, c.From, said, now)
	}
	return nil
}
