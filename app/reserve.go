package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"inventory/app/owner"
	"inventory/app/scan"
	"inventory/app/watch"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// ReserveRequest asks to hold stock for an order.
type ReserveRequest struct {
	OrderID string
	Region  string        // empty: the deployment's default
	TTL     time.Duration // 0: the deployment's
	Items   []ReserveItem
	// Final is set for order events: a refusal is for ever, and the answer is given as soon
	// as the order is sure to get its outcome. Else the answer is the outcome.
	Final  bool
	Await  bool   // though it is Final, the answer is the outcome
	Source string // the topic, or the API's name
	Trace  string // W3C traceparent
}

// ReserveItem is a number of units of a SKU; WarehouseID is empty where the service is to
// choose.
type ReserveItem struct {
	SKU         string
	Quantity    int64
	WarehouseID string
}

// Reservation is an order after a Reserve.
type Reservation struct {
	*reservation.Order
	Repeated bool // it was there before
}

// Reserve holds stock for all items of an order, or for none. The same order again has
// the same answer. Errors: stock.ErrInvalid, ErrUnknownWarehouse and ErrUnknownRegion
// (not for Final: such an order is rejected), reservation.ErrInsufficient with an
// InsufficientError, ErrMismatch, ErrRejected, ErrCancelled, ErrBusy, and those of
// owner.Host.Ask.
func (in *Inventory) Reserve(ctx context.Context, req ReserveRequest) (r Reservation, err error) {
	defer in.observeReserve(req, in.world.Clock.Now(), &r, &err)
	if req.TTL == 0 {
		req.TTL = in.cfg.TTL
	}
	cmd, err := reservation.NewReserve(req.OrderID, req.Region, req.TTL, linesOf(req.Items))
	if err == nil {
		err = in.checkPlaces(ctx, cmd)
	}
	if err != nil {
		if _, bad := stock.ParseOrderID(req.OrderID); bad != nil || !req.Final || !refusesOrder(err) {
			return Reservation{}, err
		}
		cmd.Invalid, cmd.Lines = detailOf(err), reservation.Keepable(cmd.Lines)
		if _, bad := stock.ParseRegion(req.Region); bad != nil {
			cmd.Region = ""
		}
		cmd.TTL = min(max(cmd.TTL, reservation.MinTTL), reservation.MaxTTL)
	}
	cmd.Final, cmd.Await, cmd.Origin = req.Final, req.Await, stock.Origin{Source: req.Source, Trace: req.Trace}
	id := reservation.IDOf(cmd.Order)
	outcome, err := in.ask(ctx, in.ledgerOf(id), cmd, owner.Decided)
	switch o := outcome.(type) {
	case reservation.Repeated:
		return Reservation{o.Order, true}, err
	case *reservation.Order:
		return Reservation{o, false}, err
	}
	return Reservation{}, err
}

// maxDetail bounds what is remembered of why an order can't be served, in bytes.
const maxDetail = 512

// detailOf says in one line what is wrong with an order.
func detailOf(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	if len(text) > maxDetail {
		text = text[:maxDetail-3] + "..."
	}
	return strings.ToValidUTF8(text, "")
}

func linesOf(items []ReserveItem) []reservation.Line {
	lines := make([]reservation.Line, 0, len(items))
	for _, it := range items {
		lines = append(lines, reservation.Line{
			SKU: stock.SKU(it.SKU), Quantity: it.Quantity,
			Warehouse: stock.WarehouseID(it.WarehouseID), Named: it.WarehouseID != "",
		})
	}
	return lines
}

// refusesOrder tells an order that can never be served from a store that can't answer.
func refusesOrder(err error) bool {
	return errors.Is(err, stock.ErrInvalid) || errors.Is(err, ErrUnknownWarehouse) || errors.Is(err, ErrUnknownRegion)
}

// checkPlaces finds every warehouse and the region that an order names.
func (in *Inventory) checkPlaces(ctx context.Context, cmd reservation.Reserve) error {
	var faults []error
	if cmd.Region != "" {
		faults = append(faults, in.checkRegion(ctx, cmd.Region))
	}
	for _, l := range cmd.Lines {
		if l.Named {
			_, err := in.warehouse(ctx, l.Warehouse)
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// meet looks for warehouses of an order that another member took in, and that this one has not
// heard of: they were there a moment ago.
func (in *Inventory) meet(ctx context.Context, cmd ledger.Command) error {
	order, ok := cmd.(reservation.Reserve)
	if !ok || order.Invalid != "" {
		return nil
	}
	if err := in.checkPlaces(ctx, order); err != nil && !refusesOrder(err) {
		return err
	}
	return nil // what there is not is the ledger's to refuse
}

// Retryable tells whether a command that failed may be asked again as it is, with a
// chance to succeed: it has no effect twice.
func Retryable(err error) bool {
	for _, e := range []error{owner.ErrNotOwner, owner.ErrOverloaded, owner.ErrUnsettled, wire.ErrUnknownMessage, reservation.ErrBusy, ErrBehind, watch.ErrBehind, watch.ErrClosing, scan.ErrClosing, ports.ErrTransient, ports.ErrUnknown} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
