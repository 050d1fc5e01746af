package kafka

import (
	"fmt"
	"testing"

	"inventory/ports"
)

func TestAnOutcomeWaitsForTheEarlierOneOfItsKey(t *testing.T) {
	held := func(order string) ports.PublicEvent { return ports.Reserved{OrderID: order} }
	freed := func(order string) ports.PublicEvent { return ports.Released{OrderID: order} }
	level := func(sku string) ports.PublicEvent { return ports.StockLevel{SKU: sku, WarehouseID: "W"} }
	for name, tt := range map[string]struct {
		events []ports.PublicEvent
		want   string
	}{
		"none":                      {nil, "[[]]"},
		"different keys":            {[]ports.PublicEvent{held("a"), held("b")}, "[[0 1]]"},
		"another topic, same key":   {[]ports.PublicEvent{held("a"), held("b"), freed("a"), held("c")}, "[[0 1 3] [2]]"},
		"three of a key":            {[]ports.PublicEvent{held("a"), freed("a"), freed("a"), freed("b")}, "[[0 3] [1] [2]]"},
		"levels alone":              {[]ports.PublicEvent{level("x"), level("x")}, "[[0 1]]"},
		"levels with the last wave": {[]ports.PublicEvent{level("x"), held("a"), level("x"), freed("a"), level("y")}, "[[1] [3 0 2 4]]"},
	} {
		if got := fmt.Sprint(wavesOf(tt.events)); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}
