package registry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/linkedin/goavro/v2"

	"inventory/adapters/avro"
	"inventory/domain/ledger"
	"inventory/ports"
	"inventory/schemas"
)

func newest(topic string) string {
	_, text := schemas.Avro()[topic].Newest()
	return text
}

func registerAll(t *testing.T, r ports.SchemaRegistry, prefix string) []string {
	t.Helper()
	var said []string
	if err := avro.Register(t.Context(), r, prefix, func(s string) { said = append(said, s) }); err != nil {
		t.Fatal(err)
	}
	return said
}

func TestRegisteringTwiceGivesTheSameIDs(t *testing.T) {
	r, p := open(t), prefix(t)
	first := registerAll(t, r, p)
	if len(first) != len(schemas.Avro()) {
		t.Errorf("registered %q", first)
	}
	if again := registerAll(t, r, p); !reflect.DeepEqual(again, first) {
		t.Errorf("again\n%q\nafter\n%q", again, first)
	}
}

func TestTheSpacingOfASchemaDoesNotMatter(t *testing.T) {
	r, p := open(t), prefix(t)
	id, err := r.Register(t.Context(), p+"s-value", newest(ports.OrderCreatedTopic))
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(newest(ports.OrderCreatedTopic)), "", "\t"); err != nil {
		t.Fatal(err)
	}
	spaced := indented.String()
	if found, err := r.IDOf(t.Context(), p+"s-value", spaced); err != nil || found != id {
		t.Errorf("found %d, %v: want %d", found, err, id)
	}
	if again, err := r.Register(t.Context(), p+"s-value", spaced); err != nil || again != id {
		t.Errorf("registered as %d, %v: want %d", again, err, id)
	}
}

func TestAnIncompatibleSchemaIsRefusedAndACompatibleOneTaken(t *testing.T) {
	r, p := open(t), prefix(t)
	subject, text := p+"order.cancelled.v1-value", newest(ports.OrderCancelledTopic)
	first, err := r.Register(t.Context(), subject, text)
	if err != nil {
		t.Fatal(err)
	}
	more := func(field string) string { return strings.Replace(text, `"fields": [`, `"fields": [`+field+`,`, 1) }
	_, err = r.Register(t.Context(), subject, more(`{"name": "must", "type": "string"}`))
	if !errors.Is(err, ports.ErrIncompatibleSchema) || !strings.Contains(err.Error(), "must") {
		t.Errorf("a new required field: %v", err)
	}
	if _, err = r.Register(t.Context(), subject, `{"type": "recor"}`); !errors.Is(err, ports.ErrIncompatibleSchema) {
		t.Errorf("no schema: %v", err)
	}
	second, err := r.Register(t.Context(), subject, more(`{"name": "may", "type": ["null", "string"], "default": null}`))
	if err != nil || second == first {
		t.Errorf("a new optional field: %d, %v", second, err)
	}
}

func TestAnIDIsOfTheSubjectThatHasIt(t *testing.T) {
	r, p := open(t), prefix(t)
	registerAll(t, r, p)
	created, cancelled := p+"order.created.v1-value", p+"order.cancelled.v1-value"
	id, err := r.IDOf(t.Context(), created, newest(ports.OrderCreatedTopic))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := r.ByID(t.Context(), created, id); err != nil || !strings.Contains(text, "OrderCreated") {
		t.Errorf("got %q, %v", text, err)
	}
	if _, err := r.ByID(t.Context(), cancelled, id); !errors.Is(err, ports.ErrUnknownSchema) {
		t.Errorf("another subject's id: %v", err)
	}
	if _, err := r.ByID(t.Context(), created, 1<<31-1); !errors.Is(err, ports.ErrUnknownSchema) {
		t.Errorf("an id of nobody: %v", err)
	}
	if _, err := r.IDOf(t.Context(), cancelled, newest(ports.OrderCreatedTopic)); !errors.Is(err, ports.ErrUnknownSchema) {
		t.Errorf("another subject's schema: %v", err)
	}
	if _, err := r.IDOf(t.Context(), p+"nothing-value", newest(ports.OrderCreatedTopic)); !errors.Is(err, ports.ErrUnknownSchema) {
		t.Errorf("a subject of nobody: %v", err)
	}
}

func TestEventsGoThroughWithARealRegistryAndLaterWithoutIt(t *testing.T) {
	r, p := open(t), prefix(t)
	cfg := avro.Config{Prefix: p, CacheFile: filepath.Join(t.TempDir(), "schemas.json"), Registry: r.URL(), Warn: func(err error) { t.Error(err) }}
	first, err := avro.New(r, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Warm(t.Context()); ports.ClassOf(err) != ports.Transient || !strings.Contains(err.Error(), "inventory schemas register") {
		t.Errorf("nothing is registered: %v", err)
	}
	registerAll(t, r, p)
	first, err = avro.New(r, cfg) // the failures of a codec are remembered for a moment
	if err != nil {
		t.Fatal(err)
	}
	record, want := recordOf(t, r, p)
	event := ports.StockLevel{EventHeader: ports.EventHeader{ID: ledger.Namespace, OccurredAt: want.OccurredAt}, SKU: "S", WarehouseID: "W", Region: "eu", OnHand: 3, Available: 3, Version: 9}
	written, err := first.Encode(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	check := func(c *avro.Codec) {
		t.Helper()
		if got, err := c.Decode(t.Context(), ports.OrderCancelledTopic, record); err != nil || got != ports.OrderEvent(want) {
			t.Errorf("got %+v, %v", got, err)
		}
		if got, err := c.Encode(t.Context(), event); err != nil || string(got) != string(written) {
			t.Errorf("got % x, %v", got, err)
		}
	}
	check(first)
	second, err := avro.New(nobody{}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	check(second)
}

// recordOf gives a record as the order team's program writes it: with a schema of its own
// that is registered as the next version.
func recordOf(t *testing.T, r ports.SchemaRegistry, prefix string) ([]byte, ports.OrderCancelled) {
	t.Helper()
	text := strings.Replace(newest(ports.OrderCancelledTopic), `"fields": [`, `"fields": [{"name": "shop", "type": ["null", "string"], "default": null},`, 1)
	id, err := r.Register(t.Context(), prefix+"order.cancelled.v1-value", text)
	if err != nil {
		t.Fatal(err)
	}
	codec, err := goavro.NewCodec(text)
	if err != nil {
		t.Fatal(err)
	}
	want := ports.OrderCancelled{EventID: "e", OrderID: "o", OccurredAt: time.UnixMilli(1_800_000_000_123).UTC(), Reason: "PAYMENT_FAILED"}
	record, err := codec.BinaryFromNative([]byte{0, byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)}, map[string]any{
		"shop": goavro.Union("string", "north"), "event_id": "e", "order_id": "o", "occurred_at": want.OccurredAt, "reason": goavro.Union("string", "PAYMENT_FAILED"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return record, want
}
