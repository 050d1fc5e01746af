package relay

import (
	"encoding/json"
	"fmt"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/ports"
)

// metadata is the JSON of inventory.events.metadata. Names are fixed; v is the version of
// the set of names.
type metadata struct {
	V             int       `json:"v"`
	Ledger        ledger.ID `json:"ledger"`
	Version       int64     `json:"version"` // of the entry
	Ordinal       int       `json:"ordinal"` // of the event within the entry, from 0
	Seq           int64     `json:"seq"`     // of the level's changes, without gap
	OnHand        int64     `json:"on_hand"` // after the change, as held is
	Held          int64     `json:"held"`
	Type          string    `json:"adjustment_type,omitempty"`
	Actor         string    `json:"actor,omitempty"`
	Reason        string    `json:"reason,omitempty"`
	Reference     string    `json:"reference,omitempty"`
	OrderID       string    `json:"order_id,omitempty"`
	ReservationID string    `json:"reservation_id,omitempty"`
	Late          bool      `json:"late,omitempty"`
	Trace         string    `json:"trace,omitempty"`
	Threshold     string    `json:"threshold,omitempty"` // LOW, OUT or BACK: the change made the SKU cross
	LowMark       *int64    `json:"low_mark,omitempty"`  // that it crossed, or was given
	*Correction
	Public *public `json:"public,omitempty"` // what is to be published of the row, where that is left to capture
}

func (m metadata) json() (string, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("metadata: %w", err)
	}
	return string(b), nil
}

// item is an element of inventory.reservation.items.
type item struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id"`
	Quantity    int64  `json:"quantity"`
	Status      string `json:"status"`
}

// ReservationRow is the row of an order as it is after the entry at.
func ReservationRow(o *reservation.Order, at ledger.Stamp) (ports.ReservationRow, error) {
	items := make([]item, 0, len(o.Lines))
	for _, l := range o.Lines {
		items = append(items, item{string(l.SKU), string(l.Warehouse), l.Quantity, l.Status.String()})
	}
	text, err := json.Marshal(items)
	if err != nil {
		return ports.ReservationRow{}, fmt.Errorf("items of order %s: %w", o.ID, err)
	}
	w := &ledger.Writer{}
	o.Encode(w)
	row := ports.ReservationRow{
		ReservationID: reservation.IDOf(o.ID), OrderID: string(o.ID), Status: o.Status.String(), Items: string(text),
		Version: at.Version, At: time.UnixMilli(at.At).UTC(), Body: w.Bytes(),
	}
	if o.ExpiresAt > 0 {
		row.ExpiresAt = time.UnixMilli(o.ExpiresAt).UTC()
	}
	return row, nil
}
