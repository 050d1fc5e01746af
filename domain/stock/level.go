package stock

import (
	"fmt"
	"time"

	"inventory/domain/ledger"
)

// Level is the stock level of one SKU in one warehouse, in units. The zero Level is of a
// SKU that never was there. It is a value: movements return a new one.
type Level struct {
	onHand  int64
	held    int64
	seq     int64 // changes so far, without gap
	version int64 // of the entry that changed it last
	week    Week
}

// Week sums up what changed on hand in one ISO week (UTC), in units:
// opening + received + adjusted - picked is on hand.
type Week struct {
	ISO      int64 // year*100 + week
	Opening  int64
	Received int64 // receipts and returns
	Adjusted int64 // damage, loss, corrections and counts
	Picked   int64
}

// String gives the week as ISO 8601 writes it: 2026-W48.
func (w Week) String() string { return fmt.Sprintf("%04d-W%02d", w.ISO/100, w.ISO%100) }

// OnHand is what is physically there.
func (l Level) OnHand() int64 { return l.onHand }

// Held is what is promised to orders.
func (l Level) Held() int64 { return l.held }

// Available is what can be promised.
func (l Level) Available() int64 { return max(0, l.onHand-l.held) }

// Short is what is promised and not there.
func (l Level) Short() int64 { return max(0, l.held-l.onHand) }

// Seq counts the level's changes, without gap.
func (l Level) Seq() int64 { return l.seq }

// Version is the version of the entry that changed the level last.
func (l Level) Version() int64 { return l.version }

// Week sums up the ISO week of the last change.
func (l Level) Week() Week { return l.week }

// Movement is how a change moves a level. Its values are the event types of the table
// inventory.events.
type Movement byte

// The movements, by what they do with a quantity q.
const (
	Held      Movement = 1 // held + q
	Released  Movement = 2 // held - q
	Confirmed Movement = 3 // both - q
	Adjusted  Movement = 4 // on hand + q, signed
)

// String gives the event type.
func (m Movement) String() string {
	switch m {
	case Held:
		return "HELD"
	case Released:
		return "RELEASED"
	case Confirmed:
		return "CONFIRMED"
	case Adjusted:
		return "ADJUSTED"
	}
	return fmt.Sprintf("Movement(%d)", byte(m))
}

// moved returns the level after a movement of q units in the entry at; kind matters for
// Adjusted only.
func (l Level) moved(m Movement, kind AdjustmentType, q int64, at ledger.Stamp) (Level, error) {
	before := l
	l.seq++
	l.version = at.Version
	if iso := isoWeek(at.At); iso != l.week.ISO {
		l.week = Week{ISO: iso, Opening: l.onHand}
	}
	switch m {
	case Held:
		l.held += q
	case Released:
		l.held -= q
	case Confirmed:
		l.held -= q
		l.onHand -= q
		l.week.Picked += q
	case Adjusted:
		l.onHand += q
		l.week.adjust(kind, q)
	}
	return l, l.check(before, m, q)
}

func (w *Week) adjust(kind AdjustmentType, q int64) {
	if kind == Receipt || kind == Return {
		w.Received += q
		return
	}
	w.Adjusted += q
}

// check states what is always true of a level, and of the step to it from before.
func (l Level) check(before Level, m Movement, q int64) error {
	switch {
	case l.onHand < 0 || l.onHand > MaxQuantity:
		return fmt.Errorf("on hand would be %d, expected 0 to %d", l.onHand, MaxQuantity)
	case l.held < 0:
		return fmt.Errorf("held would be %d", l.held)
	case m != Adjusted && q <= 0:
		return fmt.Errorf("%s of %d units", m, q)
	case m == Held && l.held > before.onHand:
		return fmt.Errorf("held would be %d of %d on hand", l.held, before.onHand)
	case m < Held || m > Adjusted:
		return fmt.Errorf("unknown movement %d", m)
	case l.week.Opening+l.week.Received+l.week.Adjusted-l.week.Picked != l.onHand:
		return fmt.Errorf("week %s sums up to something else than the %d on hand", l.week, l.onHand)
	}
	return nil
}

func isoWeek(ms int64) int64 {
	year, week := time.UnixMilli(ms).UTC().ISOWeek()
	return int64(year)*100 + int64(week)
}

func (l Level) encode(w *ledger.Writer) {
	for _, v := range [...]int64{l.onHand, l.held, l.seq, l.week.ISO, l.week.Opening, l.week.Received, l.week.Adjusted, l.week.Picked} {
		w.Int(v)
	}
}

func decodeLevel(r *ledger.Reader, version int64) Level {
	return Level{
		onHand: r.Int(), held: r.Int(), seq: r.Int(), version: version,
		week: Week{ISO: r.Int(), Opening: r.Int(), Received: r.Int(), Adjusted: r.Int(), Picked: r.Int()},
	}
}
