package letters

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/adapters/avro"
	"inventory/adapters/kafka"
	"inventory/adapters/registry"
	"inventory/adapters/system"
	"inventory/domain/letter"
	"inventory/integration/service"
	"inventory/ports"
)

// patience bounds each wait, far above what is normal.
const patience = 30 * time.Second

// filled is how much of each SKU there is at first, in units.
const filled = 10_000

// office is a service that runs, and all that a test needs to have letters there.
type office struct {
	t     *testing.T
	site  *service.Site
	p     *service.Process
	codec *avro.Codec
	log   *kafka.LetterLog
	kafka *kgo.Client
}

// open starts a service with stock of some SKUs in the warehouse HCM.
func open(t *testing.T, s *service.Site, skus ...string) *office {
	t.Helper()
	o := &office{t: t, site: s, p: s.Start()}
	reg, err := registry.New(registry.Config{URL: s.Registry, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reg.Close)
	if o.codec, err = avro.New(reg, avro.Config{Prefix: s.Prefix}); err != nil {
		t.Fatal(err)
	}
	cfg := kafka.DefaultConfig()
	cfg.Brokers, cfg.Prefix = strings.Split(s.Brokers, ","), s.Prefix
	if o.log, err = kafka.NewLetterLog(cfg); err != nil {
		t.Fatal(err)
	}
	if o.kafka, err = kgo.NewClient(kgo.SeedBrokers(cfg.Brokers...)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.kafka.Close()
		if err := o.log.Close(); err != nil {
			t.Error(err)
		}
	})
	o.ask(http.MethodPut, "/inventory/warehouses/HCM", map[string]any{"region": "south", "rank": 0}, nil)
	for _, sku := range skus {
		o.adjust(sku, "RECEIPT", filled)
	}
	return o
}

// ask asks the service, which must not refuse, and reads its answer.
func (o *office) ask(method, path string, body, into any) {
	o.t.Helper()
	h := service.Header{"Idempotency-Key": system.NewUUID().String(), "Inventory-Actor": "clerk"}
	a, err := o.p.Client().Decide(o.t.Context(), method, path, h, body)
	if err != nil || a.Status >= http.StatusBadRequest {
		o.t.Fatalf("%s %s: %s %v", method, path, a, err)
	}
	if into == nil {
		return
	}
	if err := a.Into(into); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) adjust(sku, kind string, delta int64) {
	o.t.Helper()
	o.ask(http.MethodPost, "/inventory/adjust", map[string]any{"sku": sku, "warehouse_id": "HCM", "adjustment_type": kind, "qty_delta": delta}, nil)
}

// level is what there is of a SKU, in units; the version grows with each change.
type level struct {
	OnHand  int64 `json:"on_hand"`
	Held    int64 `json:"held"`
	Version int64 `json:"version"`
}

func (o *office) level(sku string) level {
	o.t.Helper()
	var told struct{ Warehouses []level }
	o.ask(http.MethodGet, "/inventory/"+sku, nil, &told)
	if len(told.Warehouses) != 1 {
		o.t.Fatalf("%s: in %d warehouses", sku, len(told.Warehouses))
	}
	return told.Warehouses[0]
}

// mustHold compares what is held of the SKU that most orders are for.
func (o *office) mustHold(held int64) {
	o.t.Helper()
	if l := o.level(commonSKU); l.Held != held {
		o.t.Errorf("%s: %d are held, expected %d", commonSKU, l.Held, held)
	}
}

// awaitHeld waits until so much is held: an order says that it has ended before its stock does, and
// what another member owned is read from the tables.
func (o *office) awaitHeld(sku string, held int64) {
	o.t.Helper()
	o.await(fmt.Sprintf("%d of %s are held", held, sku), func() bool { return o.level(sku).Held == held })
}

// status is that of an order; empty where there is none.
func (o *office) status(order string) string {
	o.t.Helper()
	a, err := o.p.Client().Decide(o.t.Context(), http.MethodGet, "/inventory/orders/"+order, nil, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	var told struct{ Status string }
	if a.Status == http.StatusOK {
		err = a.Into(&told)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return told.Status
}

func (o *office) awaitStatus(order, want string) {
	o.t.Helper()
	o.await("order "+order+" is "+want, func() bool { return o.status(order) == want })
}

// await waits until something is so.
func (o *office) await(what string, so func() bool) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			o.t.Fatalf("not so in %s: %s", patience, what)
		case <-ticker.C:
		}
	}
}

// event is an order event as text.
type event map[string]any

func newEvent(id, order string, more event) event {
	e := event{"event_id": id, "order_id": order, "occurred_at": time.Now().UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)}
	for field, value := range more {
		e[field] = value
	}
	return e
}

// created asks for units of a SKU; the event's id is the order's.
func created(order, sku string, units int64) event {
	return newEvent(order, order, event{"items": []event{{"sku": sku, "quantity": units}}})
}

// pickedOf says that units of a SKU of an order were picked.
func pickedOf(order, sku string, units int64) event {
	return newEvent("p-"+order, order, event{"items": []event{{"sku": sku, "quantity": units}}})
}

func (o *office) encode(topic string, e event) []byte {
	o.t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		o.t.Fatal(err)
	}
	value, err := o.codec.FromText(o.t.Context(), topic, text)
	if err != nil {
		o.t.Fatalf("%s of %s: %v", text, topic, err)
	}
	return value
}

// send sends an event as an upstream service does.
func (o *office) send(topic string, e event) {
	o.t.Helper()
	o.sendRaw(topic, e["order_id"].(string), o.encode(topic, e))
}

func (o *office) sendRaw(topic, key string, value []byte) {
	o.t.Helper()
	r := &kgo.Record{Topic: o.site.Prefix + topic, Key: []byte(key), Value: value}
	if err := o.kafka.ProduceSync(o.t.Context(), r).FirstErr(); err != nil {
		o.t.Fatal(err)
	}
}

// bury makes a letter of an event, as the service does that could not act on it.
func (o *office) bury(code, topic string, e event) letter.Letter {
	o.t.Helper()
	value, key, now := o.encode(topic, e), e["order_id"].(string), time.Now().UTC().Truncate(time.Millisecond)
	return letter.Letter{Value: value, HasKey: true, Meta: letter.Meta{
		ID: system.NewUUID(), Place: letter.Place{Topic: topic}, BuriedAt: now, Key: key, Size: len(value),
		Code: code, Error: "written by a test", Attempts: 3, FirstFailure: now, LastFailure: now, Version: "test",
		Origin: letter.Origin{Offset: -1, Timestamp: now, Group: o.site.Group, Handler: "orders"},
	}}
}

// append writes letters.
func (o *office) append(letters ...letter.Letter) {
	o.t.Helper()
	if err := o.log.Append(o.t.Context(), letters); err != nil {
		o.t.Fatal(err)
	}
}

// commonSKU is what most orders are for.
const commonSKU = "SKU-A"

// buryOrders writes a letter of an order.created for each of n orders of a unit.
func (o *office) buryOrders(prefix string, n int) []letter.Letter {
	o.t.Helper()
	var letters []letter.Letter
	for i := range n {
		letters = append(letters, o.bury("UNAVAILABLE", ports.OrderCreatedTopic, created(fmt.Sprintf("%s-%04d", prefix, i), commonSKU, 1)))
	}
	o.append(letters...)
	return letters
}
