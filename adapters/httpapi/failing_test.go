package httpapi

import (
	"context"

	"inventory/app"
	"inventory/app/fleet"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// failing has every use case fail in one way, or panic where do says so.
type failing struct {
	err error
	do  func(context.Context)
}

func (f failing) fail(ctx context.Context) error {
	if f.do != nil {
		f.do(ctx)
	}
	return f.err
}

func (f failing) Reserve(ctx context.Context, _ app.ReserveRequest) (app.Reservation, error) {
	return app.Reservation{}, f.fail(ctx)
}

func (f failing) Release(ctx context.Context, _ app.ReleaseRequest) (*reservation.Order, error) {
	return nil, f.fail(ctx)
}

func (f failing) Confirm(ctx context.Context, _ app.ConfirmRequest) (*reservation.Order, error) {
	return nil, f.fail(ctx)
}

func (f failing) Extend(ctx context.Context, _ app.ExtendRequest) (*reservation.Order, error) {
	return nil, f.fail(ctx)
}

func (f failing) Order(ctx context.Context, _ app.OrderRef) (app.OrderView, error) {
	return app.OrderView{}, f.fail(ctx)
}

func (f failing) Adjust(ctx context.Context, _ app.AdjustRequest) (stock.Adjustment, error) {
	return stock.Adjustment{}, f.fail(ctx)
}

func (f failing) Stock(ctx context.Context, _, _ string) (app.Stock, error) {
	return app.Stock{}, f.fail(ctx)
}

func (f failing) PutWarehouse(ctx context.Context, _ stock.Warehouse) error { return f.fail(ctx) }

func (f failing) Warehouses(ctx context.Context) ([]stock.Warehouse, error) { return nil, f.fail(ctx) }

func (f failing) Reconcile(ctx context.Context) (app.Reconciliation, error) {
	return app.Reconciliation{}, f.fail(ctx)
}

func (f failing) Why(ctx context.Context, _ app.WhyRequest) (app.Why, error) {
	return app.Why{}, f.fail(ctx)
}

func (f failing) Repair(ctx context.Context, _ app.RepairRequest) (app.Repairs, error) {
	return app.Repairs{}, f.fail(ctx)
}

func (f failing) Everywhere(ctx context.Context) ([]fleet.Standing, error) { return nil, f.fail(ctx) }

func (f failing) Own() []fleet.Standing { return nil }
