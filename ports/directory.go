package ports

import "context"

// WarehouseRecord is what is kept of a warehouse. Source: spec S1.2.
type WarehouseRecord struct {
	ID      string
	Region  string
	Rank    int // lower is preferred
	Ledgers int // stock ledgers that its SKUs are divided among, from 1
}

// Directory keeps what is set once for a deployment.
type Directory interface {
	// Warehouses lists all warehouses, in no order, and sees every Put that has returned.
	Warehouses(ctx context.Context) ([]WarehouseRecord, error)
	// PutWarehouse adds a warehouse, or changes the rank of one. ErrConflict, with what is
	// stored returned, where Region or Ledgers differs from what is stored. Idempotent;
	// durable on nil.
	PutWarehouse(ctx context.Context, w WarehouseRecord) (WarehouseRecord, error)
	// ReservationLedgers returns the number of reservation ledgers of a home region, which
	// the first call ever fixes as want. Idempotent; durable on nil.
	ReservationLedgers(ctx context.Context, region string, want int) (int, error)
}
