package wire

import (
	"fmt"

	"inventory/domain/ledger"
)

// Mail is committed mail from one ledger to another; all of it is for To.
type Mail struct {
	From, To ledger.ID
	Mail     []ledger.Mail
}

// Ack is the word that the journal of From has the mail of To up to a number.
type Ack struct {
	From, To ledger.ID
	Upto     int64
}

// Took is the word that a member owns a ledger now.
type Took struct {
	Ledger ledger.ID
	Owner  string // the member's id
	Epoch  int64
}

// Moved is the word that whoever was sent a Mail or an Ack does not own the ledger.
type Moved struct {
	Ledger ledger.ID
	To     string // the id of the member that does; empty: not known
}

func (Mail) kind() byte { return kindMail }

func (Ack) kind() byte { return kindAck }

func (Took) kind() byte { return kindTook }

func (Moved) kind() byte { return kindMoved }

func (m Mail) encode(_ *Codec, w *ledger.Writer) error {
	w.Grow(m.room())
	encodeID(w, m.From)
	encodeID(w, m.To)
	w.Int(int64(len(m.Mail)))
	for _, one := range m.Mail {
		if one.To != m.To {
			return fmt.Errorf("mail %d from %s is for %s: expected it to be for %s, as the others", one.Number, m.From, one.To, m.To)
		}
		w.Int(one.Number)
		w.Blob(one.Body)
	}
	return nil
}

// room is about how many bytes a Mail takes.
func (m Mail) room() int {
	n := len(m.From) + len(m.To)
	for _, one := range m.Mail {
		n += len(one.Body) + 8
	}
	return n
}

func decodeMail(r *ledger.Reader) Mail {
	m := Mail{From: decodeID(r), To: decodeID(r)}
	m.Mail = make([]ledger.Mail, 0, r.Count(2))
	for range cap(m.Mail) {
		m.Mail = append(m.Mail, ledger.Mail{To: m.To, Number: r.Int(), Body: r.Blob()})
	}
	return m
}

func (m Ack) encode(_ *Codec, w *ledger.Writer) error {
	encodeID(w, m.From)
	encodeID(w, m.To)
	w.Int(m.Upto)
	return nil
}

func (m Took) encode(_ *Codec, w *ledger.Writer) error {
	encodeID(w, m.Ledger)
	w.String(m.Owner)
	w.Int(m.Epoch)
	return nil
}

func (m Moved) encode(_ *Codec, w *ledger.Writer) error {
	encodeID(w, m.Ledger)
	w.String(m.To)
	return nil
}
