package stock

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"inventory/domain/ledger"
)

// AdjustmentType says why what is on hand changed other than by a pick.
type AdjustmentType string

// The adjustment types. Source: spec S1.3.
const (
	Receipt    AdjustmentType = "RECEIPT"
	Return     AdjustmentType = "RETURN"
	Damage     AdjustmentType = "DAMAGE"
	Loss       AdjustmentType = "LOSS"
	Correction AdjustmentType = "CORRECTION"
	Count      AdjustmentType = "COUNT" // absolute
)

// ParseAdjustmentType reads an adjustment type in capitals.
func ParseAdjustmentType(s string) (AdjustmentType, error) {
	switch t := AdjustmentType(s); t {
	case Receipt, Return, Damage, Loss, Correction, Count:
		return t, nil
	}
	return "", fmt.Errorf("%w adjustment_type %.80q: expected RECEIPT, RETURN, DAMAGE, LOSS, CORRECTION or COUNT", ErrInvalid, s)
}

// AdjustmentRetention is how long an Idempotency-Key is remembered.
const AdjustmentRetention = 7 * 24 * time.Hour

// Errors of an adjustment that was understood and can't be made.
var (
	// ErrBelowZero: there is less on hand than the adjustment takes away.
	ErrBelowZero = errors.New("on_hand would be below zero")
	// ErrTooMany: on hand would be above MaxQuantity.
	ErrTooMany = errors.New("on_hand would be above the limit")
	// ErrKeyReused: the Idempotency-Key was used for another adjustment.
	ErrKeyReused = errors.New("idempotency key was used for another adjustment")
)

// Adjust is the command to change or count what is on hand of a SKU. The same command
// again, within seven days, changes nothing and has the same outcome, but that it is
// Repeated. Its outcome is an Adjustment.
type Adjust struct {
	Ledger    ledger.ID
	Actor     string // who; with Key the command's identity
	Key       string // the caller's Idempotency-Key
	SKU       SKU
	Type      AdjustmentType
	Quantity  int64 // units: a signed delta, or for Count what was counted
	Reason    string
	Reference string
	Source    string
	Trace     string
}

// Validate names the first fault of the command, wrapping ErrInvalid.
func (a Adjust) Validate() error {
	_, skuErr := ParseSKU(string(a.SKU))
	_, typeErr := ParseAdjustmentType(string(a.Type))
	faults := errors.Join(skuErr, typeErr, CheckToken("actor", a.Actor), CheckToken("Idempotency-Key", a.Key),
		CheckNote("reason", a.Reason), CheckNote("reference", a.Reference))
	switch q := a.Quantity; {
	case a.Type == Count && (q < 0 || q > MaxQuantity):
		return errors.Join(faults, fmt.Errorf("%w counted %d: expected 0 to %d units", ErrInvalid, q, MaxQuantity))
	case a.Type != Count && (q == 0 || q < -MaxQuantity || q > MaxQuantity):
		return errors.Join(faults, fmt.Errorf("%w qty_delta %d: expected 1 to %d units, or as many less", ErrInvalid, q, MaxQuantity))
	}
	return faults
}

// ID identifies the command: actor and key, within its ledger.
func (a Adjust) ID() ledger.UUID {
	return ledger.NewUUIDv5(ledger.Namespace, "adjustment:"+strings.Join([]string{string(a.Ledger), a.Actor, a.Key}, "\n"))
}

func (a Adjust) fingerprint() ledger.UUID {
	return ledger.NewUUIDv5(ledger.Namespace, "fingerprint:"+strings.Join(
		[]string{string(a.SKU), string(a.Type), strconv.FormatInt(a.Quantity, 10), a.Reason, a.Reference}, "\n"))
}

// Adjustment is what an Adjust command did: Delta units on hand, and the level after it.
type Adjustment struct {
	Actor       string
	Key         string
	Fingerprint ledger.UUID // of what was asked
	SKU         SKU
	Type        AdjustmentType
	Delta       int64
	Level       Level
	Repeated    bool // an answer to a command that was decided before; it is not encoded
}

// Encode appends the adjustment whole, for the archive and for snapshots.
func (a Adjustment) Encode(w *ledger.Writer) {
	w.Byte(adjustmentFormat)
	w.String(a.Actor)
	w.String(a.Key)
	w.UUID(a.Fingerprint)
	w.String(string(a.SKU))
	w.String(string(a.Type))
	w.Int(a.Delta)
	w.Int(a.Level.version)
	a.Level.encode(w)
}

const adjustmentFormat = 1

// DecodeAdjustment reads what Encode wrote; r tells of faults.
func DecodeAdjustment(r *ledger.Reader) Adjustment {
	if f := r.Byte(); f != adjustmentFormat {
		r.Fail("adjustment format %d, this program reads %d", f, adjustmentFormat)
	}
	a := Adjustment{Actor: r.String(), Key: r.String(), Fingerprint: r.UUID(), SKU: SKU(r.String()), Type: AdjustmentType(r.String()), Delta: r.Int()}
	a.Level = decodeLevel(r, r.Int())
	return a
}
