package httpapi

// The examples of why in the document.
var (
	exampleTold = exampleOrderAs("HELD", "")
	exampleLine = storyLine{
		At: "2026-03-02T08:00:30.250Z", What: "HELD", SKU: "TEE-M-BLACK", WarehouseID: "HCM", Quantity: 2,
		Before: &unitsTold{36, 0}, After: &unitsTold{36, 2}, Source: "order.created.v1", OrderID: exampleID, ReservationID: exampleTold.ReservationID,
		Trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Ledger: "stock/HCM/0", Version: 812, Seq: 7,
	}
	exampleWhy = whyAnswer{
		Subject: "TEE-M-BLACK",
		Stock: &stockStory{SKU: "TEE-M-BLACK", LeftOut: 5, Lines: []storyLine{
			{
				At: "2026-03-01T17:12:00.000Z", What: "ADJUSTED", SKU: "TEE-M-BLACK", WarehouseID: "HCM", Quantity: 24,
				Before: &unitsTold{12, 0}, After: &unitsTold{36, 0}, AdjustmentType: "RECEIPT", Actor: "wms:dock-3", Source: source,
				Reference: exampleNote, Ledger: "stock/HCM/0", Version: 790, Seq: 6,
			},
			exampleLine,
		}},
	}
)
