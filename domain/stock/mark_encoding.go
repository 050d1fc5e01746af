package stock

import "inventory/domain/ledger"

const (
	kindMarkSet = 19
	kindCrossed = 20
)

// ChangeKind implements ledger.Change.
func (MarkSet) ChangeKind() byte { return kindMarkSet }

// ChangeKind implements ledger.Change.
func (Crossed) ChangeKind() byte { return kindCrossed }

// Encode implements ledger.Change.
func (c MarkSet) Encode(w *ledger.Writer) {
	w.String(string(c.SKU))
	w.Int(c.Low)
	w.String(c.Actor)
	c.Origin.encode(w)
}

func decodeMarkSet(r *ledger.Reader) MarkSet {
	return MarkSet{SKU: SKU(r.String()), Low: r.Int(), Actor: r.String(), Origin: decodeOrigin(r)}
}

// Encode implements ledger.Change.
func (c Crossed) Encode(w *ledger.Writer) {
	w.String(string(c.SKU))
	w.Byte(byte(c.From))
	w.Byte(byte(c.To))
	for _, n := range [...]int64{c.Low, c.OnHand, c.Held} {
		w.Int(n)
	}
}

func decodeCrossed(r *ledger.Reader) Crossed {
	return Crossed{SKU: SKU(r.String()), From: decodeStanding(r), To: decodeStanding(r), Low: r.Int(), OnHand: r.Int(), Held: r.Int()}
}

func decodeStanding(r *ledger.Reader) Standing {
	s := Standing(r.Byte())
	if (s < Back || s > Out) && r.Err() == nil {
		r.Fail("a standing of 1 to 3 expected, found %d", s)
	}
	return s
}

// Encode appends the mark, for the outcome of a SetMark or ReadMarks.
func (m Mark) Encode(w *ledger.Writer) {
	w.String(string(m.SKU))
	for _, n := range [...]int64{m.Low, m.OnHand, m.Held} {
		w.Int(n)
	}
	w.Byte(byte(m.Standing))
}

// DecodeMark reads what Encode wrote; r tells of faults.
func DecodeMark(r *ledger.Reader) Mark {
	return Mark{SKU: SKU(r.String()), Low: r.Int(), OnHand: r.Int(), Held: r.Int(), Standing: decodeStanding(r)}
}
