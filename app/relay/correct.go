package relay

import (
	"encoding/json"
	"fmt"
	"math"

	"inventory/domain/stock"
)

// CorrectedEvent is the event type, in inventory.events, of a labelled correction. What it
// adds to the sums over the rows is in its metadata.
const CorrectedEvent = "CORRECTED"

// Correction is what a CORRECTED row adds to the sums over a SKU's rows, besides itself.
type Correction struct {
	Rows   int64 `json:"rows_delta"`
	OnHand int64 `json:"on_hand_delta"` // units, as Held is
	Held   int64 `json:"held_delta"`
}

// CorrectionOf reads the metadata of a CORRECTED row.
func CorrectionOf(text string) (Correction, error) {
	var m metadata
	err := json.Unmarshal([]byte(text), &m)
	if err == nil && m.Correction == nil {
		err = fmt.Errorf("no on_hand_delta and held_delta in %.200q", text)
	}
	if err != nil {
		return Correction{}, fmt.Errorf("metadata of a %s row: %w", CorrectedEvent, err)
	}
	return *m.Correction, nil
}

func (d *derivation) corrected(c stock.Corrected) error {
	m := metadata{Actor: c.Actor, Reason: c.Reason, Trace: c.Trace, Correction: &Correction{c.Rows, c.OnHand, c.Held}}
	q := c.OnHand
	if q == 0 {
		q = c.Held
	}
	q = max(math.MinInt32, min(q, math.MaxInt32)) // the column's size: the whole number is in the metadata
	return d.event(CorrectedEvent, stock.Line{SKU: c.SKU, Quantity: q, After: c.After}, c.Source, m)
}
