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

// globalStock is a record of the topic of totals, read in the same way.
type globalStock struct{ ports.GlobalStock }

// About implements ports.OrderEvent.
func (t globalStock) About() string { return t.Key() }

func readGlobalStock(r *record) ports.OrderEvent {
	t := ports.GlobalStock{
		SKU: r.text("sku"), Region: r.text("region"),
		OnHand: r.whole("on_hand"), Held: r.whole("held"), Available: r.whole("available"), Version: r.whole("version"),
	}
	t.OccurredAt = time.UnixMilli(r.whole("as_of")).UTC()
	return globalStock{t}
}

var (
	_ ports.StockLevelDecoder  = (*Codec)(nil)
	_ ports.GlobalStockDecoder = (*Codec)(nil)
)

// DecodeLevel implements ports.StockLevelDecoder.
func (c *Codec) DecodeLevel(ctx context.Context, value []byte) (ports.StockLevel, error) {
	event, err := c.readBack(ctx, c.levels, value)
	if err != nil {
		return ports.StockLevel{}, err
	}
	return event.(stockLevel).StockLevel, nil
}

// DecodeTotal implements ports.GlobalStockDecoder.
func (c *Codec) DecodeTotal(ctx context.Context, value []byte) (ports.GlobalStock, error) {
	event, err := c.readBack(ctx, c.totals, value)
	if err != nil {
		return ports.GlobalStock{}, err
	}
	return event.(globalStock).GlobalStock, nil
}

// readBack reads a record of a public topic.
func (c *Codec) readBack(ctx context.Context, in *input, value []byte) (ports.OrderEvent, error) {
	id, datum, err := splitValue(value, c.maxBytes)
	if err != nil {
		return nil, err
	}
	w, err := c.writer(ctx, in, id)
	if err != nil {
		return nil, err
	}
	event, err := w.decode(datum)
	if err != nil {
		return nil, fmt.Errorf("schema %d of %s: %w", id, in.subject, err)
	}
	return event, nil
}
