package kafka_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"

	"inventory/adapters/kafka"
	"inventory/ports"
)

func TestABacklogIsWhatTheGroupHasNotMarkedAndNobodyHasToReadIt(t *testing.T) {
	cfg := topics(t, 2, "t", "u")
	produce(t, cfg, keyed("test.t", 50)...)
	b, err := kafka.NewBacklog(cfg, "t", "u")
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, b)
	stands := func(of int64) bool {
		records, err := b.Read(within(t))
		if err != nil {
			t.Fatal(err)
		}
		return maps.Equal(records, map[string]int64{"t": of, "u": 0})
	}
	if !stands(50) {
		t.Error("nobody has read yet: all are the backlog")
	}
	var mu sync.Mutex
	stuck := true
	route(t, cfg, &told{}, func(_ context.Context, _ string, rec kafka.Record) error {
		mu.Lock()
		defer mu.Unlock()
		if stuck && string(rec.Value) == "0" {
			return errors.New("registry unreachable")
		}
		return nil
	})
	// The record that is tried again keeps what is behind it in its partition.
	eventually(t, "one partition is done", func() bool { return !stands(50) })
	if stands(0) {
		t.Error("nothing waits though a record is not done")
	}
	mu.Lock()
	stuck = false
	mu.Unlock()
	eventually(t, "all is done", func() bool { return stands(0) })
}

func TestABacklogWithoutABrokerIsTransient(t *testing.T) {
	b, err := kafka.NewBacklog(config([]string{"127.0.0.1:1"}), "t")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is closed
		if records, err := b.Read(t.Context()); ports.ClassOf(err) != ports.Transient || records != nil {
			t.Errorf("found %v, %v", records, err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestABacklogOfATopicThatThereIsNotIsTransient(t *testing.T) {
	cfg := topics(t, 1, "t")
	b, err := kafka.NewBacklog(cfg, "t", "nowhere")
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, b)
	if _, err := b.Read(within(t)); ports.ClassOf(err) != ports.Transient {
		t.Errorf("found %v", err)
	}
}
