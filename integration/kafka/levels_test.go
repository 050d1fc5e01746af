package kafka_test

import (
	"context"
	"fmt"
	"testing"

	"inventory/adapters/kafka"
	"inventory/ports"
)

// digits reads values that are a version in digits.
type digits struct{}

func (digits) DecodeLevel(_ context.Context, value []byte) (l ports.StockLevel, err error) {
	_, err = fmt.Sscan(string(value), &l.Version)
	return l, err
}

func TestStockLevelsAreReadBackFromTheCompactedTopic(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cfg := config(t)
	if err := kafka.CreateTopics(ctx, cfg, func(string) {}); err != nil {
		t.Fatal(err)
	}
	p, err := kafka.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	topic, err := kafka.NewLevelTopic(cfg, digits{})
	if err != nil {
		t.Fatal(err)
	}
	newest := map[string]int64{}
	for round := range 3 {
		const keys, versions = 50, 20
		var records []kafka.Record
		for version := range versions {
			for key := range keys {
				value := fmt.Sprint(100*round + version)
				records = append(records, kafka.Record{Topic: cfg.Prefix + ports.StockLevelTopic, Key: fmt.Append(nil, "sku-", key), Value: []byte(value)})
			}
		}
		if err := p.Send(ctx, records...); err != nil {
			t.Fatal(err)
		}
		read := 0
		err := topic.Read(ctx, func(l ports.PublishedLevel) {
			read++
			newest[l.Key] = l.Level.Version
		})
		if err != nil || read != len(records) || len(newest) != keys {
			t.Fatalf("round %d: %d records of %d keys expected, found %d of %d, %v", round, len(records), keys, read, len(newest), err)
		}
		for key, version := range newest {
			if want := int64(100*round + versions - 1); version != want {
				t.Errorf("round %d: %s: version %d expected, found %d", round, key, want, version)
			}
		}
	}
}
