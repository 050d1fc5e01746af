package global

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/adapters/avro"
	"inventory/adapters/kafka"
	"inventory/adapters/registry"
	"inventory/integration/service"
	"inventory/ports"
)

// Events adds up inventory.events, which say what the ledgers did, and the versions of
// inventory.stock_level: neither ever was on Kafka. Both follow the ledgers within moments.
func (s *Shop) Events() map[string]Total {
	s.t.Helper()
	sums := map[string]Total{}
	s.site.Read(func(store service.Store) {
		for _, sku := range s.skus {
			for id, region := range warehouses {
				one, err := s.fold(store, sku, id)
				if err != nil {
					s.t.Fatal(err)
				}
				sum := sums[sku+":"+region]
				sums[sku+":"+region] = Total{sku, region, sum.OnHand + one.OnHand, sum.Held + one.Held, sum.Available + max(0, one.OnHand-one.Held), sum.Version + one.Version}
			}
		}
	})
	return sums
}

// AwaitEvents waits until inventory.events add up to what the ledgers say: rows are written a little
// later than levels are published.
func (s *Shop) AwaitEvents(want map[string]Total) {
	s.t.Helper()
	var got map[string]Total
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if got = s.Events(); maps.Equal(got, want) {
			return
		}
	}
	s.t.Errorf("inventory.events add up to\n%v, the ledgers say\n%v", got, want)
}

func (s *Shop) fold(store service.Store, sku, warehouse string) (one Total, err error) {
	err = store.Events(s.t.Context(), sku, warehouse, time.Now().Add(time.Hour), func(r ports.EventRow) error {
		switch r.EventType {
		case "HELD":
			one.Held += r.Quantity
		case "RELEASED":
			one.Held -= r.Quantity
		case "CONFIRMED":
			one.Held, one.OnHand = one.Held-r.Quantity, one.OnHand-r.Quantity
		case "ADJUSTED":
			one.OnHand += r.Quantity
		}
		return nil
	})
	if err != nil {
		return one, err
	}
	rows, err := store.Levels(s.t.Context(), sku, warehouse, 1)
	if len(rows) > 0 {
		one.Version = rows[0].Version
	}
	return one, err
}

// records reads all that a topic has.
func (s *Shop) records(topic string) []*kgo.Record {
	s.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(s.site.Brokers, ",")...), kgo.ConsumeTopics(s.site.Prefix+topic))
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var all []*kgo.Record
	for quiet := 0; quiet < 3; {
		poll, done := context.WithTimeout(ctx, 2*time.Second)
		fetched := client.PollFetches(poll)
		done()
		if err := fetched.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			s.t.Fatal(err)
		}
		if quiet++; fetched.NumRecords() > 0 {
			quiet = 0
		}
		all = append(all, fetched.Records()...)
	}
	return all
}

// AwaitTopic waits until the last record of each key is the total, which nobody changes now, and
// looks that a key has one partition.
func (s *Shop) AwaitTopic(want map[string]Total) {
	s.t.Helper()
	topic := s.totals()
	got, partitions := map[string]Total{}, map[string]int32{}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && !maps.Equal(got, want); {
		err := topic.Read(s.t.Context(), func(r ports.PublishedTotal) {
			if p, known := partitions[r.Key]; known && p != r.Partition {
				s.t.Errorf("%s is in partitions %d and %d", r.Key, p, r.Partition)
			}
			partitions[r.Key] = r.Partition
			switch l := r.Total; {
			case r.Err != nil:
				s.t.Errorf("%s: %v", r.Key, r.Err)
			case l == nil:
				delete(got, r.Key)
			case l.Key() != r.Key:
				s.t.Errorf("%s has the key %s", l.Key(), r.Key)
			default:
				got[r.Key] = Total{l.SKU, l.Region, l.OnHand, l.Held, l.Available, l.Version}
			}
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if !maps.Equal(got, want) {
		s.t.Errorf("the topic has\n%v\nthe ledgers say\n%v", got, want)
	}
}

// totals reads the topic of totals.
func (s *Shop) totals() *kafka.GlobalTopic {
	s.t.Helper()
	reg, err := registry.New(registry.Config{URL: s.site.Registry, Timeout: patience})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(reg.Close)
	codec, err := avro.New(reg, avro.Config{Prefix: s.site.Prefix})
	if err != nil {
		s.t.Fatal(err)
	}
	cfg := kafka.DefaultConfig()
	cfg.Brokers, cfg.Prefix = strings.Split(s.site.Brokers, ","), s.site.Prefix
	topic, err := kafka.NewGlobalTopic(cfg, codec)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = topic.Close() }) // it only reads
	return topic
}

// Resend writes levels to their topic once more that are there, as a relay does that was
// paused, or has a new owner: in another order, many of them older than what followed.
func (s *Shop) Resend() {
	s.t.Helper()
	levels := s.records(ports.StockLevelTopic)
	if len(levels) < 100 {
		s.t.Fatalf("%d levels are on the topic: this test shows nothing", len(levels))
	}
	s.dice.Shuffle(len(levels), func(i, j int) { levels[i], levels[j] = levels[j], levels[i] })
	again := make([]*kgo.Record, 0, 2*len(levels))
	for _, r := range slices.Concat(levels, levels[:len(levels)/2]) {
		again = append(again, &kgo.Record{Topic: r.Topic, Partition: r.Partition, Key: r.Key, Value: r.Value, Headers: r.Headers})
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(s.site.Brokers, ",")...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	if err := client.ProduceSync(s.t.Context(), again...).FirstErr(); err != nil {
		s.t.Fatal(err)
	}
}
