package app

import (
	"context"

	"inventory/app/scan"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// Scan is what a machine of a warehouse tells: an adjustment or a count, or a pick. One of both is
// set.
type Scan struct {
	Adjust *AdjustRequest
	Pick   *ConfirmRequest
}

// Scanned is what came of a scan. One of both is set.
type Scanned struct {
	Adjustment *stock.Adjustment
	Order      *reservation.Order
}

// Scanning is what scans ask for: an Inventory, or a Rehearsal.
type Scanning interface {
	Adjust(context.Context, AdjustRequest) (stock.Adjustment, error)
	Confirm(context.Context, ConfirmRequest) (*reservation.Order, error)
}

var _, _ Scanning = (*Inventory)(nil), (*Rehearsal)(nil)

// Do has a scan done, and done again without an effect where it was done before. Errors are as of
// Adjust and Confirm.
func (s Scan) Do(ctx context.Context, in Scanning) (did Scanned, err error) {
	if s.Pick != nil {
		did.Order, err = in.Confirm(ctx, *s.Pick)
		return did, err
	}
	made, err := in.Adjust(ctx, *s.Adjust)
	did.Adjustment = &made
	return did, err
}

// Task makes a scan a task, which tells what came of it.
func (s Scan) Task(in Scanning, told func(Scanned, error)) scan.Task {
	var did Scanned
	return scan.Task{
		About: s.about(),
		Do: func(ctx context.Context) (err error) {
			did, err = s.Do(ctx, in)
			return err
		},
		Told: func(err error) { told(did, err) },
	}
}

// about names what a scan changes: a SKU in a warehouse, or an order.
func (s Scan) about() string {
	if s.Pick != nil {
		return s.Pick.OrderID + s.Pick.ReservationID
	}
	return s.Adjust.WarehouseID + "\n" + s.Adjust.SKU
}
