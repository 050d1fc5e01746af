package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"inventory/app"
	"inventory/app/fleet"
	"inventory/app/owner"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// UseCases is what the API needs of an app.Inventory, whose methods say what they do and
// which errors they give.
type UseCases interface {
	Orders
	Stocks
	Warehouses
	Thresholds
	Ledgers
}

// Orders are the use cases about orders.
type Orders interface {
	Reserve(context.Context, app.ReserveRequest) (app.Reservation, error)
	Release(context.Context, app.ReleaseRequest) (*reservation.Order, error)
	Confirm(context.Context, app.ConfirmRequest) (*reservation.Order, error)
	Extend(context.Context, app.ExtendRequest) (*reservation.Order, error)
	Order(context.Context, app.OrderRef) (app.OrderView, error)
	LevelVersions(*reservation.Order) []int64
}

// Stocks are the use cases about stock levels.
type Stocks interface {
	Adjust(context.Context, app.AdjustRequest) (stock.Adjustment, error)
	Stocks(context.Context, app.StockQuery) ([]app.StockAnswer, error)
	NewRehearsal() *app.Rehearsal
}

// Warehouses are the use cases about warehouses.
type Warehouses interface {
	PutWarehouse(context.Context, stock.Warehouse) error
	Warehouses(context.Context) ([]stock.Warehouse, error)
}

// Ledgers are the use cases of those who run the service.
type Ledgers interface {
	Reconcile(context.Context) (app.Reconciliation, error)
	Why(context.Context, app.WhyRequest) (app.Why, error)
	Repair(context.Context, app.RepairRequest) (app.Repairs, error)
	Everywhere(context.Context) ([]fleet.Standing, error)
	Own() []fleet.Standing
}

var _ UseCases = (*app.Inventory)(nil)

// API is the whole HTTP interface. It is safe for concurrent use and holds nothing that
// is to be closed.
type API struct {
	in         UseCases
	options    Options
	mux        *http.ServeMux
	operations []*operation
	document   *huma.OpenAPI
	yaml, json []byte        // the document
	room       chan struct{} // holds a token for each request that is worked at
	bulks      bulkRoom
}

var _ http.Handler = (*API)(nil)

// New makes the API of in. The error names what is wrong with the options.
func New(in UseCases, o Options) (*API, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	o = o.withDefaults()
	a := &API{in: in, options: o, mux: http.NewServeMux(), room: make(chan struct{}, o.MaxRequests), bulks: newBulkRoom(o.Scans)}
	served := humago.New(a.mux, newDocument())
	a.document = served.OpenAPI()
	for _, op := range a.declare() {
		a.register(served, op)
	}
	a.openAnswers()
	var err error
	if a.yaml, err = a.document.YAML(); err != nil {
		return nil, fmt.Errorf("writing the OpenAPI document as YAML: %w", err)
	}
	if a.json, err = a.document.MarshalJSON(); err != nil {
		return nil, fmt.Errorf("writing the OpenAPI document as JSON: %w", err)
	}
	a.registerFiles()
	return a, nil
}

// OpenAPI is the OpenAPI 3.1 document as YAML, the same for the same program.
func (a *API) OpenAPI() []byte { return a.yaml }

// register serves an operation, and describes it in the document.
func (a *API) register(served huma.API, op *operation) {
	op.prepare(a.options)
	described := op.describe(a.document)
	a.document.AddOperation(described)
	a.operations = append(a.operations, op)
	served.Adapter().Handle(described, func(c huma.Context) {
		r, w := humago.Unwrap(c)
		a.serve(op, w.(*exchange), r)
	})
}

// errCrowded is of a request that comes while so many are worked at as may be.
var errCrowded = fmt.Errorf("%w: this process works at as many requests as it may", owner.ErrOverloaded)

// serve has an operation answer one request.
func (a *API) serve(op *operation, x *exchange, r *http.Request) {
	x.route = op.route
	if op.asks != nobody {
		select {
		case a.room <- struct{}{}:
			defer func() { <-a.room }()
		default:
			a.refuse(x, errCrowded)
			return
		}
	}
	x.extendDeadline(op.timeout)
	ctx, stop := context.WithTimeout(r.Context(), op.timeout)
	defer stop()
	c := &call{r: r, x: x, trace: traceOf(r.Header), shape: op.shape, maxBody: a.options.MaxBody}
	c.checkQuery(op.query, op.repeated)
	told, err := op.run(ctx, c)
	if err != nil {
		a.refuse(x, err)
		return
	}
	a.answer(x, told)
}
