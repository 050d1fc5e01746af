package avro

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/domain/ledger"
	"inventory/ports"
	"inventory/schemas"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// registry is one in memory that can be told to fail. Ids are per text, as in a real one.
type registry struct {
	mu    sync.Mutex
	texts []string // by id - 1
	of    map[string]map[int]bool
	fail  error            // of each method
	block chan struct{}    // not nil: each method waits until it is closed
	lie   func(id int) int // of IDOf and Register
	byID  int              // calls
	idOf  int
}

func newRegistry() *registry { return &registry{of: make(map[string]map[int]bool)} }

// full has every built-in schema, and nothing else.
func full(t testing.TB) *registry {
	t.Helper()
	r := newRegistry()
	if err := Register(context.Background(), r, "", func(string) {}); err != nil {
		t.Fatal(err)
	}
	r.byID, r.idOf = 0, 0
	return r
}

func (r *registry) enter(ctx context.Context) error {
	r.mu.Lock()
	block, err := r.block, r.fail
	r.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

func (r *registry) setFailure(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

func (r *registry) ByID(ctx context.Context, subject string, id int) (string, error) {
	r.mu.Lock()
	r.byID++
	r.mu.Unlock()
	if err := r.enter(ctx); err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.of[subject][id] {
		return "", fmt.Errorf("%w: %s has no schema %d", ports.ErrUnknownSchema, subject, id)
	}
	return r.texts[id-1], nil
}

func (r *registry) find(subject, text string) int {
	for i, known := range r.texts {
		if known == text && r.of[subject][i+1] {
			return i + 1
		}
	}
	return 0
}

func (r *registry) IDOf(ctx context.Context, subject, text string) (int, error) {
	r.mu.Lock()
	r.idOf++
	r.mu.Unlock()
	if err := r.enter(ctx); err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id := r.find(subject, text)
	if id == 0 {
		return 0, fmt.Errorf("%w: not of %s", ports.ErrUnknownSchema, subject)
	}
	return r.told(id), nil
}

// told is what it says instead of an id.
func (r *registry) told(id int) int {
	if r.lie != nil {
		return r.lie(id)
	}
	return id
}

func (r *registry) Register(ctx context.Context, subject, text string) (int, error) {
	if err := r.enter(ctx); err != nil {
		return 0, err
	}
	return r.told(r.add(subject, text)), nil
}

// add registers a schema, and returns its id.
func (r *registry) add(subject, text string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id := r.find(subject, text); id != 0 {
		return id
	}
	if r.of[subject] == nil {
		r.of[subject] = make(map[int]bool)
	}
	r.texts = append(r.texts, text)
	r.of[subject][len(r.texts)] = true
	return len(r.texts)
}

func (r *registry) calls() (byID, idOf int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byID, r.idOf
}

func newCodec(t testing.TB, r ports.SchemaRegistry, change ...func(*Config)) *Codec {
	t.Helper()
	var cfg Config
	for _, c := range change {
		c(&cfg)
	}
	c, err := New(r, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var at = time.Date(2026, 11, 25, 3, 4, 5, 678_000_000, time.UTC)

func seconds(n int64) *int64 { return &n }

// orders has an event of each topic, with and without what is optional.
func orders() map[string]ports.OrderEvent {
	return map[string]ports.OrderEvent{
		ports.OrderCreatedTopic: ports.OrderCreated{
			EventID: "e-1", OrderID: "o-1", OccurredAt: at, Region: "eu", TTLSeconds: seconds(900),
			Items: []ports.OrderItem{{SKU: "SKU-1", Quantity: 2}, {SKU: "SKU-2", Quantity: 1, WarehouseID: "BER-1"}, {SKU: "SKU-3", Quantity: 1_000_000_000}},
		},
		ports.OrderCancelledTopic:   ports.OrderCancelled{EventID: "e-2", OrderID: "o-1", OccurredAt: at, Reason: "PAYMENT_FAILED"},
		ports.FulfilmentPickedTopic: ports.FulfilmentPicked{EventID: "e-3", OrderID: "o-1", OccurredAt: at, WarehouseID: "BER-1", Items: []ports.OrderItem{{SKU: "SKU-1", Quantity: 2}}},
	}
}

func header() ports.EventHeader {
	return ports.EventHeader{ID: ledger.NewUUIDv5(ledger.Namespace, "event"), OccurredAt: at, Trace: "not part of the value"}
}

// outcomes has an event of each topic.
func outcomes() []ports.PublicEvent {
	reservation := ledger.NewUUIDv5(ledger.Namespace, "reservation:o-1")
	items := []ports.PublicItem{{SKU: "SKU-1", WarehouseID: "BER-1", Quantity: 2}, {SKU: "SKU-2", WarehouseID: "BER-1", Quantity: 1}, {SKU: "SKU-3", WarehouseID: "HAM-1", Quantity: 7}}
	return []ports.PublicEvent{
		ports.Reserved{EventHeader: header(), ReservationID: reservation, OrderID: "o-1", Items: items, TTLExpire: at.Add(time.Hour)},
		ports.Rejected{EventHeader: header(), OrderID: "o-1", Reason: "INSUFFICIENT_STOCK", Detail: "SKU-1: 2 asked for, 1 there", Items: []ports.RejectedItem{{SKU: "SKU-1", Requested: 2, Available: 1}}},
		ports.Confirmed{EventHeader: header(), ReservationID: reservation, OrderID: "o-1", Items: items, Late: true},
		ports.Released{EventHeader: header(), ReservationID: reservation, OrderID: "o-1", Reason: "TTL_EXPIRED", Items: items},
		ports.Expiring{EventHeader: header(), ReservationID: reservation, OrderID: "o-1", TTLExpire: at.Add(time.Minute)},
		ports.Adjusted{EventHeader: header(), SKU: "SKU-1", WarehouseID: "BER-1", AdjustmentType: "DAMAGE", QtyDelta: -3, OnHand: 4, Held: 5, Short: 1, Version: 77, Actor: "anna", Reason: "fell off"},
		ports.StockLevel{EventHeader: header(), SKU: "SKU-1", WarehouseID: "BER-1", Region: "eu", OnHand: 4, Held: 1, Available: 3, Version: 77},
		ports.Threshold{EventHeader: header(), SKU: "SKU-1", WarehouseID: "BER-1", Region: "eu", Threshold: "LOW", LowMark: 5, OnHand: 7, Held: 3, Available: 4, Version: 77},
		ports.GlobalStock{EventHeader: header(), SKU: "SKU-1", Region: "eu", OnHand: 14, Held: 3, Available: 12, Version: 177, Aggregator: "not part of the value"},
	}
}

// nullable wraps what goavro takes for a union.
func nullable(kind string, v any) any { return map[string]any{kind: v} }

// nativeOrder gives an order event as goavro takes it with the newest built-in schema.
func nativeOrder(e ports.OrderEvent) map[string]any {
	switch e := e.(type) {
	case ports.OrderCreated:
		m := map[string]any{"event_id": e.EventID, "order_id": e.OrderID, "occurred_at": e.OccurredAt.UnixMilli(), "region": optionalText(e.Region), "ttl_seconds": nil, "items": nativeItems(e.Items)}
		if e.TTLSeconds != nil {
			m["ttl_seconds"] = nullable("long", *e.TTLSeconds)
		}
		return m
	case ports.OrderCancelled:
		return map[string]any{"event_id": e.EventID, "order_id": e.OrderID, "occurred_at": e.OccurredAt.UnixMilli(), "reason": optionalText(e.Reason)}
	case ports.FulfilmentPicked:
		m := map[string]any{"event_id": e.EventID, "order_id": e.OrderID, "occurred_at": e.OccurredAt.UnixMilli(), "warehouse_id": optionalText(e.WarehouseID), "items": nil}
		if e.Items != nil {
			m["items"] = nullable("array", nativeItems(e.Items))
		}
		return m
	}
	return nil
}

func nativeItems(items []ports.OrderItem) []any {
	list := make([]any, len(items))
	for i, it := range items {
		list[i] = map[string]any{"sku": it.SKU, "quantity": it.Quantity, "warehouse_id": optionalText(it.WarehouseID)}
	}
	return list
}

// newest is the newest built-in schema of a topic.
func newest(topic string) string {
	_, text := schemas.Avro()[topic].Newest()
	return text
}
