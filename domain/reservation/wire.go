package reservation

import "inventory/domain/ledger"

// EncodeVersioned appends the order with its Version, which Encode leaves to the entry that
// the order is in: for orders that leave the ledger by another way.
func (o *Order) EncodeVersioned(w *ledger.Writer) {
	w.Int(o.version)
	o.Encode(w)
}

// DecodeVersioned reads what EncodeVersioned wrote; r tells of faults.
func DecodeVersioned(r *ledger.Reader) *Order {
	version := r.Int()
	o := DecodeOrder(r)
	o.version = version
	return o
}
