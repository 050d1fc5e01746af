package avro

import (
	"time"

	"github.com/linkedin/goavro/v2"

	"inventory/ports"
)

// nativeOf gives a public event as goavro takes it; nil where it is none that this program
// has a schema of. Source: spec S4 and schemas/avro.
func nativeOf(e ports.PublicEvent) map[string]any {
	switch e := e.(type) {
	case ports.Reserved:
		return map[string]any{
			"event_id": e.ID.String(), "reservation_id": e.ReservationID.String(), "order_id": e.OrderID,
			"items": publicItems(e.Items), "ttl_expire": millis(e.TTLExpire), "occurred_at": millis(e.OccurredAt),
		}
	case ports.Rejected:
		return map[string]any{
			"event_id": e.ID.String(), "order_id": e.OrderID, "reason": e.Reason, "detail": optionalText(e.Detail),
			"items": rejectedItems(e.Items), "occurred_at": millis(e.OccurredAt),
		}
	case ports.Confirmed:
		return map[string]any{
			"event_id": e.ID.String(), "reservation_id": e.ReservationID.String(), "order_id": e.OrderID,
			"items": publicItems(e.Items), "late": e.Late, "occurred_at": millis(e.OccurredAt),
		}
	case ports.Released:
		return map[string]any{
			"event_id": e.ID.String(), "reservation_id": e.ReservationID.String(), "order_id": e.OrderID,
			"reason": e.Reason, "items": publicItems(e.Items), "occurred_at": millis(e.OccurredAt),
		}
	case ports.Expiring:
		return map[string]any{
			"event_id": e.ID.String(), "reservation_id": e.ReservationID.String(), "order_id": e.OrderID,
			"ttl_expire": millis(e.TTLExpire), "occurred_at": millis(e.OccurredAt),
		}
	case ports.Adjusted:
		return map[string]any{
			"event_id": e.ID.String(), "sku": e.SKU, "warehouse_id": e.WarehouseID, "adjustment_type": e.AdjustmentType,
			"qty_delta": e.QtyDelta, "on_hand": e.OnHand, "held": e.Held, "short": e.Short, "version": e.Version,
			"actor": e.Actor, "reason": optionalText(e.Reason), "reference": optionalText(e.Reference),
			"occurred_at": millis(e.OccurredAt),
		}
	case ports.StockLevel:
		return map[string]any{
			"sku": e.SKU, "warehouse_id": e.WarehouseID, "region": e.Region, "on_hand": e.OnHand, "held": e.Held,
			"available": e.Available, "version": e.Version, "occurred_at": millis(e.OccurredAt),
		}
	case ports.Threshold:
		return map[string]any{
			"event_id": e.ID.String(), "sku": e.SKU, "warehouse_id": e.WarehouseID, "region": e.Region, "threshold": e.Threshold,
			"low_mark": e.LowMark, "on_hand": e.OnHand, "held": e.Held, "available": e.Available, "version": e.Version,
			"occurred_at": millis(e.OccurredAt),
		}
	case ports.GlobalStock:
		return map[string]any{
			"sku": e.SKU, "region": e.Region, "on_hand": e.OnHand, "held": e.Held, "available": e.Available,
			"version": e.Version, "as_of": millis(e.OccurredAt),
		}
	}
	return nil
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func optionalText(s string) any {
	if s == "" {
		return nil
	}
	return goavro.Union("string", s)
}

func publicItems(items []ports.PublicItem) []any {
	list := make([]any, len(items))
	for i, it := range items {
		list[i] = map[string]any{"sku": it.SKU, "warehouse_id": it.WarehouseID, "quantity": it.Quantity}
	}
	return list
}

func rejectedItems(items []ports.RejectedItem) []any {
	list := make([]any, len(items))
	for i, it := range items {
		list[i] = map[string]any{"sku": it.SKU, "requested": it.Requested, "available": it.Available}
	}
	return list
}
