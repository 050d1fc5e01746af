package grpcapi

import (
	"errors"
	"fmt"
	"time"

	"inventory/app"
	"inventory/domain/stock"
	"inventory/ports"
	inventoryv1 "inventory/schemas/proto/inventory/v1"
)

// askedOf reads a scan. The error names its faults; those that it leaves to the use cases they find.
func askedOf(m *inventoryv1.ScanRequest) (app.Scan, error) {
	_, warehouseErr := stock.ParseWarehouseID(m.GetWarehouseId())
	faults := []error{stock.CheckToken("id", m.GetId()), warehouseErr, stock.CheckToken("actor", m.GetActor())}
	if at := m.GetOccurredAt(); at != nil && at.CheckValid() != nil {
		faults = append(faults, fmt.Errorf("%w occurred_at: expected a time of the years 1 to 9999", stock.ErrInvalid))
	}
	var asked app.Scan
	switch what := m.GetScan().(type) {
	case *inventoryv1.ScanRequest_Adjust:
		kind, err := adjustmentTypeOf(what.Adjust.GetType())
		faults = append(faults, err)
		asked.Adjust = &app.AdjustRequest{
			SKU: what.Adjust.GetSku(), Type: string(kind), Quantity: what.Adjust.GetQuantity(),
			Reason: what.Adjust.GetReason(), Reference: what.Adjust.GetReference(),
		}
	case *inventoryv1.ScanRequest_Count:
		asked.Adjust = &app.AdjustRequest{
			SKU: what.Count.GetSku(), Type: string(stock.Count), Quantity: what.Count.GetCounted(),
			Reason: what.Count.GetReason(), Reference: what.Count.GetReference(),
		}
	case *inventoryv1.ScanRequest_Pick:
		asked.Pick = &app.ConfirmRequest{OrderRef: app.OrderRef{OrderID: what.Pick.GetOrderId()}, WarehouseID: m.GetWarehouseId(), Source: sourceOf(m, ":"+m.GetActor())}
		for _, item := range what.Pick.GetItems() {
			asked.Pick.Items = append(asked.Pick.Items, app.ReserveItem{SKU: item.GetSku(), Quantity: item.GetQuantity()})
		}
	default:
		faults = append(faults, fmt.Errorf("%w scan: expected one of adjust, count and pick", stock.ErrInvalid))
	}
	if a := asked.Adjust; a != nil {
		a.WarehouseID, a.Actor, a.Key, a.Source = m.GetWarehouseId(), m.GetActor(), m.GetId(), sourceOf(m, "")
	}
	return asked, errors.Join(faults...)
}

// sourceOf says where a scan comes from, for the ledger: who scanned it, where the ledger does not
// say so itself, and when.
func sourceOf(m *inventoryv1.ScanRequest, who string) string {
	source := ports.ViaScan + who
	if m.GetOccurredAt() != nil {
		source += "@" + m.GetOccurredAt().AsTime().Format(time.RFC3339)
	}
	return source
}

func adjustmentTypeOf(t inventoryv1.AdjustmentType) (stock.AdjustmentType, error) {
	switch t {
	case inventoryv1.AdjustmentType_ADJUSTMENT_TYPE_RECEIPT:
		return stock.Receipt, nil
	case inventoryv1.AdjustmentType_ADJUSTMENT_TYPE_RETURN:
		return stock.Return, nil
	case inventoryv1.AdjustmentType_ADJUSTMENT_TYPE_DAMAGE:
		return stock.Damage, nil
	case inventoryv1.AdjustmentType_ADJUSTMENT_TYPE_LOSS:
		return stock.Loss, nil
	case inventoryv1.AdjustmentType_ADJUSTMENT_TYPE_CORRECTION:
		return stock.Correction, nil
	case inventoryv1.AdjustmentType_ADJUSTMENT_TYPE_UNSPECIFIED:
	}
	return "", fmt.Errorf("%w type %v: expected one of the others", stock.ErrInvalid, t)
}
