package avro

import "inventory/ports"

// orderEvents says, by topic, how an event is made of its record. Source: spec S4 and
// schemas/avro.
var orderEvents = map[string]func(*record) ports.OrderEvent{
	ports.OrderCreatedTopic:     orderCreated,
	ports.OrderCancelledTopic:   orderCancelled,
	ports.FulfilmentPickedTopic: fulfilmentPicked,
}

func orderCreated(r *record) ports.OrderEvent {
	return ports.OrderCreated{
		EventID:    r.text("event_id"),
		OrderID:    r.text("order_id"),
		OccurredAt: r.time("occurred_at"),
		Region:     r.text("region"),
		TTLSeconds: r.optional("ttl_seconds"),
		Items:      orderItems(r),
	}
}

func orderCancelled(r *record) ports.OrderEvent {
	return ports.OrderCancelled{
		EventID:    r.text("event_id"),
		OrderID:    r.text("order_id"),
		OccurredAt: r.time("occurred_at"),
		Reason:     r.text("reason"),
	}
}

func fulfilmentPicked(r *record) ports.OrderEvent {
	return ports.FulfilmentPicked{
		EventID:     r.text("event_id"),
		OrderID:     r.text("order_id"),
		OccurredAt:  r.time("occurred_at"),
		WarehouseID: r.text("warehouse_id"),
		Items:       orderItems(r),
	}
}

// orderItems is nil where there are none.
func orderItems(r *record) []ports.OrderItem {
	list := r.list("items")
	if len(list) == 0 {
		return nil
	}
	items := make([]ports.OrderItem, len(list))
	for i, v := range list {
		item := record{fields: r.asRecord("items", v)}
		items[i] = ports.OrderItem{SKU: item.text("sku"), Quantity: item.whole("quantity"), WarehouseID: item.text("warehouse_id")}
		if item.err != nil && r.err == nil {
			r.err = item.err
		}
	}
	return items
}
