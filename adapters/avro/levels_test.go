package avro

import (
	"context"
	"errors"
	"testing"

	"inventory/ports"
)

func TestAStockLevelIsReadAsItWasWritten(t *testing.T) {
	c := newCodec(t, full(t))
	want := ports.StockLevel{
		EventHeader: header(), SKU: "A", WarehouseID: "W1", Region: "north", OnHand: 7, Held: 9, Available: 0, Version: 1 << 40,
	}
	value, err := c.Encode(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.DecodeLevel(t.Context(), value)
	want.ID, want.Trace = got.ID, got.Trace // not in the value
	if err != nil || !got.OccurredAt.Equal(want.OccurredAt) {
		t.Fatalf("found %+v, %v; expected %+v", got, err, want)
	}
	if got.OccurredAt = want.OccurredAt; got != want {
		t.Errorf("found %+v, expected %+v", got, want)
	}
}

func TestATotalIsReadAsItWasWritten(t *testing.T) {
	c := newCodec(t, full(t))
	want := ports.GlobalStock{EventHeader: header(), SKU: "A", Region: "north", OnHand: 7, Held: 9, Available: 2, Version: 1 << 40}
	value, err := c.Encode(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.DecodeTotal(t.Context(), value)
	want.ID, want.Trace = got.ID, got.Trace // not in the value
	if err != nil || !got.OccurredAt.Equal(want.OccurredAt) {
		t.Fatalf("found %+v, %v; expected %+v", got, err, want)
	}
	if got.OccurredAt = want.OccurredAt; got != want {
		t.Errorf("found %+v, expected %+v", got, want)
	}
	if _, err := c.DecodeLevel(t.Context(), value); !errors.Is(err, ports.ErrUnknownSchema) {
		t.Errorf("a total was read as a level: %v", err)
	}
}

func TestWhatIsNoStockLevelIsUnreadable(t *testing.T) {
	r := full(t)
	c := newCodec(t, r)
	order, err := c.Encode(t.Context(), ports.Rejected{EventHeader: header(), OrderID: "o", Reason: "INVALID_ORDER"})
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string][]byte{"nothing": {}, "no framing": []byte("abc"), "another event": order, "a rest": append(order[:5:5], 1)} {
		_, err := c.DecodeLevel(context.Background(), value)
		if !errors.Is(err, ports.ErrUnreadable) && !errors.Is(err, ports.ErrUnknownSchema) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
