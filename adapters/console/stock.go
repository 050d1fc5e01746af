package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"inventory/app"
	"inventory/domain/reservation"
)

const (
	weeksShown = 26
	linesShown = 100
)

// skuTold is what there is of a SKU, how that came about, and how it was in the last half year.
type skuTold struct {
	app.Stock
	Chart    *chart // nil: there is nothing to draw
	ChartErr error
	Story    *app.StockStory
	StoryErr error
}

func (c *Console) sku(r *http.Request) (view, error) {
	ctx, sku := r.Context(), r.PathValue("sku")
	s, err := c.in.Stock(ctx, sku, "")
	if err != nil {
		return view{}, err
	}
	told := skuTold{Stock: s}
	trends, err := c.in.Trends(ctx, sku, weeksShown)
	if told.Chart = chartOf(trends); !errors.Is(err, app.ErrUnknownSKU) { // which is so new that the tables don't have it
		told.ChartErr = err
	}
	why, err := c.in.Why(ctx, app.WhyRequest{Subject: sku, As: app.SKUSubject, Limit: linesShown})
	told.Story, told.StoryErr = why.Stock, err
	if told.Story != nil {
		slices.Reverse(told.Story.Lines) // people ask what happened last
	}
	return view{page: "sku", title: string(s.SKU), data: told}, nil
}

// order tells the story of an order, by its id or by its reservation's.
func (c *Console) order(r *http.Request) (view, error) {
	id := r.PathValue("order")
	why, err := c.in.Why(r.Context(), app.WhyRequest{Subject: id, As: app.OrderSubject, Limit: linesShown})
	if errors.Is(err, app.ErrUnknownSubject) || errors.Is(err, reservation.ErrUnknownOrder) {
		why, err = c.in.Why(r.Context(), app.WhyRequest{Subject: id, As: app.ReservationSubject, Limit: linesShown})
	}
	if err != nil {
		return view{}, err
	}
	o := why.Order
	told := orderTold{
		Order: o.Order, Items: o.Order.Lines, Reservation: reservation.IDOf(o.ID).String(), Until: time.UnixMilli(o.ExpiresAt).UTC(),
		Story: o.Lines, LeftOut: o.LeftOut,
	}
	return view{page: "order", title: "Order " + string(o.ID), data: told}, nil
}

// orderTold is an order, and its story.
type orderTold struct {
	*reservation.Order
	Items       []reservation.Line
	Reservation string
	Until       time.Time // of the hold
	Story       []app.StoryLine
	LeftOut     int64
}

// searchTold is what the words that were searched for may be.
type searchTold struct {
	Words      string
	SKU, Order string
}

// search finds what something is the name of, and goes there if it is one thing.
func (c *Console) search(r *http.Request) (view, error) {
	told := searchTold{Words: strings.TrimSpace(r.URL.Query().Get("q"))}
	if told.Words == "" {
		return view{elsewhere: Root + "/"}, nil
	}
	found, err := c.in.Why(r.Context(), app.WhyRequest{Subject: told.Words, Limit: 1})
	switch {
	case errors.Is(err, app.ErrUnknownSubject):
		return view{page: "search", title: "Nothing found", status: http.StatusNotFound, data: told}, nil
	case err != nil:
		return view{}, err
	}
	if found.Stock != nil {
		told.SKU = string(found.Stock.SKU)
	}
	if found.Order != nil {
		told.Order = string(found.Order.ID)
	}
	switch {
	case told.Order == "":
		return view{elsewhere: pathOf("skus", told.SKU)}, nil
	case told.SKU == "":
		return view{elsewhere: pathOf("orders", told.Order)}, nil
	}
	return view{page: "search", title: told.Words, data: told}, nil
}
