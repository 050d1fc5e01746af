package wire

import (
	"bytes"
	"fmt"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// The kinds of commands, fixed for ever.
const (
	commandReserve = 1
	commandRelease = 2
	commandConfirm = 3
	commandExtend  = 4
	commandGet     = 5
	commandRestate = 6
	commandDisown  = 7
	commandAwait   = 8 // a Reserve
	commandAdjust  = 32
	commandCorrect = 33
	commandMark    = 34 // a SetMark
	commandMarks   = 35 // a ReadMarks
)

// EncodeCommand appends a command that callers ask of a ledger. It fails for every other: mail,
// deadlines and forgetting are the owner's own.
func EncodeCommand(w *ledger.Writer, cmd ledger.Command) error {
	switch cmd := cmd.(type) {
	case reservation.Reserve:
		encodeReserve(w, cmd)
	case reservation.Release:
		w.Byte(commandRelease)
		w.UUID(cmd.ID)
		w.String(string(cmd.Order))
		w.String(cmd.Reason)
		encodeOrigin(w, cmd.Origin)
	case reservation.Confirm:
		encodeConfirm(w, cmd)
	case reservation.Extend:
		w.Byte(commandExtend)
		w.UUID(cmd.ID)
		w.Int(int64(cmd.TTL))
		encodeOrigin(w, cmd.Origin)
	case reservation.Get:
		w.Byte(commandGet)
		w.UUID(cmd.ID)
	case reservation.Restate:
		w.Byte(commandRestate)
		w.UUID(cmd.ID)
	case reservation.Disown:
		w.Byte(commandDisown)
		w.String(string(cmd.Order))
		encodeID(w, cmd.Ledger)
		encodeOrigin(w, cmd.Origin)
	case stock.Adjust:
		encodeAdjust(w, cmd)
	case stock.Correct:
		encodeCorrect(w, cmd)
	case stock.SetMark:
		w.Byte(commandMark)
		w.String(string(cmd.SKU))
		w.Int(cmd.Low)
		w.String(cmd.Actor)
		encodeOrigin(w, cmd.Origin)
	case stock.ReadMarks:
		w.Byte(commandMarks)
		w.String(string(cmd.SKU))
		w.String(string(cmd.After))
		w.Int(int64(cmd.Limit))
	default:
		return fmt.Errorf("%T is no command that callers ask for: it can't go to another member", cmd)
	}
	return nil
}

// DecodeCommand reads what EncodeCommand wrote. Errors: ErrUnknownMessage, ledger.ErrCorrupt.
func DecodeCommand(r *ledger.Reader) (ledger.Command, error) {
	var cmd ledger.Command
	switch kind := r.Byte(); kind {
	case commandReserve, commandAwait:
		cmd = decodeReserve(r, kind == commandAwait)
	case commandRelease:
		cmd = reservation.Release{ID: r.UUID(), Order: stock.OrderID(r.String()), Reason: r.String(), Origin: decodeOrigin(r)}
	case commandConfirm:
		cmd = decodeConfirm(r)
	case commandExtend:
		cmd = reservation.Extend{ID: r.UUID(), TTL: time.Duration(r.Int()), Origin: decodeOrigin(r)}
	case commandGet:
		cmd = reservation.Get{ID: r.UUID()}
	case commandRestate:
		cmd = reservation.Restate{ID: r.UUID()}
	case commandDisown:
		cmd = reservation.Disown{Order: stock.OrderID(r.String()), Ledger: decodeID(r), Origin: decodeOrigin(r)}
	case commandAdjust:
		cmd = decodeAdjust(r)
	case commandCorrect:
		cmd = decodeCorrect(r)
	case commandMark:
		cmd = stock.SetMark{SKU: stock.SKU(r.String()), Low: r.Int(), Actor: r.String(), Origin: decodeOrigin(r)}
	case commandMarks:
		cmd = stock.ReadMarks{SKU: stock.SKU(r.String()), After: stock.SKU(r.String()), Limit: int(r.Int())}
	default:
		if r.Err() == nil {
			return nil, unknown("command", kind)
		}
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return cmd, nil
}

func encodeReserve(w *ledger.Writer, cmd reservation.Reserve) {
	if cmd.Await {
		w.Byte(commandAwait)
	} else {
		w.Byte(commandReserve)
	}
	w.String(string(cmd.Order))
	w.String(string(cmd.Region))
	encodeLines(w, cmd.Lines)
	w.Int(int64(cmd.TTL))
	w.Bool(cmd.Final)
	w.String(cmd.Invalid)
	encodeOrigin(w, cmd.Origin)
}

func decodeReserve(r *ledger.Reader, await bool) reservation.Reserve {
	return reservation.Reserve{
		Order: stock.OrderID(r.String()), Region: stock.Region(r.String()), Lines: decodeLines(r),
		TTL: time.Duration(r.Int()), Final: r.Bool(), Invalid: r.String(), Origin: decodeOrigin(r), Await: await,
	}
}

func encodeConfirm(w *ledger.Writer, cmd reservation.Confirm) {
	w.Byte(commandConfirm)
	w.UUID(cmd.ID)
	w.String(string(cmd.Order))
	w.String(string(cmd.Warehouse))
	encodeLines(w, cmd.Picked)
	w.Blob(cmd.Letter)
	encodeOrigin(w, cmd.Origin)
}

// decodeConfirm gives the letter memory of its own: it may be parked for long.
func decodeConfirm(r *ledger.Reader) reservation.Confirm {
	cmd := reservation.Confirm{
		ID: r.UUID(), Order: stock.OrderID(r.String()), Warehouse: stock.WarehouseID(r.String()), Picked: decodeLines(r),
	}
	if letter := r.Blob(); len(letter) > 0 {
		cmd.Letter = bytes.Clone(letter)
	}
	cmd.Origin = decodeOrigin(r)
	return cmd
}

func encodeAdjust(w *ledger.Writer, cmd stock.Adjust) {
	w.Byte(commandAdjust)
	encodeID(w, cmd.Ledger)
	for _, s := range [...]string{cmd.Actor, cmd.Key, string(cmd.SKU), string(cmd.Type)} {
		w.String(s)
	}
	w.Int(cmd.Quantity)
	for _, s := range [...]string{cmd.Reason, cmd.Reference, cmd.Source, cmd.Trace} {
		w.String(s)
	}
}

func decodeAdjust(r *ledger.Reader) stock.Adjust {
	return stock.Adjust{
		Ledger: decodeID(r), Actor: r.String(), Key: r.String(), SKU: stock.SKU(r.String()), Type: stock.AdjustmentType(r.String()),
		Quantity: r.Int(), Reason: r.String(), Reference: r.String(), Source: r.String(), Trace: r.String(),
	}
}

func encodeCorrect(w *ledger.Writer, cmd stock.Correct) {
	w.Byte(commandCorrect)
	w.String(string(cmd.SKU))
	for _, n := range [...]int64{cmd.Rows, cmd.OnHand, cmd.Held, cmd.Measured} {
		w.Int(n)
	}
	w.String(cmd.Actor)
	w.String(cmd.Reason)
	encodeOrigin(w, cmd.Origin)
}

func decodeCorrect(r *ledger.Reader) stock.Correct {
	return stock.Correct{
		SKU: stock.SKU(r.String()), Rows: r.Int(), OnHand: r.Int(), Held: r.Int(), Measured: r.Int(),
		Actor: r.String(), Reason: r.String(), Origin: decodeOrigin(r),
	}
}

func encodeOrigin(w *ledger.Writer, o stock.Origin) {
	w.String(o.Source)
	w.String(o.Trace)
}

func decodeOrigin(r *ledger.Reader) stock.Origin {
	return stock.Origin{Source: r.String(), Trace: r.String()}
}
