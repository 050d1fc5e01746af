package seeing

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"inventory/adapters/kafka"
	"inventory/integration/service"
	"inventory/ports"
	inventoryv1 "inventory/schemas/proto/inventory/v1"
	"inventory/schemas/proto/inventory/v1/inventoryv1connect"
)

// patience is how long the test waits until every panel shows something.
const patience = 3 * time.Minute

// ofFleets are panels that one process alone has no numbers for, and what they ask about.
var ofFleets = map[string]string{
	`ledgers.json, "Moving takes", query 2`: "handing over",
}

func TestNoPanelIsEmptyWhileADemoRuns(t *testing.T) {
	st := prometheus(t)
	site := suite.Embedded(t, "--demo", "--publish=cdc", "--hold-ttl=3s", "--hold-warning=1s", "--audit-interval=1s", "--snapshot-bytes=4096", "--dlq-interval=200ms")
	running := site.Start()
	if err := st.Scrape(site.Addr); err != nil {
		t.Fatal(err)
	}
	asked, err := panelQuestions(dashboardsDir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var clients sync.WaitGroup
	defer clients.Wait()
	defer cancel()
	bury(ctx, t, site)
	clients.Go(func() { useAPI(ctx, running.Client()) })
	clients.Go(func() { watch(ctx, site.Addr) })
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for left := asked; ; {
		left = slices.DeleteFunc(slices.Clone(left), func(q question) bool {
			return ofFleets[q.where] != "" || q.shows(ctx, st.PrometheusURL(), running.Client().Base()) == nil
		})
		if len(left) == 0 {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			for _, q := range left {
				t.Errorf("%s: %v", q.where, q.shows(t.Context(), st.PrometheusURL(), running.Client().Base()))
			}
			return
		}
	}
}

// shows is nil where a panel has something to show.
func (q question) shows(ctx context.Context, prometheus, api string) error {
	if q.expr == "" {
		return q.api.shows(ctx, api)
	}
	found, err := query(ctx, prometheus, q.over("15s"))
	if err != nil {
		return err
	}
	for _, s := range found {
		if s.Value[1] != "NaN" {
			return nil
		}
	}
	return fmt.Errorf("%d series, and no number in them: %s", len(found), q.expr)
}

// shows is nil where each column has something in a line, at least.
func (q apiQuestion) shows(ctx context.Context, api string) error {
	var answer any
	if err := ask(ctx, api+strings.ReplaceAll(q.URL, "${sku:percentencode}", "SKU-01"), &answer); err != nil {
		return err
	}
	list, ok := selected(answer, q.Root).([]any)
	if !ok || len(list) == 0 {
		return fmt.Errorf("%s: no list at %s", q.URL, q.Root)
	}
	for _, c := range q.Columns {
		if !slices.ContainsFunc(list, func(line any) bool { return is(c.Type, selected(line, c.Selector)) }) {
			return fmt.Errorf("%s: no line has a %s at %s", q.URL, c.Type, c.Selector)
		}
	}
	return nil
}

// selected is what a selector of Infinity finds: names with dots between.
func selected(value any, selector string) any {
	for name := range strings.SplitSeq(selector, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// is tells whether a value is of a column's type.
func is(kind string, value any) bool {
	switch kind {
	case "number":
		_, ok := value.(float64)
		return ok
	case "timestamp":
		text, _ := value.(string)
		_, err := time.Parse(time.RFC3339Nano, text)
		return err == nil
	default:
		text, _ := value.(string)
		return text != ""
	}
}

// bury sends what can't be read, which becomes a dead letter.
func bury(ctx context.Context, t *testing.T, site *service.Site) {
	t.Helper()
	cfg := kafka.DefaultConfig()
	cfg.Brokers = []string{site.Brokers}
	p, err := kafka.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Send(ctx, kafka.Record{Topic: ports.OrderCreatedTopic, Key: []byte("o-dead"), Value: []byte("no Avro")}); err != nil {
		t.Fatal(err)
	}
}

// useAPI asks for what the demo asks for by Kafka, and for what it asks only once, until ctx ends.
func useAPI(ctx context.Context, client *service.Client) {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for n := 0; ; n++ {
		id := strconv.Itoa(n)
		if n%25 == 0 { // its ledger is taken over
			_, _ = client.Ask(ctx, http.MethodPut, "/inventory/warehouses/SEEING-"+id, nil, map[string]any{"region": "south", "rank": 100})
		}
		// What they answer does not matter: that they were answered is seen by Prometheus, or is missing there.
		for _, a := range []struct {
			path   string
			header service.Header
			body   any
		}{
			{"/inventory/adjust", service.Header{"Idempotency-Key": "seeing-" + id, "Inventory-Actor": "seeing"}, map[string]any{"sku": "SKU-01", "warehouse_id": "HCM", "adjustment_type": "RECEIPT", "qty_delta": 2}},
			{"/inventory/reserve", nil, map[string]any{"order_id": "seeing-" + id, "items": []any{map[string]any{"sku": "SKU-01", "quantity": 1}}}},
			{"/inventory/reserve", nil, map[string]any{"order_id": "seeing-too-much-" + id, "items": []any{map[string]any{"sku": "SKU-01", "quantity": 1_000_000}}}},
			{"/inventory/extend", nil, map[string]any{"order_id": "seeing-" + id, "ttl_seconds": 5}},
		} {
			_, _ = client.Ask(ctx, http.MethodPost, a.path, a.header, a.body)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// watch watches a warehouse until ctx ends.
func watch(ctx context.Context, addr string) {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := inventoryv1connect.NewStockServiceClient(&http.Client{Transport: transport}, "http://"+addr)
	for ctx.Err() == nil {
		stream, err := client.WatchStock(ctx, &inventoryv1.WatchStockRequest{WarehouseId: "HCM"})
		if err != nil {
			continue
		}
		for stream.Receive() { // what it says is the matter of other tests
		}
		_ = stream.Close()
	}
}
