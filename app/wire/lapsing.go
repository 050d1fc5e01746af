package wire

import (
	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// AskLapsing is the request for the holds of a member's reservation ledgers that end before a
// time, the soonest first and at most Most of each ledger. Its answer is a LapsingAnswer.
type AskLapsing struct {
	Before int64 // Unix milliseconds, as all times here
	Most   int
}

// LapsingAnswer tells of each reservation ledger that a member is sure to own.
type LapsingAnswer struct{ Ledgers []Lapsing }

// Lapsing is how many holds of a ledger end before a time, and which do first.
type Lapsing struct {
	Ledger ledger.ID
	All    int
	Holds  []Hold
}

// Hold is what an order holds, and until when.
type Hold struct {
	OrderID       stock.OrderID
	ReservationID ledger.UUID
	HeldAt        int64
	ExpiresAt     int64
	Lines         int
	Units         int64
}

// The fewest bytes that a ledger's part and a hold take, each with its length.
const (
	lapsingSize = 4
	holdSize    = 22
)

func (AskLapsing) kind() byte { return kindAskLapsing }

func (LapsingAnswer) kind() byte { return kindLapsingAnswer }

func (m AskLapsing) encode(_ *Codec, w *ledger.Writer) error {
	w.Int(m.Before)
	w.Int(int64(m.Most))
	return nil
}

func decodeAskLapsing(r *ledger.Reader) AskLapsing {
	return AskLapsing{Before: r.Int(), Most: int(r.Int())}
}

// encode frames each part, so that it can be given more.
func (m LapsingAnswer) encode(_ *Codec, w *ledger.Writer) error {
	w.Int(int64(len(m.Ledgers)))
	for _, l := range m.Ledgers {
		w.Framed(func(w *ledger.Writer) {
			encodeID(w, l.Ledger)
			w.Int(int64(l.All))
			w.Int(int64(len(l.Holds)))
			for _, h := range l.Holds {
				w.Framed(h.encode)
			}
		})
	}
	return nil
}

func (h Hold) encode(w *ledger.Writer) {
	w.String(string(h.OrderID))
	w.UUID(h.ReservationID)
	for _, n := range [...]int64{h.HeldAt, h.ExpiresAt, int64(h.Lines), h.Units} {
		w.Int(n)
	}
}

func decodeLapsingAnswer(r *ledger.Reader) (m LapsingAnswer) {
	m.Ledgers = make([]Lapsing, 0, r.Count(lapsingSize))
	for range cap(m.Ledgers) {
		frame := ledger.NewReader(r.Blob())
		l := Lapsing{Ledger: decodeID(frame), All: int(frame.Int())}
		l.Holds = make([]Hold, 0, frame.Count(holdSize))
		for range cap(l.Holds) {
			h := ledger.NewReader(frame.Blob())
			l.Holds = append(l.Holds, Hold{
				OrderID: stock.OrderID(h.String()), ReservationID: h.UUID(), HeldAt: h.Int(), ExpiresAt: h.Int(), Lines: int(h.Int()), Units: h.Int(),
			})
			if err := h.Err(); err != nil {
				frame.Fail("hold: %v", err)
				break
			}
		}
		if err := frame.Err(); err != nil {
			r.Fail("lapsing: %v", err)
			break
		}
		m.Ledgers = append(m.Ledgers, l)
	}
	return m
}
