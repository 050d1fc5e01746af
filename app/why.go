package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// ErrUnknownSubject is of a question about what is neither a reservation, a SKU nor an
// order here.
var ErrUnknownSubject = errors.New("nothing is known of it")

// SubjectKind says what a subject is.
type SubjectKind string

// The kinds of subjects.
const (
	AnySubject         SubjectKind = "" // whatever it is
	SKUSubject         SubjectKind = "sku"
	OrderSubject       SubjectKind = "order"
	ReservationSubject SubjectKind = "reservation"
)

// SubjectKinds lists the kinds that can be asked for.
func SubjectKinds() []SubjectKind {
	return []SubjectKind{SKUSubject, OrderSubject, ReservationSubject}
}

// The number of lines, or holds, that an answer has at most.
const (
	DefaultWhyLimit = 100
	MaxWhyLimit     = 10_000
)

// clockSlack is how far an entry's time may be from this process's clock, and from another
// ledger's entries: an owner's clock is at most 2 s off, and entries that come fast are a
// little ahead of it.
const clockSlack = 5 * time.Second

// WhyRequest asks why something is as it is.
type WhyRequest struct {
	Subject   string
	As        SubjectKind
	Warehouse string    // of a SKU; empty: all
	At        time.Time // of a SKU: its stock at that moment rather than its story; zero: the story
	Limit     int       // 0: DefaultWhyLimit
}

// Validate names every fault; errors wrap stock.ErrInvalid.
func (r WhyRequest) Validate() error {
	faults := []error{stock.CheckToken("subject", r.Subject)}
	if r.Warehouse != "" {
		_, err := stock.ParseWarehouseID(r.Warehouse)
		faults = append(faults, err)
	}
	if r.As != AnySubject && !slices.Contains(SubjectKinds(), r.As) {
		faults = append(faults, fmt.Errorf("%w as %.80q: expected one of %v", stock.ErrInvalid, r.As, SubjectKinds()))
	}
	if r.ofSKU() && r.As != AnySubject && r.As != SKUSubject {
		faults = append(faults, fmt.Errorf("%w as %s: a warehouse and a time are for a sku", stock.ErrInvalid, r.As))
	}
	if r.Limit < 0 || r.Limit > MaxWhyLimit {
		faults = append(faults, fmt.Errorf("%w limit %d: expected 1 to %d", stock.ErrInvalid, r.Limit, MaxWhyLimit))
	}
	return errors.Join(faults...)
}

// ofSKU tells whether something is asked that only a SKU has.
func (r WhyRequest) ofSKU() bool { return r.Warehouse != "" || !r.At.IsZero() }

// may tells whether the subject can be of a kind.
func (r WhyRequest) may(kind SubjectKind) bool {
	if r.As != AnySubject {
		return r.As == kind
	}
	return kind == SKUSubject || !r.ofSKU()
}

// Why is what is known of a subject: of one that is both a SKU and an order, both.
type Why struct {
	Subject string
	Stock   *StockStory
	Moment  *Moment // instead of Stock, where a time was asked for
	Order   *OrderStory
}

// Why tells how a SKU's stock, or an order, came to be as it is, from inventory.events and
// from what the relay has not written yet. A subject is a reservation by its id, a SKU, and
// an order by its id, whichever there is. Errors: stock.ErrInvalid, ErrUnknownWarehouse,
// ErrUnknownSubject; owner.ErrNotOwner where this process can't tell whether there is such
// an order.
func (in *Inventory) Why(ctx context.Context, req WhyRequest) (Why, error) {
	if err := req.Validate(); err != nil {
		return Why{}, err
	}
	if now := in.world.Clock.Now(); req.At.After(now.Add(clockSlack)) {
		return Why{}, fmt.Errorf("%w at %s: expected a moment that has passed, it is %s", stock.ErrInvalid, timeText(req.At), timeText(now))
	}
	if req.Limit == 0 {
		req.Limit = DefaultWhyLimit
	}
	w := Why{Subject: req.Subject}
	if err := in.whyStock(ctx, req, &w); err != nil {
		return Why{}, err
	}
	doubt := in.whyOrder(ctx, req, &w)
	if doubt != nil && !errors.Is(doubt, owner.ErrNotOwner) {
		return Why{}, doubt
	}
	if w.Stock == nil && w.Moment == nil && w.Order == nil {
		if doubt != nil {
			return Why{}, doubt
		}
		return Why{}, req.unknown()
	}
	return w, nil
}

// unknown says what was looked for.
func (r WhyRequest) unknown() error {
	var lookedFor []string
	if r.may(ReservationSubject) {
		if _, err := ledger.ParseUUID(r.Subject); err == nil {
			lookedFor = append(lookedFor, "a reservation with this id")
		} else if r.As == ReservationSubject {
			return fmt.Errorf("%w reservation id: %w", stock.ErrInvalid, err)
		}
	}
	if r.may(SKUSubject) {
		where := "in any warehouse"
		if r.Warehouse != "" {
			where = "in warehouse " + r.Warehouse
		}
		if r.As == AnySubject && r.ofSKU() {
			where += " (a warehouse and a time are for SKUs only)"
		}
		lookedFor = append(lookedFor, "a SKU of this name "+where)
	}
	if r.may(OrderSubject) {
		lookedFor = append(lookedFor, "an order with this id")
	}
	return fmt.Errorf("%s: %w: looked for %s", r.Subject, ErrUnknownSubject, strings.Join(lookedFor, ", "))
}

func (in *Inventory) whyStock(ctx context.Context, req WhyRequest, w *Why) (err error) {
	sku, notOne := stock.ParseSKU(req.Subject)
	if !req.may(SKUSubject) || notOne != nil {
		return nil
	}
	warehouses := in.directory.all()
	if req.Warehouse != "" {
		only, err := in.warehouse(ctx, stock.WarehouseID(req.Warehouse))
		if err != nil {
			return err
		}
		warehouses = []stock.Warehouse{only}
	}
	if req.At.IsZero() {
		w.Stock, err = in.stockStory(ctx, sku, warehouses, req.Limit)
		return err
	}
	w.Moment, err = in.moment(ctx, sku, warehouses, req)
	return err
}

// whyOrder looks for a reservation with the subject as its id, then for an order.
func (in *Inventory) whyOrder(ctx context.Context, req WhyRequest, w *Why) (err error) {
	if _, notOne := ledger.ParseUUID(req.Subject); req.may(ReservationSubject) && notOne == nil {
		w.Order, err = in.orderStory(ctx, OrderRef{ReservationID: req.Subject})
		if !errors.Is(err, reservation.ErrUnknownOrder) && !errors.Is(err, owner.ErrNotOwner) {
			return err
		}
	}
	if !req.may(OrderSubject) {
		return notMissing(err)
	}
	doubt := err
	if w.Order, err = in.orderStory(ctx, OrderRef{OrderID: req.Subject}); errors.Is(err, reservation.ErrUnknownOrder) {
		err = doubt
	}
	return notMissing(err)
}

// notMissing takes an order's absence for nothing.
func notMissing(err error) error {
	if errors.Is(err, reservation.ErrUnknownOrder) {
		return nil
	}
	return err
}

func timeText(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
