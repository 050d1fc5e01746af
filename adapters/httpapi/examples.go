package httpapi

import (
	"errors"
	"fmt"
	"net/http"

	"inventory/app"
	"inventory/app/fleet"
	"inventory/app/wire"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// The examples of the document. A test sends those of requests.
var (
	exampleID     = "ORD-1001"
	exampleReason = reservation.PaymentFailed
	exampleRegion = "south"
	exampleTTL    = int64(900)
	exampleDelta  = int64(24)
	exampleNote   = "PO-778"

	exampleReserve = reserveRequest{
		OrderID: exampleID, Region: &exampleRegion, TTLSeconds: &exampleTTL,
		Items: []item{{SKU: "TEE-M-BLACK", Quantity: 2}},
	}
	exampleOrder     = exampleOrderAs("HELD", "")
	exampleRead      = exampleOrderRead()
	exampleReleased  = exampleOrderAs("RELEASED", exampleReason)
	exampleConfirmed = exampleOrderAs("CONFIRMED", "")
	exampleShort     = &reservation.InsufficientError{Shortages: []stock.Shortage{{SKU: "TEE-M-BLACK", Requested: 2, Available: 1}}}
	exampleOverPick  = &reservation.OverPickError{SKU: "TEE-M-BLACK", Warehouse: "HCM", Picked: 3, Held: 2}

	exampleAdjust = adjustRequest{
		SKU: "TEE-M-BLACK", WarehouseID: "HCM", AdjustmentType: "RECEIPT", QtyDelta: &exampleDelta, Reference: &exampleNote,
	}
	exampleAdjustment = adjustment{
		SKU: "TEE-M-BLACK", WarehouseID: "HCM", AdjustmentType: "RECEIPT", QtyDelta: 24, OnHand: 36, Held: 2, Available: 34, Version: 7,
	}
	exampleStock = stockLevel{
		SKU: "TEE-M-BLACK", Region: exampleRegion, OnHand: 36, Held: 2, Available: 34, Source: "owner", AsOf: "2026-03-02T08:15:30.250Z",
		Warehouses: []warehouseLevel{{WarehouseID: "HCM", Region: exampleRegion, OnHand: 36, Held: 2, Available: 34, Version: 7}},
	}
	exampleQuery = stockQueryRequest{
		Items: []stockItemRequest{{SKU: "TEE-M-BLACK", MinVersions: []string{"HCM:1"}}, {SKU: "TEE-XXS-PINK"}}, Region: &exampleRegion,
	}
	exampleQueried = stockList{[]stockResult{
		{SKU: "TEE-M-BLACK", Status: http.StatusOK, Stock: &exampleStock},
		{SKU: "TEE-XXS-PINK", Status: http.StatusNotFound, Problem: newProblem(fmt.Errorf("%w TEE-XXS-PINK", app.ErrUnknownSKU), exampleRequestID)},
	}}
	exampleBehind         = &app.BehindError{SKU: "TEE-M-BLACK", Warehouse: "HCM", Wanted: 7, Found: 6}
	exampleWarehouse      = warehouse{WarehouseID: "HCM", Region: exampleRegion, Rank: 1, Ledgers: 1}
	exampleReconciliation = reconciliation{
		Ledgers: 5, SKUs: 1200, Events: 45210, Orders: 310, Holds: 295, InFlight: 2,
		AuditedAt: "2026-03-02T08:15:30.250Z", Differences: []difference{exampleDifference},
	}
	exampleDifference = difference{"events", "stock/HCM/0", "sku TEE-M-BLACK", "held from inventory.events", "2", "3"}
	exampleNightly    = "told by the auditor"
	exampleRepair     = repairRequest{Apply: true, Reason: &exampleNightly}
	exampleRepairs    = repairs{
		Applied: true,
		Steps: []repairStep{{
			Kind: "events", Ledger: "stock/HCM/0", Subject: "sku TEE-M-BLACK", Done: true,
			What: "append CORRECTED to inventory.events (on_hand +0, held -1, rows +0), write the row in inventory.stock_level again, and publish the level again",
		}},
		Advice: []advice{}, Left: []difference{},
	}
	exampleLedgers = newLedgerList([]fleet.Standing{
		{Status: wire.Status{Ledger: "stock/HAN/0"}},
		{
			Status: wire.Status{Ledger: "stock/HCM/0", Epoch: 3, Version: 812, Relayed: 810, Waiting: 4, Mail: 1, Holds: 57},
			Name:   "inventory-0", Addr: "10.0.0.1:7070",
		},
	}, errors.New("no answer from the ledger's owner: inventory-1 at 10.0.0.2:7070: connection refused"))
)

// exampleOrderRead is the order as it is read.
func exampleOrderRead() order {
	o := exampleOrderAs("HELD", "")
	o.Items[0].Version, o.AsOf = 0, "2026-03-02T08:15:30.250Z"
	return o
}

func exampleOrderAs(status, reason string) order {
	return order{
		ReservationID: reservation.IDOf(stock.OrderID(exampleID)).String(), OrderID: exampleID, Status: status, Reason: reason,
		Items: []orderItem{{SKU: "TEE-M-BLACK", WarehouseID: "HCM", Quantity: 2, Status: status, Picked: pickedAs(status), Version: 7}}, ExpiresAt: "2026-03-02T08:30:30.250Z",
	}
}

func pickedAs(status string) int64 {
	if status == reservation.Confirmed.String() {
		return 2
	}
	return 0
}

// badItem is a request with several faults.
func badItem() error {
	var f faults
	_, err := stock.ParseQuantity("quantity", 0)
	f.check("body.items[0].quantity", err)
	f.add("body.items[0].Sku", "unknown key, expected sku, quantity, warehouse_id")
	f.add("body.items[0].sku", "missing")
	return f.err()
}
