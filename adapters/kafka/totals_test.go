package kafka_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"inventory/adapters/kafka"
	"inventory/ports"
)

// totalCodec writes and reads values of the test: SKU/region/version. away: the registry is.
type totalCodec struct{ away *bool }

func (totalCodec) Encode(_ context.Context, e ports.PublicEvent) ([]byte, error) {
	t := e.(ports.GlobalStock)
	return fmt.Appendf(nil, "%s/%s/%d", t.SKU, t.Region, t.Version), nil
}

func (c totalCodec) DecodeTotal(_ context.Context, value []byte) (t ports.GlobalStock, err error) {
	if *c.away {
		return t, fmt.Errorf("%w: the registry is away", ports.ErrTransient)
	}
	if _, err := fmt.Sscanf(strings.ReplaceAll(string(value), "/", " "), "%s %s %d", &t.SKU, &t.Region, &t.Version); err != nil {
		return t, fmt.Errorf("%w: %w", ports.ErrUnreadable, err)
	}
	return t, nil
}

func TestTotalsAreReadBackWithWhoAddedThemUp(t *testing.T) {
	cfg := topics(t, 4, ports.GlobalStockTopic)
	codec := totalCodec{new(bool)}
	p, err := kafka.NewPublisher(cfg, codec, "/inventory", "v1")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	topic, err := kafka.NewGlobalTopic(cfg, codec)
	if err != nil {
		t.Fatal(err)
	}
	defer topic.Close()
	read := func() (all []string, err error) {
		err = topic.Read(within(t), func(r ports.PublishedTotal) {
			switch {
			case r.Err != nil:
				all = append(all, r.Key+" unreadable")
			case r.Total == nil:
				all = append(all, r.Key+" deleted")
			default:
				all = append(all, fmt.Sprintf("%s %d by %q", r.Key, r.Total.Version, r.Total.Aggregator))
			}
		})
		slices.Sort(all)
		return all, err
	}
	expect := func(want ...string) {
		t.Helper()
		if got, err := read(); err != nil || !slices.Equal(got, want) {
			t.Fatalf("read %q, %v; expected %q", got, err, want)
		}
	}
	expect()
	if err := p.Publish(within(t), []ports.PublicEvent{
		ports.GlobalStock{SKU: "A", Region: "south", Version: 7, Aggregator: "one"}, ports.GlobalStock{SKU: "A", Region: "north", Version: 3, Aggregator: "two"},
	}); err != nil {
		t.Fatal(err)
	}
	expect(`A:north 3 by "two"`, `A:south 7 by "one"`)
	record := func(key, value string) kafka.Record {
		r := kafka.Record{Topic: "test." + ports.GlobalStockTopic, Key: []byte(key)}
		if value != "" {
			r.Value = []byte(value)
		}
		return r
	}
	produce(t, cfg, record("A:south", "A/south/8"), record("B:south", "?"), record("C:south", ""))
	*codec.away = true
	if _, err := read(); ports.ClassOf(err) != ports.Transient {
		t.Errorf("without the registry: %v", err)
	}
	*codec.away = false
	// What deletes its key needs no registry, and may have come before.
	got, err := read()
	if err != nil || !slices.Contains(got, `A:south 8 by ""`) || !slices.Contains(got, "B:south unreadable") {
		t.Errorf("read %q, %v", got, err)
	}
	expect()
}
