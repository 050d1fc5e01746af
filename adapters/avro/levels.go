package avro

import (
	"context"
	"fmt"
	"time"

	"inventory/ports"
)

// stockLevel is a record of the topic of stock levels. It is read as order events are.
type stockLevel struct{ ports.StockLevel }

// About implements ports.OrderEvent.
func (l stockLevel) About() string { return l.Key() }

func readStockLevel(r *record) ports.OrderEvent {
	l := ports.StockLevel{
		SKU: r.text("sku"), WarehouseID: r.text("warehouse_id"), Region: r.text("region"),
		OnHand: r.whole("on_hand"), Held: r.whole("held"), Available: r.whole("available"), Version: r.whole("version"),
	}
	l.OccurredAt = time.UnixMilli(r.whole("occurred_at")).UTC()
	return stockLevel{l}
}

var _ ports.StockLevelDecoder = (*Codec)(nil)

// DecodeLevel implements ports.StockLevelDecoder.
func (c *Codec) DecodeLevel(ctx context.Context, value []byte) (ports.StockLevel, error) {
	id, datum, err := splitValue(value, c.maxBytes)
	if err != nil {
		return ports.StockLevel{}, err
	}
	w, err := c.writer(ctx, c.levels, id)
	if err != nil {
		return ports.StockLevel{}, err
	}
	event, err := w.decode(datum)
	if err != nil {
		return ports.StockLevel{}, fmt.Errorf("schema %d of %s: %w", id, c.levels.subject, err)
	}
	return event.(stockLevel).StockLevel, nil
}
