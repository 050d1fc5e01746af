package orders

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"inventory/integration/service"
	"inventory/ports"
)

// What the market trades in: few units of each SKU, so that many orders find too little.
const (
	skus      = 50
	filled    = 25 // units of each SKU in each warehouse
	perSecond = 120
)

var warehouses = []string{"HCM", "HAN"}

// heard is a record that the client heard.
type heard struct {
	Topic     string            `json:"topic"`
	Partition int               `json:"partition"`
	Offset    int64             `json:"offset"`
	Key       string            `json:"key"`
	Headers   map[string]string `json:"headers"`
	Value     outcome           `json:"value"`
	Raw       []byte            `json:"raw"`
	text      []byte            // of the value
}

// outcome has the fields of all public events.
type outcome struct {
	EventID       string `json:"event_id"`
	ReservationID string `json:"reservation_id"`
	OrderID       string `json:"order_id"`
	Reason        string `json:"reason"`
	Late          bool   `json:"late"`
	OccurredAt    int64  `json:"occurred_at"`
	SKU           string `json:"sku"`
	WarehouseID   string `json:"warehouse_id"`
	OnHand        int64  `json:"on_hand"`
	Held          int64  `json:"held"`
	Available     int64  `json:"available"`
	Version       int64  `json:"version"`
	Items         []struct {
		SKU         string `json:"sku"`
		WarehouseID string `json:"warehouse_id"`
		Quantity    int64  `json:"quantity"`
		Requested   int64  `json:"requested"`
		Available   int64  `json:"available"`
	} `json:"items"`
}

// market is upstream services and their books.
type market struct {
	t     *testing.T
	site  *service.Site
	seed  uint64
	sends *script
	hears *script

	mu     sync.Mutex
	sent   map[string]int     // order events of each order, by "topic order"
	acked  int                // order events that Kafka has
	all    []heard            // in the order they were heard
	events map[string]heard   // by event id
	orders map[string][]heard // each event once, by order, as they happened
	twice  int                // events that were heard again
	faults []string
	news   chan struct{} // has room for one
}

func newMarket(t *testing.T, s *service.Site) *market {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("%s: seed: -seed %d", s.Name, seed)
	m := &market{
		t: t, site: s, seed: seed, sent: map[string]int{}, events: map[string]heard{}, orders: map[string][]heard{},
		news: make(chan struct{}, 1),
	}
	return m
}

// setUp makes warehouses and the first stock.
func (m *market) setUp(p *service.Process) {
	m.t.Helper()
	ask := func(method, path string, h service.Header, body any, want int) {
		a, err := p.Client().Decide(m.t.Context(), method, path, h, body)
		if err != nil || a.Status != want {
			m.t.Fatalf("%s %s: %s %v", method, path, a, err)
		}
	}
	for i, w := range warehouses {
		body := map[string]any{"region": []string{"south", "north"}[i], "rank": i}
		ask(http.MethodPut, "/inventory/warehouses/"+w, nil, body, http.StatusOK)
		for n := range skus {
			h := service.Header{"Idempotency-Key": fmt.Sprintf("first-%s-%d", w, n), "Inventory-Actor": "market"}
			body := map[string]any{"sku": sku(n), "warehouse_id": w, "adjustment_type": "RECEIPT", "qty_delta": filled}
			ask(http.MethodPost, "/inventory/adjust", h, body, http.StatusOK)
		}
	}
}

func sku(n int) string { return fmt.Sprintf("SKU-%02d", n) }

// open starts the client: it sends, and hears all public events.
func (m *market) open() {
	m.t.Helper()
	at := []string{"--brokers=" + m.site.Brokers, "--registry=" + m.site.Registry}
	m.sends = startScript(m.t, func([]byte) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.acked++
	}, append([]string{"send"}, at...)...)
	var topics []string
	for _, topic := range ports.PublicEventTopics() {
		topics = append(topics, m.site.Prefix+topic)
	}
	m.hears = startScript(m.t, m.hear, append([]string{"hear", "--group=market", "--topics=" + strings.Join(topics, ",")}, at...)...)
}

func (m *market) fault(format string, args ...any) {
	if len(m.faults) < 20 {
		m.faults = append(m.faults, fmt.Sprintf(format, args...))
	}
}

// hear takes a record in, and lets what follows from it happen.
func (m *market) hear(line []byte) {
	var h heard
	var parts struct{ Value json.RawMessage }
	if err := json.Unmarshal(line, &h); err != nil {
		m.t.Errorf("not a record: %s: %v", line, err)
		return
	}
	_ = json.Unmarshal(line, &parts)
	h.text, h.Topic = parts.Value, strings.TrimPrefix(h.Topic, m.site.Prefix)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, h)
	select {
	case m.news <- struct{}{}:
	default:
	}
	if h.Headers["ce_type"] != h.Topic || h.Headers["ce_id"] == "" || h.Headers["ce_specversion"] != "1.0" {
		m.fault("%s of %s: headers %v", h.Topic, h.Key, h.Headers)
	}
	if h.Topic == ports.StockLevelTopic {
		return
	}
	if h.Value.EventID != h.Headers["ce_id"] {
		m.fault("%s of %s: event_id %s, ce_id %s", h.Topic, h.Key, h.Value.EventID, h.Headers["ce_id"])
	}
	if before, ok := m.events[h.Value.EventID]; ok {
		m.twice++
		if !bytes.Equal(before.text, h.text) || before.Topic != h.Topic {
			m.fault("event %s was %s %s, and then %s %s", h.Value.EventID, before.Topic, before.text, h.Topic, h.text)
		}
		return
	}
	m.events[h.Value.EventID] = h
	if h.Topic == ports.AdjustedTopic {
		return
	}
	if h.Key != h.Value.OrderID {
		m.fault("%s of order %s has the key %q", h.Topic, h.Value.OrderID, h.Key)
	}
	// Topics are heard in any order, one beside the other.
	m.orders[h.Key] = append(m.orders[h.Key], h)
	slices.SortStableFunc(m.orders[h.Key], func(a, b heard) int {
		return cmp.Or(cmp.Compare(a.Value.OccurredAt, b.Value.OccurredAt), cmp.Compare(stage(a), stage(b)))
	})
	m.follow(h)
}

// stage orders what happened at the same time: one entry may both hold an order and end it.
func stage(h heard) int {
	return slices.Index([]string{ports.ReservedTopic, ports.ReleasedTopic, ports.ConfirmedTopic}, h.Topic)
}

// dice gives choices about an order that are the same whenever they are made.
func (m *market) dice(order string) *rand.Rand {
	f := fnv.New64a()
	f.Write([]byte(order))
	return rand.New(rand.NewPCG(m.seed, f.Sum64()))
}

// follow is what upstream services do about an outcome: half of what is held is picked,
// some of it twice, some is cancelled; some of what was picked is cancelled all the same.
// m.mu is held.
func (m *market) follow(h heard) {
	d := m.dice(h.Key)
	roll, again := d.IntN(100), d.IntN(100)
	switch h.Topic {
	case ports.ReservedTopic:
		switch {
		case m.sent[ports.OrderCancelledTopic+" "+h.Key] > 0: // before it was created
		case roll < 50:
			m.send(ports.FulfilmentPickedTopic, h.Key, nil)
			if again < 15 {
				m.send(ports.FulfilmentPickedTopic, h.Key, nil)
			}
		case roll < 65:
			m.send(ports.OrderCancelledTopic, h.Key, map[string]any{"reason": []string{"PAYMENT_FAILED", "changed my mind"}[again%2]})
		}
	case ports.ConfirmedTopic:
		if again < 10 {
			m.send(ports.OrderCancelledTopic, h.Key, nil)
		}
	}
}

// send has an order event sent. m.mu is held.
func (m *market) send(topic, order string, fields map[string]any) {
	value := map[string]any{"event_id": fmt.Sprintf("%s-%s", topic, order), "order_id": order, "occurred_at": time.Now().UnixMilli()}
	for name, v := range fields {
		value[name] = v
	}
	m.sent[topic+" "+order]++
	trace := fmt.Sprintf("00-%032x-%016x-01", len(m.sent)+1, len(order)+1)
	m.sends.tell(map[string]any{"topic": m.site.Prefix + topic, "key": order, "value": value, "headers": map[string]string{"traceparent": trace}})
}

// order sends the nth order: some can't be served, some come twice, some are cancelled
// before they come.
func (m *market) order(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := fmt.Sprintf("order-%04d", n)
	d := m.dice("made " + id)
	items := []map[string]any{}
	for range 1 + d.IntN(3) {
		it := map[string]any{"sku": sku(int(float64(skus) * d.Float64() * d.Float64())), "quantity": 1 + d.IntN(3), "warehouse_id": nil}
		if d.IntN(5) == 0 {
			it["warehouse_id"] = warehouses[d.IntN(2)]
		}
		items = append(items, it)
	}
	fields := map[string]any{"items": items}
	if d.IntN(2) == 0 {
		fields["region"] = []string{"south", "north"}[d.IntN(2)]
	}
	switch roll := d.IntN(100); {
	case roll < 4:
		items[0]["warehouse_id"] = "MARS"
	case roll < 8:
		items[0]["quantity"] = 1_000_000
	case roll < 11:
		items[0]["quantity"] = -3
	case roll < 19:
		m.send(ports.OrderCancelledTopic, id, nil)
	}
	m.send(ports.OrderCreatedTopic, id, fields)
	if d.IntN(10) == 0 {
		m.send(ports.OrderCreatedTopic, id, fields)
	}
}

// trade sends the orders from the nth one on, up to another, at a steady pace.
func (m *market) trade(ctx context.Context, n, to int) {
	ticker := time.NewTicker(time.Second / perSecond)
	defer ticker.Stop()
	for ; n < to; n++ {
		m.order(n)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// await waits until all that was sent has come to its end.
func (m *market) await(n int) {
	m.t.Helper()
	deadline := time.NewTimer(3 * time.Minute)
	defer deadline.Stop()
	for {
		m.mu.Lock()
		missing := m.missing(n)
		if len(missing) == 0 {
			missing = m.missingLevels()
		}
		m.mu.Unlock()
		if len(missing) == 0 {
			return
		}
		select {
		case <-m.news:
		case <-m.t.Context().Done():
			return
		case <-deadline.C:
			m.t.Fatalf("%d outcomes never came, such as %v\nsender: %s\nlistener: %s", len(missing), missing[:min(5, len(missing))], m.sends.said(), m.hears.said())
		}
	}
}

// missing lists what is still to come. m.mu is held.
func (m *market) missing(n int) []string {
	var missing []string
	for i := range n {
		id := fmt.Sprintf("order-%04d", i)
		told := m.told(id)
		picked, cancelled := m.sent[ports.FulfilmentPickedTopic+" "+id] > 0, m.sent[ports.OrderCancelledTopic+" "+id] > 0
		switch {
		case told == "":
			missing = append(missing, id+": any outcome")
		case picked && !strings.Contains(told, "confirmed"):
			missing = append(missing, id+": confirmed after "+told)
		case told == "reserved" && cancelled:
			missing = append(missing, id+": released after "+told)
		}
	}
	return missing
}

// missingLevels lists where the newest level that was published is not the sum of outcomes,
// or is not the last one: after a kill older ones come again, and then the newest. m.mu is
// held.
func (m *market) missingLevels() []string {
	var missing []string
	newest, last := m.levels()
	for at, want := range m.sums() {
		if got := (level{newest[at].OnHand, newest[at].Held}); got != want {
			missing = append(missing, fmt.Sprintf("%s in %s: %+v published, %+v is the sum of outcomes", at.sku, at.warehouse, got, want))
		}
		if last[at].Version != newest[at].Version {
			missing = append(missing, fmt.Sprintf("%s in %s: version %d published last, after %d", at.sku, at.warehouse, last[at].Version, newest[at].Version))
		}
	}
	return missing
}

// levels are those of the highest versions, and those that were heard last. m.mu is held.
func (m *market) levels() (newest, last map[place]outcome) {
	newest, last = map[place]outcome{}, map[place]outcome{}
	for _, h := range m.all {
		if h.Topic != ports.StockLevelTopic {
			continue
		}
		at := place{h.Value.SKU, h.Value.WarehouseID}
		if last[at] = h.Value; h.Value.Version > newest[at].Version {
			newest[at] = h.Value
		}
	}
	return newest, last
}

// told are an order's outcomes so far, in the order in which they happened. m.mu is held.
func (m *market) told(order string) string {
	var all []string
	for _, h := range m.orders[order] {
		all = append(all, strings.TrimSuffix(strings.TrimPrefix(h.Topic, "inventory."), ".v1"))
	}
	return strings.Join(all, " ")
}
