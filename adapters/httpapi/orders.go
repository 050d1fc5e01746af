package httpapi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// source is what the API says of itself where the service records who spoke.
const source = "http"

// reserveRequest asks to hold stock for an order.
type reserveRequest struct {
	OrderID    string  `json:"order_id" pattern:"^[!-~]{1,128}$" doc:"The order's id, the upstream service's: 1 to 128 printable ASCII characters without spaces. The same order again has the same answer."`
	Region     *string `json:"region,omitempty" nullable:"true" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" doc:"Where lines that name no warehouse come from. Default: the deployment's default region, else all."`
	TTLSeconds *int64  `json:"ttl_seconds,omitempty" nullable:"true" minimum:"1" maximum:"86400" doc:"How long it is held, in seconds. Default: the deployment's."`
	Items      []item  `json:"items" minItems:"1" maxItems:"1000" nullable:"false" doc:"The lines. The same SKU (and warehouse) twice is added up; then there are at most 100."`
}

// item is a number of units of a SKU.
type item struct {
	SKU         string  `json:"sku" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" doc:"Not one of: warehouses, reservations, orders, global, query, bulk."`
	Quantity    int64   `json:"quantity" minimum:"1" maximum:"1000000000" doc:"Units."`
	WarehouseID *string `json:"warehouse_id,omitempty" nullable:"true" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" doc:"Where it comes from. Default: the service chooses."`
}

// releaseRequest asks to end an order without a pick.
type releaseRequest struct {
	ReservationID *string `json:"reservation_id,omitempty" nullable:"true" format:"uuid" doc:"This or order_id, or both."`
	OrderID       *string `json:"order_id,omitempty" nullable:"true" pattern:"^[!-~]{1,128}$" doc:"This or reservation_id, or both."`
	Reason        *string `json:"reason,omitempty" nullable:"true" enum:"ORDER_CANCELLED,PAYMENT_FAILED,OPERATOR" doc:"Why. Default: ORDER_CANCELLED."`
}

// confirmRequest says that an order was picked.
type confirmRequest struct {
	ReservationID *string      `json:"reservation_id,omitempty" nullable:"true" format:"uuid" doc:"This or order_id, or both."`
	OrderID       *string      `json:"order_id,omitempty" nullable:"true" pattern:"^[!-~]{1,128}$" doc:"This or reservation_id, or both."`
	WarehouseID   *string      `json:"warehouse_id,omitempty" nullable:"true" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" doc:"Whose lines were picked. Default: all."`
	Items         []pickedItem `json:"items,omitempty" minItems:"1" maxItems:"100" nullable:"true" doc:"What was picked. Default: all that is held. Of a SKU that is named, what was held and not picked is released; SKUs that are not named stay held."`
}

// pickedItem is a number of units of a SKU that were picked.
type pickedItem struct {
	SKU         string  `json:"sku" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" doc:"One of the order's."`
	Quantity    int64   `json:"quantity" minimum:"0" maximum:"1000000000" doc:"Units; 0 where none was found."`
	WarehouseID *string `json:"warehouse_id,omitempty" nullable:"true" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" doc:"Where it was picked. Needed where the order has the SKU in several warehouses."`
}

// extendRequest asks to hold an order for longer.
type extendRequest struct {
	ReservationID *string `json:"reservation_id,omitempty" nullable:"true" format:"uuid" doc:"This or order_id, or both."`
	OrderID       *string `json:"order_id,omitempty" nullable:"true" pattern:"^[!-~]{1,128}$" doc:"This or reservation_id, or both."`
	TTLSeconds    int64   `json:"ttl_seconds" minimum:"1" maximum:"86400" doc:"How long it is held from now, in seconds. A hold that ends later already stays as it is."`
}

// order is an order's reservation.
type order struct {
	ReservationID string      `json:"reservation_id" format:"uuid" doc:"Follows from the order id."`
	OrderID       string      `json:"order_id"`
	Status        string      `json:"status" enum:"PLANNED,HELD,CONFIRMED,RELEASED,EXPIRED,REJECTED" doc:"PLANNED for moments, HELD, then one of the others for good; a late pick makes RELEASED or EXPIRED CONFIRMED."`
	Reason        string      `json:"reason,omitzero" doc:"Of a release or a rejection: ORDER_CANCELLED, PAYMENT_FAILED, OPERATOR, TTL_EXPIRED, SHORT_PICK, INSUFFICIENT_STOCK, ALREADY_CANCELLED, INVALID_ORDER."`
	Items         []orderItem `json:"items" nullable:"false"`
	ExpiresAt     string      `json:"expires_at,omitzero" format:"date-time" doc:"When the hold ends or would have ended; absent where nothing was held. UTC, milliseconds."`
	Late          bool        `json:"late,omitzero" doc:"Picked after the hold had ended."`
	AsOf          string      `json:"as_of,omitzero" format:"date-time" doc:"Of an order that was read: it is no older. UTC, milliseconds."`
}

// orderItem is a line of an order, in the warehouse that was chosen for it.
type orderItem struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id" doc:"Empty where none was chosen."`
	Quantity    int64  `json:"quantity" doc:"Units."`
	Status      string `json:"status" doc:"As of the order; lines may end at different times."`
	Picked      int64  `json:"picked,omitzero" doc:"Units that left; fewer than quantity where not all was found."`
	Version     int64  `json:"version,omitzero" doc:"Of the SKU's level in the warehouse, with what this request did there: a reader gives it as min_version. Only of an answer to a write, where the process that answers has the level in its memory."`
}

func newOrder(o *reservation.Order) order {
	told := order{
		ReservationID: reservation.IDOf(o.ID).String(), OrderID: string(o.ID), Status: o.Status.String(),
		Reason: o.Reason, Late: o.Late, Items: make([]orderItem, 0, len(o.Lines)),
	}
	for _, l := range o.Lines {
		told.Items = append(told.Items, orderItem{SKU: string(l.SKU), WarehouseID: string(l.Warehouse), Quantity: l.Quantity, Status: l.Status.String(), Picked: pickedOf(l)})
	}
	if o.HeldAt > 0 && o.ExpiresAt > 0 {
		told.ExpiresAt = instant(time.UnixMilli(o.ExpiresAt))
	}
	return told
}

// pickedOf is what left of a line: what a late pick under way asks for has not.
func pickedOf(l reservation.Line) int64 {
	if l.Status != reservation.Confirmed {
		return 0
	}
	return l.Picked
}

// instant writes a time as all answers do: RFC 3339, UTC, milliseconds.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// reserve answers 201 where the order is new, 200 where it was there.
func (a *API) reserve(ctx context.Context, c *call) (reply, error) {
	var q reserveRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	q.check(&c.faults)
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	made, err := a.in.Reserve(ctx, app.ReserveRequest{
		OrderID: q.OrderID, Region: given(q.Region), TTL: time.Duration(given(q.TTLSeconds)) * time.Second,
		Items: itemsOf(q.Items), Source: source, Trace: c.trace,
	})
	if err != nil {
		return reply{}, err
	}
	told := a.wrote(made.Order)
	if made.Repeated {
		return ok(told)
	}
	return reply{status: http.StatusCreated, body: told, location: "/inventory/reservations/" + told.ReservationID}, nil
}

func (q *reserveRequest) check(f *faults) {
	f.check("body.order_id", orderFault(q.OrderID))
	if q.Region != nil {
		f.check("body.region", regionFault(*q.Region))
	}
	ttl := reservation.MaxTTL
	if q.TTLSeconds != nil {
		ttl = secondsOf(*q.TTLSeconds)
	}
	good := checkItems(f, q.Items, 1)
	if ttl < reservation.MinTTL || ttl > reservation.MaxTTL {
		f.check("body.ttl_seconds", fmt.Errorf("%w ttl_seconds %d: expected %.0f to %.0f", stock.ErrInvalid, *q.TTLSeconds,
			reservation.MinTTL.Seconds(), reservation.MaxTTL.Seconds()))
	}
	if len(good) > 0 || len(q.Items) == 0 {
		// Every line by itself is well: what is left is a fault of them together.
		_, err := reservation.NewReserve("order", "", reservation.MinTTL, good)
		f.check("body.items", err)
	}
}

// secondsOf is a time to live, or one that is refused where it would not fit.
func secondsOf(n int64) time.Duration {
	if n > math.MaxInt64/int64(time.Second) || n < 0 {
		return -1
	}
	return time.Duration(n) * time.Second
}

// checkItems notes what is wrong with lines of least units or more, and returns those with
// which nothing is.
func checkItems(f *faults, items []item, least int64) []reservation.Line {
	good := make([]reservation.Line, 0, len(items))
	for i, it := range items {
		_, skuErr := stock.ParseSKU(it.SKU)
		var quantityErr error
		if it.Quantity != 0 || least > 0 {
			_, quantityErr = stock.ParseQuantity("quantity", it.Quantity)
		}
		var warehouseErr error
		if it.WarehouseID != nil {
			warehouseErr = warehouseFault(*it.WarehouseID)
		}
		if skuErr == nil && quantityErr == nil && warehouseErr == nil {
			good = append(good, reservation.Line{
				SKU: stock.SKU(it.SKU), Quantity: it.Quantity,
				Warehouse: stock.WarehouseID(given(it.WarehouseID)), Named: it.WarehouseID != nil,
			})
			continue
		}
		at := place{"items", true, i}
		f.check(at.of("sku"), skuErr)
		f.check(at.of("quantity"), quantityErr)
		f.check(at.of("warehouse_id"), warehouseErr)
	}
	return good
}

func itemsOf(items []item) []app.ReserveItem {
	all := make([]app.ReserveItem, 0, len(items))
	for _, it := range items {
		all = append(all, app.ReserveItem{SKU: it.SKU, Quantity: it.Quantity, WarehouseID: given(it.WarehouseID)})
	}
	return all
}

func (a *API) release(ctx context.Context, c *call) (reply, error) {
	var q releaseRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	ref := refOf(&c.faults, q.ReservationID, q.OrderID)
	if q.Reason != nil {
		c.faults.check("body.reason", reasonFault(*q.Reason))
	}
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	return a.toldOrder(a.in.Release(ctx, app.ReleaseRequest{OrderRef: ref, Reason: given(q.Reason), Source: source, Trace: c.trace}))
}

func (a *API) confirm(ctx context.Context, c *call) (reply, error) {
	var q confirmRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	asked := q.asked(&c.faults)
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	asked.Trace = c.trace
	return a.toldOrder(a.in.Confirm(ctx, asked))
}

// asked is what the body asks for; all that is wrong with it is noted.
func (q *confirmRequest) asked(f *faults) app.ConfirmRequest {
	ref := refOf(f, q.ReservationID, q.OrderID)
	if q.WarehouseID != nil {
		f.check("body.warehouse_id", warehouseFault(*q.WarehouseID))
	}
	if q.Items != nil && len(q.Items) == 0 {
		// An empty list would otherwise be taken for no list, which means all.
		f.add("body.items", "empty: expected what was picked, or no items where all was")
	}
	picked := make([]item, 0, len(q.Items))
	for _, it := range q.Items {
		picked = append(picked, item(it))
	}
	good := checkItems(f, picked, 0)
	f.check("body.items", reservation.Confirm{Warehouse: stock.WarehouseID(given(q.WarehouseID)), Picked: good}.Validate())
	return app.ConfirmRequest{OrderRef: ref, WarehouseID: given(q.WarehouseID), Items: itemsOf(picked), Source: source}
}

func (a *API) extend(ctx context.Context, c *call) (reply, error) {
	var q extendRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	ref := refOf(&c.faults, q.ReservationID, q.OrderID)
	c.faults.check("body.ttl_seconds", reservation.Extend{TTL: secondsOf(q.TTLSeconds)}.Validate())
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	return a.toldOrder(a.in.Extend(ctx, app.ExtendRequest{OrderRef: ref, TTL: secondsOf(q.TTLSeconds), Source: source, Trace: c.trace}))
}

func (a *API) readReservation(ctx context.Context, c *call) (reply, error) {
	id := c.path("reservation_id", reservationFault)
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	return a.read(ctx, app.OrderRef{ReservationID: id})
}

func (a *API) readOrder(ctx context.Context, c *call) (reply, error) {
	id := c.path("order_id", orderFault)
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	return a.read(ctx, app.OrderRef{OrderID: id})
}

func (a *API) read(ctx context.Context, ref app.OrderRef) (reply, error) {
	v, err := a.in.Order(ctx, ref)
	if err != nil {
		return reply{}, err
	}
	told := newOrder(v.Order)
	told.AsOf = instant(v.AsOf)
	return ok(told)
}

func (a *API) toldOrder(o *reservation.Order, err error) (reply, error) {
	if err != nil {
		return reply{}, err
	}
	return ok(a.wrote(o))
}

// wrote is an order as a write left it, with the versions of the levels that it may have changed.
func (a *API) wrote(o *reservation.Order) order {
	told := newOrder(o)
	for i, version := range a.in.LevelVersions(o) {
		told.Items[i].Version = version
	}
	return told
}

// refOf reads which order is meant; where both ids are given they must agree.
func refOf(f *faults, reservationID, orderID *string) app.OrderRef {
	if reservationID == nil && orderID == nil && !f.at("body.reservation_id") {
		f.check("body.order_id", errors.New("missing: expected order_id or reservation_id"))
	}
	if reservationID != nil {
		f.check("body.reservation_id", reservationFault(*reservationID))
	}
	if orderID != nil {
		f.check("body.order_id", orderFault(*orderID))
	}
	return app.OrderRef{ReservationID: given(reservationID), OrderID: given(orderID)}
}

// given is an optional value, or its zero.
func given[T any](optional *T) T {
	if optional == nil {
		var none T
		return none
	}
	return *optional
}

func orderFault(s string) error     { _, err := stock.ParseOrderID(s); return err }
func regionFault(s string) error    { _, err := stock.ParseRegion(s); return err }
func warehouseFault(s string) error { _, err := stock.ParseWarehouseID(s); return err }
func skuFault(s string) error       { _, err := stock.ParseSKU(s); return err }

func reservationFault(s string) error {
	if _, err := ledger.ParseUUID(s); err != nil {
		return fmt.Errorf("%w reservation_id: %w", stock.ErrInvalid, err)
	}
	return nil
}

func reasonFault(s string) error {
	switch s {
	case reservation.OrderCancelled, reservation.PaymentFailed, reservation.Operator:
		return nil
	}
	return fmt.Errorf("%w reason %.80q: expected %s, %s or %s", stock.ErrInvalid, s, reservation.OrderCancelled, reservation.PaymentFailed, reservation.Operator)
}
