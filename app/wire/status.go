package wire

import "inventory/domain/ledger"

// AskStatus is the request for how a member's ledgers stand. Its answer is a StatusAnswer.
type AskStatus struct{}

// StatusAnswer lists the ledgers that a member owns.
type StatusAnswer struct{ Ledgers []Status }

// Status is how a ledger stands with its owner.
type Status struct {
	Ledger  ledger.ID
	Owner   string // the member's id
	Epoch   int64
	Version int64 // of the newest entry
	Relayed int64 // of the newest entry that is written to the tables
	Waiting int   // commands and mail in the mailbox
	Mail    int64 // sent to other ledgers and not taken there yet
	Holds   int64 // live: of orders, or of stock for them
}

// statusSize is the fewest bytes that a status takes, with its length.
const statusSize = 12

func (AskStatus) kind() byte { return kindAskStatus }

func (StatusAnswer) kind() byte { return kindStatusAnswer }

func (AskStatus) encode(*Codec, *ledger.Writer) error { return nil }

// encode frames each status, so that it can be given more.
func (m StatusAnswer) encode(_ *Codec, w *ledger.Writer) error {
	w.Int(int64(len(m.Ledgers)))
	for _, s := range m.Ledgers {
		w.Framed(func(w *ledger.Writer) {
			encodeID(w, s.Ledger)
			w.String(s.Owner)
			for _, n := range [...]int64{s.Epoch, s.Version, s.Relayed, int64(s.Waiting), s.Mail, s.Holds} {
				w.Int(n)
			}
		})
	}
	return nil
}

// decodeStatusAnswer leaves what is at the end of a frame to newer versions. A field that is
// added there is read only where something is left: older members have none.
func decodeStatusAnswer(r *ledger.Reader) (m StatusAnswer) {
	m.Ledgers = make([]Status, 0, r.Count(statusSize))
	for range cap(m.Ledgers) {
		frame := ledger.NewReader(r.Blob())
		s := Status{
			Ledger: decodeID(frame), Owner: frame.String(), Epoch: frame.Int(), Version: frame.Int(), Relayed: frame.Int(),
			Waiting: int(frame.Int()), Mail: frame.Int(), Holds: frame.Int(),
		}
		if err := frame.Err(); err != nil {
			r.Fail("status: %v", err)
			break
		}
		m.Ledgers = append(m.Ledgers, s)
	}
	return m
}
