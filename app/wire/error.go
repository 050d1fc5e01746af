package wire

import (
	"errors"
	"strings"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// maxText bounds the text of an error, in bytes.
const maxText = 4 << 10

// The kinds of errors that have values, fixed for ever.
const (
	valueInsufficient = 1
	valueOverPick     = 2
)

// told is an error that another member told of.
type told struct {
	text string
	is   []error
}

// Error implements error.
func (e *told) Error() string { return e.text }

// Unwrap lists what the error was there.
func (e *told) Unwrap() []error { return e.is }

func (c *Codec) encodeError(w *ledger.Writer, err error) {
	var room [8]byte
	numbers := room[:0]
	for _, s := range c.sentinels {
		if errors.Is(err, s.Err) {
			numbers = append(numbers, s.Number)
		}
	}
	w.String(clip(err.Error()))
	w.Blob(numbers)
	encodeValues(w, err)
}

// encodeValues appends each value framed, so that a member that does not know it can leave it.
func encodeValues(w *ledger.Writer, err error) {
	var short *reservation.InsufficientError
	var over *reservation.OverPickError
	isShort, isOver := errors.As(err, &short), errors.As(err, &over)
	w.Int(int64(flag(isShort, 1) + flag(isOver, 1)))
	if isShort {
		w.Byte(valueInsufficient)
		w.Framed(func(w *ledger.Writer) { stock.EncodeShortages(w, short.Shortages) })
	}
	if isOver {
		w.Byte(valueOverPick)
		w.Framed(func(w *ledger.Writer) {
			w.String(string(over.SKU))
			w.String(string(over.Warehouse))
			for _, n := range [...]int64{over.Picked, over.Held, over.Before} {
				w.Int(n)
			}
		})
	}
}

// decodeError never gives nil. An error all of whose numbers are of a newer version is an
// ErrUnknownMessage: what its caller can do is not known here.
func (c *Codec) decodeError(r *ledger.Reader) error {
	e := &told{text: clip(r.String())}
	numbers, seen := r.Blob(), [256]bool{}
	for _, n := range numbers {
		if c.decoded[n] != nil && !seen[n] {
			e.is = append(e.is, c.decoded[n])
		}
		seen[n] = true
	}
	if len(numbers) > 0 && len(e.is) == 0 {
		e.is = append(e.is, ErrUnknownMessage)
	}
	for range r.Count(2) {
		if value := decodeValue(r); value != nil {
			e.is = append(e.is, value)
		}
	}
	return e
}

// decodeValue gives nil for a value that only a newer version knows.
func decodeValue(r *ledger.Reader) error {
	kind := r.Byte()
	frame := ledger.NewReader(r.Blob())
	var value error
	switch kind {
	case valueInsufficient:
		value = &reservation.InsufficientError{Shortages: stock.DecodeShortages(frame)}
	case valueOverPick:
		value = &reservation.OverPickError{
			SKU: stock.SKU(frame.String()), Warehouse: stock.WarehouseID(frame.String()),
			Picked: frame.Int(), Held: frame.Int(), Before: frame.Int(),
		}
	}
	if err := frame.Err(); err != nil {
		r.Fail("value %d of an error: %v", kind, err)
	}
	return value
}

// clip bounds a text that is for people, and makes it UTF-8.
func clip(text string) string {
	if len(text) > maxText {
		return strings.ToValidUTF8(text[:maxText-3], "") + "..."
	}
	return strings.ToValidUTF8(text, "")
}
