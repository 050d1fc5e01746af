package wire

import (
	"fmt"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// The kinds of outcomes, fixed for ever.
const (
	outcomeNone       = 0
	outcomeOrder      = 1
	outcomeNoOrder    = 2 // a nil *reservation.Order
	outcomeRepeated   = 3
	outcomeParked     = 4
	outcomeAdjustment = 32
	outcomeCorrected  = 33
	outcomeMark       = 34
	outcomeMarks      = 35
	outcomeMadeBefore = 36 // an adjustment that is Repeated
)

func encodeOutcome(w *ledger.Writer, outcome any) error {
	switch o := outcome.(type) {
	case nil:
		w.Byte(outcomeNone)
	case *reservation.Order:
		encodeOrder(w, o)
	case reservation.Repeated:
		w.Byte(outcomeRepeated)
		encodeOrder(w, o.Order)
	case reservation.ParkedOutcome:
		w.Byte(outcomeParked)
		w.Int(o.Until)
	case stock.Adjustment:
		kind := byte(outcomeAdjustment)
		if o.Repeated {
			kind = outcomeMadeBefore
		}
		w.Byte(kind)
		o.Encode(w)
	case stock.Corrected:
		w.Byte(outcomeCorrected)
		o.EncodeVersioned(w)
	case stock.Mark:
		w.Byte(outcomeMark)
		o.Encode(w)
	case stock.Marks:
		encodeMarks(w, o)
	default:
		return fmt.Errorf("%T is no outcome of a command that callers ask for: it can't go to another member", outcome)
	}
	return nil
}

func encodeMarks(w *ledger.Writer, marks stock.Marks) {
	w.Byte(outcomeMarks)
	w.Int(int64(len(marks)))
	for _, m := range marks {
		m.Encode(w)
	}
}

func decodeMarks(r *ledger.Reader) stock.Marks {
	marks := make(stock.Marks, 0, r.Count(5))
	for range cap(marks) {
		marks = append(marks, stock.DecodeMark(r))
	}
	return marks
}

func encodeOrder(w *ledger.Writer, o *reservation.Order) {
	if o == nil {
		w.Byte(outcomeNoOrder)
		return
	}
	w.Byte(outcomeOrder)
	o.EncodeVersioned(w)
}

func decodeOutcome(r *ledger.Reader) (any, error) {
	var outcome any
	switch kind := r.Byte(); kind {
	case outcomeNone:
	case outcomeOrder, outcomeNoOrder:
		outcome = decodeOrder(kind, r)
	case outcomeRepeated:
		outcome = reservation.Repeated{Order: decodeOrder(r.Byte(), r)}
	case outcomeParked:
		outcome = reservation.ParkedOutcome{Until: r.Int()}
	case outcomeAdjustment:
		outcome = stock.DecodeAdjustment(r)
	case outcomeMadeBefore:
		made := stock.DecodeAdjustment(r)
		made.Repeated = true
		outcome = made
	case outcomeCorrected:
		outcome = stock.DecodeCorrected(r)
	case outcomeMark:
		outcome = stock.DecodeMark(r)
	case outcomeMarks:
		outcome = decodeMarks(r)
	default:
		return nil, unknown("outcome", kind)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return outcome, nil
}

func decodeOrder(kind byte, r *ledger.Reader) *reservation.Order {
	switch kind {
	case outcomeOrder:
		return reservation.DecodeVersioned(r)
	case outcomeNoOrder:
	default:
		r.Fail("an order or none expected, found %d", kind)
	}
	return nil
}
