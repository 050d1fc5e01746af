package avro

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	twmb "github.com/twmb/avro"

	"inventory/ports"
)

// read decodes a value with the other library and our published schema, as a consumer does.
func read(t *testing.T, topic string, value []byte) map[string]any {
	t.Helper()
	var m map[string]any
	rest, err := twmb.MustParse(newest(topic)).Decode(value[headerBytes:], &m)
	if err != nil || len(rest) > 0 {
		t.Fatalf("%v, %d bytes left", err, len(rest))
	}
	return m
}

func TestConsumersReadWhatIsPublished(t *testing.T) {
	r := full(t)
	c := newCodec(t, r)
	id, reservation := header().ID.String(), "1b8b4d5b-"
	item := func(sku, warehouse string, n int64) any {
		return map[string]any{"sku": sku, "warehouse_id": warehouse, "quantity": n}
	}
	items := []any{item("SKU-1", "BER-1", 2), item("SKU-2", "BER-1", 1), item("SKU-3", "HAM-1", 7)}
	for i, want := range []map[string]any{
		{"event_id": id, "order_id": "o-1", "items": items, "ttl_expire": at.Add(time.Hour), "occurred_at": at},
		{"event_id": id, "order_id": "o-1", "reason": "INSUFFICIENT_STOCK", "detail": "SKU-1: 2 asked for, 1 there", "items": []any{map[string]any{"sku": "SKU-1", "requested": int64(2), "available": int64(1)}}, "occurred_at": at},
		{"event_id": id, "order_id": "o-1", "items": items, "late": true, "occurred_at": at},
		{"event_id": id, "order_id": "o-1", "reason": "TTL_EXPIRED", "items": items, "occurred_at": at},
		{"event_id": id, "order_id": "o-1", "ttl_expire": at.Add(time.Minute), "occurred_at": at},
		{"event_id": id, "sku": "SKU-1", "warehouse_id": "BER-1", "adjustment_type": "DAMAGE", "qty_delta": int64(-3), "on_hand": int64(4), "held": int64(5), "short": int64(1), "version": int64(77), "actor": "anna", "reason": "fell off", "reference": nil, "occurred_at": at},
		{"sku": "SKU-1", "warehouse_id": "BER-1", "region": "eu", "on_hand": int64(4), "held": int64(1), "available": int64(3), "version": int64(77), "occurred_at": at},
	} {
		e := outcomes()[i]
		value, err := c.Encode(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if id := r.find(e.Topic()+"-value", newest(e.Topic())); int(value[4]) != id || value[0] != 0 {
			t.Errorf("%s: header % x, want the id %d", e.Topic(), value[:headerBytes], id)
		}
		golden(t, e.Topic(), value)
		got := read(t, e.Topic(), value)
		if found, ok := got["reservation_id"]; ok {
			delete(got, "reservation_id")
			if len(fmt.Sprint(found)) != 36 {
				t.Errorf("%s: reservation %v, want one like %s…", e.Topic(), found, reservation)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %v\nwant %v", e.Topic(), got, want)
		}
	}
}

func TestNumbersAtTheirLimitsSurvive(t *testing.T) {
	c := newCodec(t, full(t))
	value, err := c.Encode(t.Context(), ports.StockLevel{EventHeader: header(), OnHand: math.MaxInt64, Held: math.MinInt64, Version: math.MaxInt64})
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, ports.StockLevelTopic, value)
	if got["on_hand"] != int64(math.MaxInt64) || got["held"] != int64(math.MinInt64) {
		t.Errorf("got %v", got)
	}
}

type unheardOf struct{ ports.StockLevel }

func (unheardOf) Topic() string { return "inventory.unheard_of.v1" }

func TestEventsThatDoNotFitAreRefusedForGood(t *testing.T) {
	c := newCodec(t, full(t), func(cfg *Config) { cfg.MaxBytes = 300 })
	for name, test := range map[string]struct {
		event ports.PublicEvent
		says  string
	}{
		"of no topic of ours":  {unheardOf{}, "unheard_of"},
		"of no type of ours":   {&ports.StockLevel{}, "no event that there is a schema for"},
		"too large":            {ports.Adjusted{EventHeader: header(), Reason: strings.Repeat("x", 300)}, "at most 300 are written"},
		"text that is none":    {ports.Released{EventHeader: header(), Reason: "a\xff"}, "reason is not UTF-8"},
		"an item that is none": {ports.Released{EventHeader: header(), Items: []ports.PublicItem{{SKU: "a\xff"}}}, "items.sku is not UTF-8"},
		"detail that is none":  {ports.Rejected{EventHeader: header(), Detail: "a\xff"}, "not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Encode(t.Context(), test.event)
			if ports.ClassOf(err) != ports.Permanent || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want it to say %q", err, test.says)
			}
		})
	}
}

func TestTheRegistryIsAskedOnceForEachSchemaThatIsWritten(t *testing.T) {
	r := full(t)
	c := newCodec(t, r)
	for range 10 {
		for _, e := range outcomes() {
			if _, err := c.Encode(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.setFailure(errors.New("down"))
	if _, err := c.Encode(t.Context(), outcomes()[0]); err != nil {
		t.Errorf("known, and yet: %v", err)
	}
	if _, idOf := r.calls(); idOf != len(outcomes()) {
		t.Errorf("asked %d times for %d schemas", idOf, len(outcomes()))
	}
}

func TestASchemaThatIsNotRegisteredIsNamedWithTheCommandForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		c := newCodec(t, r)
		err := c.Warm(t.Context())
		if ports.ClassOf(err) != ports.Transient || errors.Is(err, ports.ErrUnknownSchema) ||
			!strings.Contains(err.Error(), "inventory.reserved.v1-value: register it: inventory schemas register") {
			t.Errorf("got %v", err)
		}
		if err := c.Ready(); err == nil || strings.Count(err.Error(), "register it") != len(outcomes()) {
			t.Errorf("ready says %v", err)
		}
		if err := Register(t.Context(), r, "", func(string) {}); err != nil {
			t.Fatal(err)
		}
		<-time.After(holdTransient)
		if err := errors.Join(c.Warm(t.Context()), c.Ready()); err != nil {
			t.Errorf("registered by now: %v", err)
		}
	})
}

func TestARegistryThatGivesTheIDOfAnotherSchemaIsNotBelieved(t *testing.T) {
	r := full(t)
	stock := r.find("inventory.stock_level.v1-value", newest(ports.StockLevelTopic))
	for _, lie := range []int{stock, 0, -1, 1 << 31, 999} {
		r.lie = func(int) int { return lie }
		if lie == stock {
			r.of["inventory.reserved.v1-value"][stock] = true
		}
		value, err := newCodec(t, r).Encode(t.Context(), outcomes()[0])
		if ports.ClassOf(err) != ports.Transient || value != nil {
			t.Errorf("id %d: got % x and %v", lie, value, err)
		}
		if err := Register(context.Background(), r, "", func(string) {}); ports.ClassOf(err) != ports.Transient {
			t.Errorf("registering with id %d: %v", lie, err)
		}
	}
}

// refusing refuses to take some subjects' schemas.
type refusing struct {
	*registry
	subjects string
	err      error
}

func (r refusing) Register(ctx context.Context, subject, text string) (int, error) {
	if strings.Contains(r.subjects, subject) {
		return 0, r.err
	}
	return r.registry.Register(ctx, subject, text)
}

func TestRegisteringTellsIDsAndAllThatWasRefused(t *testing.T) {
	var said []string
	log := func(s string) { said = append(said, s) }
	if err := Register(t.Context(), newRegistry(), "eu.", log); err != nil {
		t.Fatal(err)
	}
	if len(said) != 12 || said[0] != "eu.fulfillment.picked.v1-value, version 1: id 1" {
		t.Errorf("said %q", said)
	}
	said = nil
	refused := fmt.Errorf("%w: no", ports.ErrIncompatibleSchema)
	err := Register(t.Context(), refusing{newRegistry(), "order.created.v1-value inventory.adjusted.v1-value", refused}, "", log)
	if !errors.Is(err, ports.ErrIncompatibleSchema) || !strings.Contains(err.Error(), "order.created.v1-value, version 1") || !strings.Contains(err.Error(), "inventory.adjusted.v1-value") || len(said) != 10 {
		t.Errorf("said %q and %v", said, err)
	}
	said = nil
	down := fmt.Errorf("%w: down", ports.ErrTransient)
	err = Register(t.Context(), refusing{newRegistry(), "inventory.adjusted.v1-value", down}, "", log)
	if ports.ClassOf(err) != ports.Transient || len(said) != 1 {
		t.Errorf("a registry that is down is asked on: %q and %v", said, err)
	}
}
