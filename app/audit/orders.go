package audit

import (
	"bytes"
	"context"
	"fmt"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/ports"
)

// orderRow compares an order that is relayed with its row.
func (w World) orderRow(ctx context.Context, f *follower, key ledger.UUID) ([]Difference, error) {
	o, ok := f.orders().Order(key)
	if !ok || o.Status == reservation.Planned {
		return nil, nil
	}
	row, ok, err := w.Books.Reservation(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("row of order %s: %w", o.ID, err)
	}
	d := aboutOrder(f.id, ports.DifferentOrderRow, o.ID)
	switch {
	case !ok:
		d.text("row in inventory.reservation", "one", "none")
		return d.list, nil
	case row.Version > f.at.Version:
		newest, err := w.newest(ctx, f.id)
		if err == nil && row.Version > newest {
			d.text("version in inventory.reservation", fmt.Sprintf("no entry after %d", newest), row.Version)
		}
		return d.list, err // written, and not yet noted as relayed
	}
	body := &ledger.Writer{}
	o.Encode(body)
	d.text("status in inventory.reservation", o.Status, row.Status)
	d.text("version in inventory.reservation", o.Version(), row.Version)
	d.text("record in inventory.reservation is the order", true, bytes.Equal(body.Bytes(), row.Body))
	return d.list, nil
}
