package grpcapi

import (
	"errors"
	"strings"

	"google.golang.org/protobuf/types/known/durationpb"

	"inventory/app"
	"inventory/app/scan"
	"inventory/app/watch"
	"inventory/domain/reservation"
	inventoryv1 "inventory/schemas/proto/inventory/v1"
	"inventory/schemas/proto/inventory/v1/inventoryv1connect"
)

// appliedOf says what a scan did.
func appliedOf(did app.Scanned) *inventoryv1.ScanApplied {
	if did.Order != nil {
		return &inventoryv1.ScanApplied{Did: &inventoryv1.ScanApplied_Picked{Picked: pickedOf(did.Order)}}
	}
	made := did.Adjustment
	return &inventoryv1.ScanApplied{Repeated: made.Repeated, Did: &inventoryv1.ScanApplied_Adjusted{Adjusted: &inventoryv1.AdjustedStock{
		OnHandBefore: made.Level.OnHand() - made.Delta, Quantity: made.Delta, Level: levelOf(watch.LevelOf(made.SKU, made.Level)),
	}}}
}

func pickedOf(o *reservation.Order) *inventoryv1.PickedOrder {
	told := &inventoryv1.PickedOrder{OrderId: string(o.ID), ReservationId: reservation.IDOf(o.ID).String(), Status: o.Status.String(), Late: o.Late}
	for _, l := range o.Lines {
		line := &inventoryv1.PickedLine{Sku: string(l.SKU), WarehouseId: string(l.Warehouse), Quantity: l.Quantity, Status: l.Status.String()}
		if l.Status == reservation.Confirmed { // what a late pick under way asks for has not left
			line.Picked = l.Picked
		}
		told.Lines = append(told.Lines, line)
	}
	return told
}

// unscanned acknowledges a scan that is not done.
func (a *API) unscanned(id string, err error) *inventoryv1.ScanResponse {
	f := app.FailureOf(err)
	detail := strings.ReplaceAll(err.Error(), "\n", "; ")
	if f.Kind == app.Broken {
		a.logScan(err)
		detail = broken
	}
	if f.Kind == app.Retry || f.Kind == app.Ended {
		return &inventoryv1.ScanResponse{Id: id, Outcome: &inventoryv1.ScanResponse_Retry{Retry: &inventoryv1.ScanRetry{
			Code: f.Code, Detail: detail, After: durationpb.New(comeAgain),
		}}}
	}
	return &inventoryv1.ScanResponse{Id: id, Outcome: &inventoryv1.ScanResponse_Refused{Refused: &inventoryv1.ScanRefused{
		Code: f.Code, Detail: detail, Hint: f.Hint,
	}}}
}

// logScan tells those who run the service what is broken.
func (a *API) logScan(err error) {
	if p, ok := errors.AsType[*scan.PanicError](err); ok {
		err = errors.Join(err, errors.New(string(p.Stack)))
	}
	a.options.Log(inventoryv1connect.StockServiceScanProcedure, err)
}
