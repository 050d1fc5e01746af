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
	skus   = 50
	filled = 40 // units of each SKU in each warehouse
	pace   = 120
)

// Hurried are flags: holds lapse and picks are given up while the test runs.
func Hurried(more ...string) []string {
	return append([]string{"--hold-ttl=6s", "--hold-warning=3s", "--park-picks=8s"}, more...)
}

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
	Pairs     [][2]string       `json:"pairs"` // of a raw record: its headers in order, values in Base64
	text      []byte            // of the value
	at        time.Time         // when it was heard
}

// outcome has the fields of all public events.
type outcome struct {
	EventID       string `json:"event_id"`
	ReservationID string `json:"reservation_id"`
	OrderID       string `json:"order_id"`
	Reason        string `json:"reason"`
	Late          bool   `json:"late"`
	OccurredAt    int64  `json:"occurred_at"`
	TTLExpire     int64  `json:"ttl_expire"`
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

// Market is upstream services and their books.
type Market struct {
	Killed    bool                    // processes or servers are killed
	PerSecond int                     // orders
	Others    func(order string) bool // tells orders that are not the market's; nil: there are none

	t      testing.TB
	site   *service.Site
	seed   uint64
	n      int  // orders in all
	idle   bool // nothing follows from outcomes
	sends  *script
	hears  *script
	buries *script

	mu      sync.Mutex
	sent    map[string]int     // order events of each order, by "topic order"
	picks   map[string]*pick   // by id
	acked   int                // order events that Kafka has
	all     []heard            // in the order they were heard
	events  map[string]heard   // by event id
	orders  map[string][]heard // each event once, by order, as they happened
	others  map[string][]heard // the same of orders that are not the market's
	letters map[string][]heard // dead ones, by key
	twice   int                // events that were heard again
	faults  []string
	news    chan struct{} // has room for one
}

// NewMarket makes a market that trades n orders.
func NewMarket(t testing.TB, s *service.Site, n int, seed uint64) *Market {
	return &Market{
		PerSecond: pace, others: map[string][]heard{}, t: t, site: s, seed: seed, n: n, sent: map[string]int{}, picks: map[string]*pick{}, events: map[string]heard{},
		orders: map[string][]heard{}, letters: map[string][]heard{}, news: make(chan struct{}, 1),
	}
}

// SetUp makes warehouses and the first stock.
func (m *Market) SetUp(c *service.Client) {
	m.t.Helper()
	ask := func(method, path string, h service.Header, body any, want int) {
		a, err := c.Decide(m.t.Context(), method, path, h, body)
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

// Open starts the client: it sends, and hears all public events and dead letters.
func (m *Market) Open() {
	m.t.Helper()
	at := []string{"--brokers=" + m.site.Brokers, "--registry=" + m.site.Registry}
	m.sends = startScript(m.t, func([]byte) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.acked++
	}, append([]string{"send"}, at...)...)
	hear := func(line func([]byte), topics []string, more ...string) *script {
		for i := range topics {
			topics[i] = m.site.Prefix + topics[i]
		}
		args := append([]string{"hear", "--group=market", "--topics=" + strings.Join(topics, ",")}, at...)
		return startScript(m.t, line, append(args, more...)...)
	}
	m.hears = hear(m.hear, ports.PublicEventTopics())
	m.buries = hear(m.bury, deadLetterTopics(), "--raw", "--group=undertaker")
}

func deadLetterTopics() []string {
	var topics []string
	for _, topic := range ports.OrderEventTopics() {
		topics = append(topics, topic+ports.DeadLetterSuffix)
	}
	return topics
}

func (m *Market) fault(format string, args ...any) {
	if len(m.faults) < 20 {
		m.faults = append(m.faults, fmt.Sprintf(format, args...))
	}
}

// hear takes a record in, and lets what follows from it happen.
func (m *Market) hear(line []byte) {
	var h heard
	var parts struct{ Value json.RawMessage }
	if err := json.Unmarshal(line, &h); err != nil {
		m.t.Errorf("not a record: %s: %v", line, err)
		return
	}
	_ = json.Unmarshal(line, &parts)
	h.at = time.Now()
	h.text, h.Topic = parts.Value, strings.TrimPrefix(h.Topic, m.site.Prefix)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, h)
	m.tell()
	if h.Headers["ce_type"] != h.Topic || h.Headers["ce_id"] == "" || h.Headers["ce_specversion"] != "1.0" {
		m.fault("%s of %s: headers %v", h.Topic, h.Key, h.Headers)
	}
	if h.Topic == ports.StockLevelTopic || h.Topic == ports.GlobalStockTopic {
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
	if m.Others != nil && m.Others(h.Key) {
		m.others[h.Key] = append(m.others[h.Key], h)
		return
	}
	// Topics are heard in any order, one beside the other.
	m.orders[h.Key] = append(m.orders[h.Key], h)
	slices.SortStableFunc(m.orders[h.Key], func(a, b heard) int {
		return cmp.Or(cmp.Compare(a.Value.OccurredAt, b.Value.OccurredAt), cmp.Compare(stage(a), stage(b)))
	})
	m.follow(h)
}

// tell wakes who waits for news. m.mu is held.
func (m *Market) tell() {
	select {
	case m.news <- struct{}{}:
	default:
	}
}

// stage orders what happened at the same time: one entry may both hold an order and end it.
func stage(h heard) int {
	return slices.Index([]string{ports.ReservedTopic, ports.ExpiringTopic, ports.ReleasedTopic, ports.ConfirmedTopic}, h.Topic)
}

// dice gives choices about an order that are the same whenever they are made.
func (m *Market) dice(order string) *rand.Rand {
	f := fnv.New64a()
	f.Write([]byte(order))
	return rand.New(rand.NewPCG(m.seed, f.Sum64()))
}

// send has an order event sent. m.mu is held.
func (m *Market) send(topic, order string, fields map[string]any) {
	m.sendAs(fmt.Sprintf("%s-%s", topic, order), topic, order, fields)
}

// sendAs has an order event of some id sent. m.mu is held.
func (m *Market) sendAs(id, topic, order string, fields map[string]any) {
	value := map[string]any{"event_id": id, "order_id": order, "occurred_at": time.Now().UnixMilli()}
	for name, v := range fields {
		value[name] = v
	}
	m.sent[topic+" "+order]++
	trace := fmt.Sprintf("00-%032x-%016x-01", len(m.sent)+1, len(order)+1)
	headers := map[string]string{"traceparent": trace, sentAs: id}
	m.sends.tell(map[string]any{"topic": m.site.Prefix + topic, "key": order, "value": value, "headers": headers})
}

func orderID(n int) string { return fmt.Sprintf("order-%04d", n) }

// wanted is what the nth order asks for.
func (m *Market) wanted(n int) []map[string]any {
	d := m.dice("wanted " + orderID(n))
	both := d.IntN(3) == 0 // of both warehouses
	items := []map[string]any{}
	for i := range 1 + d.IntN(3) {
		it := map[string]any{"sku": sku(int(float64(skus) * d.Float64() * d.Float64())), "quantity": 1 + d.IntN(3), "warehouse_id": nil}
		if both || d.IntN(5) == 0 {
			it["warehouse_id"] = warehouses[(i+d.IntN(2))%2]
		}
		items = append(items, it)
	}
	if both {
		first := items[0]
		other := warehouses[0]
		if first["warehouse_id"] == other {
			other = warehouses[1]
		}
		it := map[string]any{"sku": first["sku"], "quantity": 1, "warehouse_id": other}
		if d.IntN(2) == 0 {
			it["sku"] = sku(d.IntN(skus))
		}
		items = append(items, it)
	}
	return items
}

// order sends the nth order: some can't be served, some come twice, some are cancelled
// or picked before they come.
func (m *Market) order(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.overtake(n)
	id := orderID(n)
	d := m.dice("made " + id)
	items := m.wanted(n)
	fields := map[string]any{"items": items}
	if d.IntN(2) == 0 {
		fields["region"] = []string{"south", "north"}[d.IntN(2)]
	}
	if d.IntN(10) == 0 {
		fields["ttl_seconds"] = 4
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

// Trade sends the orders from the nth one on, up to another, at a steady pace.
func (m *Market) Trade(ctx context.Context, n, to int) {
	ticker := time.NewTicker(time.Second / time.Duration(m.PerSecond))
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

// Await waits until all that was sent has come to its end.
func (m *Market) Await() {
	m.t.Helper()
	m.awaitThat(func() []string {
		missing := m.missing()
		if len(missing) == 0 {
			missing = m.missingLevels()
		}
		return missing
	})
}

// awaitThat waits until nothing is missing; m.mu is held while that is asked.
func (m *Market) awaitThat(missing func() []string) {
	m.t.Helper()
	deadline, again := time.NewTimer(3*time.Minute), time.NewTicker(time.Second)
	defer deadline.Stop()
	defer again.Stop()
	for {
		m.mu.Lock()
		left := missing()
		m.mu.Unlock()
		if len(left) == 0 {
			return
		}
		select {
		case <-m.news:
		case <-again.C:
		case <-m.t.Context().Done():
			return
		case <-deadline.C:
			m.t.Fatalf("%d outcomes never came, such as %v\nsender: %s\nlistener: %s", len(left), left[:min(5, len(left))], m.sends.said(), m.hears.said())
		}
	}
}

// missing lists what is still to come. m.mu is held.
func (m *Market) missing() []string {
	var missing []string
	for i := range m.n {
		switch f := m.fate(orderID(i)); {
		case f.reserved+f.rejected == 0:
			missing = append(missing, orderID(i)+": any outcome")
		case f.holds():
			missing = append(missing, orderID(i)+": an end after "+m.told(orderID(i)))
		}
	}
	for id, p := range m.picks {
		if !p.buried() && (!p.inEffect(m.fate(p.order)) || p.underWay(m.orders[p.order])) {
			missing = append(missing, fmt.Sprintf("%s: an effect or a letter after %s", id, m.told(p.order)))
		}
	}
	return missing
}

// missingLevels lists where the newest level that was published is not the sum of outcomes,
// or is not the last one: after a kill older ones come again, and then the newest. m.mu is
// held.
func (m *Market) missingLevels() []string {
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
func (m *Market) levels() (newest, last map[place]outcome) {
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
