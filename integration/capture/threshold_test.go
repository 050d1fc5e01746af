package capture

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/linkedin/goavro/v2"
	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/integration/service"
	"inventory/ports"
	"inventory/schemas"
)

// thresholds hears what is told of low marks, as another team's replenishment does.
type thresholds struct {
	t      *testing.T
	client *kgo.Client
	codec  *goavro.Codec
}

func hearThresholds(t *testing.T, s *service.Site) *thresholds {
	t.Helper()
	_, text := schemas.Avro()[ports.ThresholdTopic].Newest()
	codec, err := goavro.NewCodec(text)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(s.Brokers, ",")...), kgo.ConsumeTopics(s.Prefix+ports.ThresholdTopic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &thresholds{t, client, codec}
}

// expect waits for as many records as are wanted, and fails the test where they are others.
func (h *thresholds) expect(want ...string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	var got []string
	for len(got) < len(want) {
		fetched := h.client.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			h.t.Fatalf("heard %q in %s, expected %q", got, patience, want)
		}
		fetched.EachRecord(func(r *kgo.Record) { got = append(got, h.read(r)) })
	}
	if !slices.Equal(got, want) {
		h.t.Errorf("heard\n %q, expected\n %q", got, want)
	}
}

func (h *thresholds) read(r *kgo.Record) string {
	h.t.Helper()
	const header = 5 // a zero byte and the schema's id
	native, _, err := h.codec.NativeFromBinary(r.Value[header:])
	if err != nil {
		h.t.Fatal(err)
	}
	e, ok := native.(map[string]any)
	if !ok || string(r.Key) != fmt.Sprint(e["sku"], ":", e["warehouse_id"]) {
		h.t.Errorf("a record of %q has the key %q", native, r.Key)
	}
	return fmt.Sprintf("%v %v: %v of %v left", e["threshold"], e["sku"], e["available"], e["on_hand"])
}

// reserve holds units for an order, for some seconds.
func reserve(t *testing.T, p *service.Process, order, sku string, units, seconds int) {
	t.Helper()
	ask(t, p, http.MethodPost, "/inventory/reserve", map[string]any{"order_id": order, "ttl_seconds": seconds, "items": []map[string]any{{"sku": sku, "quantity": units}}})
}

func adjust(t *testing.T, p *service.Process, sku, kind, field string, units int) {
	t.Helper()
	ask(t, p, http.MethodPost, "/inventory/adjust", map[string]any{"sku": sku, "warehouse_id": warehouse, "adjustment_type": kind, field: units})
}

// A SKU for whoever publishes, and each cause in turn.
func TestACrossedThresholdIsToldOnceAndInOrderWhoeverPublishes(t *testing.T) {
	everywhere(t, func(t *testing.T, s *service.Site) {
		direct, cdc := s.With("--publish=direct"), s.With("--publish=cdc")
		if s.Name == "real" {
			if out, err := cdc.Try("topics", "create"); err != nil {
				t.Fatalf("topics create: %v\n%s", err, out)
			}
		}
		var l *listener
		var heard *thresholds
		for n, site := range []*service.Site{direct, cdc} {
			p := site.Start()
			if l == nil {
				l, heard = listen(t, s), hearThresholds(t, s)
				open(t, p)
			}
			var want []string
			sku := "SKU-" + []string{"direct", "cdc"}[n]
			tells := func(what string, after func()) {
				want = append(want, fmt.Sprintf(what, sku))
				after()
			}
			path := "/inventory/warehouses/" + warehouse + "/thresholds/" + sku
			adjust(t, p, sku, "RECEIPT", "qty_delta", 10)
			tells("LOW %s: 10 of 10 left", func() { ask(t, p, http.MethodPut, path, map[string]any{"low_mark": 10}) })
			tells("BACK %s: 10 of 10 left", func() { ask(t, p, http.MethodPut, path, map[string]any{"low_mark": 4}) })
			tells("LOW %s: 4 of 10 left", func() { reserve(t, p, sku+"-1", sku, 6, 3600) })
			reserve(t, p, sku+"-2", sku, 1, 3600)
			tells("OUT %s: 0 of 10 left", func() { reserve(t, p, sku+"-3", sku, 3, 3600) })
			tells("LOW %s: 3 of 10 left", func() { ask(t, p, http.MethodPost, "/inventory/release", map[string]any{"order_id": sku + "-3"}) })
			tells("BACK %s: 6 of 7 left", func() {
				ask(t, p, http.MethodPost, "/inventory/confirm", map[string]any{"order_id": sku + "-1", "items": []map[string]any{{"sku": sku, "quantity": 3}}})
			})
			tells("LOW %s: 2 of 3 left", func() { adjust(t, p, sku, "COUNT", "counted", 3) })
			tells("BACK %s: 19 of 20 left", func() { adjust(t, p, sku, "RECEIPT", "qty_delta", 17) })
			tells("OUT %s: 0 of 20 left", func() { reserve(t, p, sku+"-4", sku, 19, 1) })
			want = append(want, fmt.Sprintf("BACK %s: 19 of 20 left", sku)) // its hold lapses
			heard.expect(want...)
			site.Stop(p)
		}
		s.Read(func(store service.Store) { l.mustSayOnly(wants(t, store)) })
	})
}
