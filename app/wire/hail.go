package wire

import "inventory/domain/ledger"

// Hail is the request of a member that shows that it gets to another one. Its answer is Hailed.
type Hail struct{ From string } // the member's id

// Hailed says that a Hail got there.
type Hailed struct{}

func (Hail) kind() byte { return kindHail }

func (Hailed) kind() byte { return kindHailed }

func (m Hail) encode(_ *Codec, w *ledger.Writer) error {
	w.String(m.From)
	return nil
}

func (Hailed) encode(*Codec, *ledger.Writer) error { return nil }
