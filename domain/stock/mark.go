package stock

import (
	"errors"
	"fmt"
	"slices"

	"inventory/domain/ledger"
)

// ErrNoMark is of a SKU that has no low mark in the warehouse.
var ErrNoMark = errors.New("no low mark")

// NoMark is the low mark of a SKU that has none.
const NoMark = -1

// MaxMarks bounds the marks that one ReadMarks reads: a page of a thousand, and one that says
// that there are more.
const MaxMarks = 1001

// SetMark is the command to give a SKU a low mark, in units available, or to take it away
// with NoMark. What is so already changes nothing. A mark that what is available is at or
// below already is told at once; one that is taken away is not: nothing has come back. Its
// outcome is a Mark.
type SetMark struct {
	SKU   SKU
	Low   int64
	Actor string // who
	Origin
}

// Validate names the first fault of the command, wrapping ErrInvalid.
func (c SetMark) Validate() error {
	_, err := ParseSKU(string(c.SKU))
	if c.Low != NoMark {
		err = errors.Join(err, CheckMark(c.Low))
	}
	return errors.Join(err, CheckToken("actor", c.Actor))
}

// CheckMark accepts a low mark of 0, which tells only when nothing is left, to MaxQuantity
// units.
func CheckMark(low int64) error {
	if low < 0 || low > MaxQuantity {
		return fmt.Errorf("%w low_mark %d: expected 0 to %d units", ErrInvalid, low, MaxQuantity)
	}
	return nil
}

// Mark is a SKU's low mark, and how the SKU stands, in units.
type Mark struct {
	SKU      SKU
	Low      int64 // NoMark: none
	OnHand   int64
	Held     int64
	Standing Standing
}

// Available is what can be promised.
func (m Mark) Available() int64 { return max(0, m.OnHand-m.Held) }

// ReadMarks is the command to read low marks: that of SKU, or where it is empty those of the
// SKUs above After, at most Limit. It changes nothing. Its outcome is Marks; ErrNoMark where
// SKU has none.
type ReadMarks struct {
	SKU   SKU
	After SKU
	Limit int // from 1 to MaxMarks
}

// Marks is an outcome: marks by SKU.
type Marks []Mark

// MarkSet is the change that a SKU was given a low mark, or that it was taken away.
type MarkSet struct {
	SKU   SKU
	Low   int64 // NoMark: taken away
	Actor string
	Origin
}

func (s *State) setMark(cmd SetMark) ledger.Decision {
	if err := cmd.Validate(); err != nil {
		return ledger.Decision{Err: err}
	}
	before, l := s.mark(cmd.SKU), s.level(cmd.SKU)
	after := Mark{SKU: cmd.SKU, Low: cmd.Low, OnHand: l.onHand, Held: l.held, Standing: l.standing(cmd.Low)}
	if before == cmd.Low {
		return ledger.Decision{Outcome: after}
	}
	changes := []ledger.Change{MarkSet(cmd)}
	if from := l.standing(before); from != after.Standing && cmd.Low != NoMark {
		changes = append(changes, Crossed{cmd.SKU, from, after.Standing, cmd.Low, l.onHand, l.held})
	}
	return ledger.Decision{Outcome: after, Changes: changes}
}

func (s *State) readMarks(cmd ReadMarks) ledger.Decision {
	if cmd.Limit < 1 || cmd.Limit > MaxMarks {
		return ledger.Decision{Err: fmt.Errorf("%w limit %d: expected 1 to %d", ErrInvalid, cmd.Limit, MaxMarks)}
	}
	if cmd.SKU != "" {
		if s.mark(cmd.SKU) == NoMark {
			return ledger.Decision{Err: fmt.Errorf("%w of sku %s in %s", ErrNoMark, cmd.SKU, s.id.Scope())}
		}
		return ledger.Decision{Outcome: Marks{s.marked(cmd.SKU)}}
	}
	var found []SKU
	for sku := range s.marks.All() {
		if sku > cmd.After {
			found = append(found, sku)
		}
	}
	slices.Sort(found)
	marks := Marks{}
	for _, sku := range found[:min(len(found), cmd.Limit)] {
		marks = append(marks, s.marked(sku))
	}
	return ledger.Decision{Outcome: marks}
}

func (s *State) marked(sku SKU) Mark {
	low, l := s.mark(sku), s.level(sku)
	return Mark{SKU: sku, Low: low, OnHand: l.onHand, Held: l.held, Standing: l.standing(low)}
}

func (s *State) mark(sku SKU) int64 {
	if low, ok := s.marks.Get(sku); ok {
		return low
	}
	return NoMark
}

func (s *State) level(sku SKU) Level {
	l, _ := s.levels.Get(sku)
	return l
}

func (s *State) applyMark(c MarkSet) error {
	if c.Low == NoMark {
		s.marks.Delete(c.SKU)
		return nil
	}
	if err := CheckMark(c.Low); err != nil {
		return fmt.Errorf("sku %s: %w", c.SKU, err)
	}
	s.marks.Put(c.SKU, c.Low)
	return nil
}
