package httpapi

import (
	"context"
	"fmt"
	"strconv"

	"inventory/app"
	"inventory/domain/stock"
)

// Thresholds are the use cases about low marks.
type Thresholds interface {
	SetThreshold(context.Context, app.ThresholdRequest) (stock.Mark, error)
	Threshold(ctx context.Context, sku, warehouse string) (stock.Mark, error)
	Thresholds(ctx context.Context, warehouse, after string, limit int) (app.Thresholds, error)
}

// thresholdRequest sets a low mark.
type thresholdRequest struct {
	LowMark int64 `json:"low_mark" minimum:"0" maximum:"1000000000" doc:"Units: LOW is told when as many are available, or fewer. 0: only OUT is told, when there are none."`
}

// threshold is a low mark, and how the SKU stands. All are units.
type threshold struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id"`
	LowMark     *int64 `json:"low_mark" nullable:"true" doc:"null where it was taken away."`
	Threshold   string `json:"threshold" enum:"BACK,LOW,OUT" doc:"How available stands: BACK, above the mark or without one; LOW, at it or below; OUT, at 0."`
	OnHand      int64  `json:"on_hand" doc:"Units that are there."`
	Held        int64  `json:"held" doc:"Units that are promised."`
	Available   int64  `json:"available" doc:"Units that can be promised: on_hand - held, or 0."`
}

// thresholdList is a part of a warehouse's low marks.
type thresholdList struct {
	Thresholds []threshold `json:"thresholds" nullable:"false" doc:"By SKU."`
	Next       string      `json:"next,omitzero" doc:"What to give as after for the next page. Absent: this is the last one."`
}

// The bounds of a list of low marks.
const usualThresholds = 100

func newThreshold(warehouse string, m stock.Mark) threshold {
	t := threshold{
		SKU: string(m.SKU), WarehouseID: warehouse, Threshold: m.Standing.String(), OnHand: m.OnHand, Held: m.Held, Available: m.Available(),
	}
	if m.Low != stock.NoMark {
		t.LowMark = &m.Low
	}
	return t
}

func (a *API) putThreshold(ctx context.Context, c *call) (reply, error) {
	asked := thresholdOf(c)
	var q thresholdRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	asked.Low = q.LowMark
	c.faults.check("body.low_mark", stock.CheckMark(asked.Low))
	return a.setThreshold(ctx, c, asked)
}

func (a *API) deleteThreshold(ctx context.Context, c *call) (reply, error) {
	asked := thresholdOf(c)
	asked.Low = stock.NoMark
	return a.setThreshold(ctx, c, asked)
}

// thresholdOf reads whose mark is asked for, and who asks.
func thresholdOf(c *call) app.ThresholdRequest {
	return app.ThresholdRequest{
		WarehouseID: c.path("warehouse_id", warehouseFault), SKU: c.path("sku", skuFault),
		Actor:  c.header(actorHeader, func(s string) error { return stock.CheckToken("actor", s) }),
		Source: source, Trace: c.trace,
	}
}

func (a *API) setThreshold(ctx context.Context, c *call, asked app.ThresholdRequest) (reply, error) {
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	set, err := a.in.SetThreshold(ctx, asked)
	if err != nil {
		return reply{}, err
	}
	return ok(newThreshold(asked.WarehouseID, set))
}

func (a *API) readThreshold(ctx context.Context, c *call) (reply, error) {
	warehouse, sku := c.path("warehouse_id", warehouseFault), c.path("sku", skuFault)
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.in.Threshold(ctx, sku, warehouse)
	if err != nil {
		return reply{}, err
	}
	return ok(newThreshold(warehouse, found))
}

func (a *API) listThresholds(ctx context.Context, c *call) (reply, error) {
	warehouse, limit := c.path("warehouse_id", warehouseFault), usualThresholds
	after, given := c.parameter("after")
	if given {
		c.faults.check("query.after", skuFault(after))
	}
	if text, given := c.parameter("limit"); given {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > app.MaxThresholds {
			c.faults.add("query.limit", fmt.Sprintf("%.40q: expected 1 to %d", text, app.MaxThresholds))
		}
		limit = n
	}
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.in.Thresholds(ctx, warehouse, after, limit)
	if err != nil {
		return reply{}, err
	}
	told := thresholdList{Thresholds: make([]threshold, 0, len(found.Marks))}
	for _, m := range found.Marks {
		told.Thresholds = append(told.Thresholds, newThreshold(warehouse, m))
	}
	if n := len(found.Marks); found.More && n > 0 {
		told.Next = string(found.Marks[n-1].SKU)
	}
	return ok(told)
}
