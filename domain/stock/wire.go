package stock

import "inventory/domain/ledger"

// EncodeVersioned appends the level with its Version, for levels that leave their ledger
// other than in an entry.
func (l Level) EncodeVersioned(w *ledger.Writer) {
	w.Int(l.version)
	l.encode(w)
}

// DecodeLevel reads what EncodeVersioned wrote; r tells of faults, and of a level that can't be.
func DecodeLevel(r *ledger.Reader) Level {
	l := decodeLevel(r, r.Int())
	if err := l.check(l, Adjusted, 0); err != nil && r.Err() == nil {
		r.Fail("level: %v", err)
	}
	return l
}

// EncodeVersioned appends the correction with the Version of its level, for the outcome of a
// Correct.
func (c Corrected) EncodeVersioned(w *ledger.Writer) {
	w.Int(c.After.version)
	c.Encode(w)
}

// DecodeCorrected reads what EncodeVersioned wrote; r tells of faults.
func DecodeCorrected(r *ledger.Reader) Corrected {
	version := r.Int()
	c := decodeCorrected(r)
	c.After.version = version
	return c
}
