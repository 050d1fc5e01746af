package stock

import "inventory/domain/ledger"

// Line is the movement of one SKU within a change, and its level after it.
type Line struct {
	SKU      SKU
	Quantity int64
	After    Level // its Version is the entry's
}

// Moved is the change that stock was held for an order, released or confirmed. All lines
// of the order in this ledger move together.
type Moved struct {
	Movement Movement // not Adjusted
	Order    OrderID
	Reason   string // of a release
	Late     bool   // confirmed after the hold had ended
	Origin
	Lines []Line
}

// AdjustmentMade is the change that what is on hand was adjusted. An Adjustment without a
// Key was made by the service itself, and is not remembered.
type AdjustmentMade struct {
	ID ledger.UUID
	Adjustment
	Reason    string
	Reference string
	Origin
}

const (
	kindMoved      = 16
	kindAdjustment = 17
)

// ChangeKind implements ledger.Change.
func (Moved) ChangeKind() byte { return kindMoved }

// ChangeKind implements ledger.Change.
func (AdjustmentMade) ChangeKind() byte { return kindAdjustment }

// Progress implements ledger.Progressing.
func (c AdjustmentMade) Progress() ledger.Progress {
	return ledger.Progress{Key: c.ID, Ended: c.Key != ""}
}

// Encode implements ledger.Change.
func (c Moved) Encode(w *ledger.Writer) {
	w.Byte(byte(c.Movement))
	w.String(string(c.Order))
	w.String(c.Reason)
	w.Bool(c.Late)
	c.Origin.encode(w)
	w.Int(int64(len(c.Lines)))
	for _, l := range c.Lines {
		w.String(string(l.SKU))
		w.Int(l.Quantity)
		l.After.encode(w)
	}
}

// Encode implements ledger.Change.
func (c AdjustmentMade) Encode(w *ledger.Writer) {
	w.UUID(c.ID)
	c.Adjustment.Encode(w)
	w.String(c.Reason)
	w.String(c.Reference)
	c.Origin.encode(w)
}

// DecodeChange is the ledger.ChangeDecoder of stock ledgers.
func DecodeChange(kind byte, r *ledger.Reader) ledger.Change {
	switch kind {
	case kindMoved:
		return decodeMoved(r)
	case kindAdjustment:
		return AdjustmentMade{ID: r.UUID(), Adjustment: DecodeAdjustment(r), Reason: r.String(), Reference: r.String(), Origin: decodeOrigin(r)}
	case kindCorrected:
		return decodeCorrected(r)
	case kindMarkSet:
		return decodeMarkSet(r)
	case kindCrossed:
		return decodeCrossed(r)
	}
	r.Fail("unknown kind of change in a stock ledger")
	return nil
}

func decodeMoved(r *ledger.Reader) Moved {
	c := Moved{Movement: Movement(r.Byte()), Order: OrderID(r.String()), Reason: r.String(), Late: r.Bool(), Origin: decodeOrigin(r)}
	c.Lines = make([]Line, 0, r.Count(10))
	for range cap(c.Lines) {
		c.Lines = append(c.Lines, Line{SKU: SKU(r.String()), Quantity: r.Int(), After: decodeLevel(r, 0)})
	}
	return c
}
