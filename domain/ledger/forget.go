package ledger

// Forgotten is the change that ended records leave memory; the archive has them.
type Forgotten struct{ Keys []UUID }

const kindForgotten = 4

// ChangeKind implements Change.
func (Forgotten) ChangeKind() byte { return kindForgotten }

// Encode implements Change.
func (c Forgotten) Encode(w *Writer) {
	w.Int(int64(len(c.Keys)))
	for _, k := range c.Keys {
		w.UUID(k)
	}
}

func decodeForgotten(r *Reader) Change {
	c := Forgotten{Keys: make([]UUID, 0, r.Count(len(UUID{})))}
	for range cap(c.Keys) {
		c.Keys = append(c.Keys, r.UUID())
	}
	return c
}
