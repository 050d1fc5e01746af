package httpapi

import (
	"context"

	"inventory/app"
	"inventory/app/fleet"
	appglobal "inventory/app/global"
	"inventory/app/letters"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
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

func (failing) LevelVersions(*reservation.Order) []int64 { return nil }

func (f failing) Adjust(ctx context.Context, _ app.AdjustRequest) (stock.Adjustment, error) {
	return stock.Adjustment{}, f.fail(ctx)
}

func (f failing) Stocks(ctx context.Context, _ app.StockQuery) ([]app.StockAnswer, error) {
	return nil, f.fail(ctx)
}

func (f failing) Page(ctx context.Context, _ appglobal.Query) (appglobal.Page, error) {
	return appglobal.Page{}, f.fail(ctx)
}

func (f failing) Each(ctx context.Context, _ []string, _ func(ports.GlobalRow) error) error {
	return f.fail(ctx)
}

func (f failing) PutWarehouse(ctx context.Context, _ stock.Warehouse) error { return f.fail(ctx) }

func (f failing) Warehouses(ctx context.Context) ([]stock.Warehouse, error) { return nil, f.fail(ctx) }

func (f failing) SetThreshold(ctx context.Context, _ app.ThresholdRequest) (stock.Mark, error) {
	return stock.Mark{}, f.fail(ctx)
}

func (f failing) Threshold(ctx context.Context, _, _ string) (stock.Mark, error) {
	return stock.Mark{}, f.fail(ctx)
}

func (f failing) Thresholds(ctx context.Context, _, _ string, _ int) (app.Thresholds, error) {
	return app.Thresholds{}, f.fail(ctx)
}

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

func (f failing) Groups(ctx context.Context, _ letter.Filter) ([]letter.GroupStanding, error) {
	return nil, f.fail(ctx)
}

func (f failing) List(ctx context.Context, _ letter.Filter, _ letters.Page) (letters.Listed, error) {
	return letters.Listed{}, f.fail(ctx)
}

func (f failing) Show(ctx context.Context, _ ledger.UUID) (letters.Shown, error) {
	return letters.Shown{}, f.fail(ctx)
}

func (f failing) Audits(ctx context.Context) ([]letter.Audit, error) { return nil, f.fail(ctx) }

func (f failing) Rehearse(ctx context.Context, _ letter.Filter, _ letters.Page) (letters.Rehearsed, error) {
	return letters.Rehearsed{}, f.fail(ctx)
}

func (f failing) Replay(ctx context.Context, _ letters.ReplayRequest) (letter.JobStanding, error) {
	return letter.JobStanding{}, f.fail(ctx)
}

func (f failing) Jobs(ctx context.Context) ([]letter.JobStanding, error) { return nil, f.fail(ctx) }

func (f failing) Job(ctx context.Context, _ ledger.UUID) (letter.JobStanding, error) {
	return letter.JobStanding{}, f.fail(ctx)
}

func (f failing) Cancel(ctx context.Context, _ ledger.UUID, _ letters.Who) (letter.JobStanding, error) {
	return letter.JobStanding{}, f.fail(ctx)
}

func (f failing) Report(ctx context.Context, _ ledger.UUID, _ letters.Page) ([]letter.Fate, bool, error) {
	return nil, false, f.fail(ctx)
}

func (f failing) Discard(ctx context.Context, _ letter.Filter, _ letters.Who) (int, error) {
	return 0, f.fail(ctx)
}

func (f failing) Restore(ctx context.Context, _ letter.Filter, _ letters.Who) (int, error) {
	return 0, f.fail(ctx)
}

func (f failing) Edit(ctx context.Context, _ letters.EditRequest) (letter.Entry, error) {
	return letter.Entry{}, f.fail(ctx)
}

func (f failing) Export(ctx context.Context, _ letter.Filter, _ func(letter.Entry, letter.Letter) error) error {
	return f.fail(ctx)
}

func (f failing) Import(ctx context.Context, _ letters.Who, next func() (letter.Letter, error)) (letters.Imported, error) {
	if err := f.fail(ctx); err != nil {
		return letters.Imported{}, err
	}
	_, err := next()
	return letters.Imported{}, err
}

func (failing) NewRehearsal() *app.Rehearsal { return nil }
