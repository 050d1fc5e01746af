package kafka_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"inventory/adapters/kafka"
	"inventory/adapters/kafka/kafkatest"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/ports"
)

func TestLetters(t *testing.T) {
	for _, brokers := range []int{1, 3} {
		t.Run(fmt.Sprint("brokers: ", brokers), func(t *testing.T) {
			addrs := kafkatest.Broker(t, kfake.NumBrokers(brokers))
			n := 0
			kafkatest.Letters(t, func() kafka.Config {
				n++
				cfg := config(addrs)
				cfg.Prefix = fmt.Sprintf("test%d.", n)
				return cfg
			})
		})
	}
}

func TestLettersWithoutABrokerAreTransient(t *testing.T) {
	cfg := config([]string{"127.0.0.1:1"})
	log, err := kafka.NewLetterLog(cfg)
	if err != nil {
		t.Fatal(err)
	}
	notes, err := kafka.NewLetterNotes(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time they are closed
		for call, err := range map[string]error{
			"Read":       log.Read(t.Context(), func(letter.Letter) {}),
			"Fetch":      log.Fetch(t.Context(), []letter.Place{{Topic: ports.OrderCreatedTopic}}, func(int, letter.Letter) {}),
			"Append":     log.Append(t.Context(), []letter.Letter{{Meta: letter.Meta{Place: letter.Place{Topic: ports.OrderCreatedTopic}}}}),
			"read notes": notes.Read(t.Context(), func(letter.Note) {}),
			"notes":      notes.Append(t.Context(), []letter.Note{letter.Audit{}}),
		} {
			if ports.ClassOf(err) != ports.Transient {
				t.Errorf("%s: %v", call, err)
			}
		}
		if log.Close() != nil || notes.Close() != nil {
			t.Error("closing fails")
		}
	}
}

const benched = 100_000

// BenchmarkLetters shows how long 100,000 letters take to be read, and all of them to be fetched
// in chunks that are spread over the partitions.
func BenchmarkLetters(b *testing.B) {
	cfg, log := benchLog(b)
	var letters []letter.Letter
	for i := range benched {
		letters = append(letters, letter.Letter{HasKey: true, Value: make([]byte, 300), Meta: letter.Meta{
			ID: ledger.NewUUIDv5(ledger.Namespace, fmt.Sprint(i)), Key: fmt.Sprintf("order-%09d", i), Code: "UNAVAILABLE", Error: "the store is away",
			Place: letter.Place{Topic: ports.OrderEventTopics()[i%3]},
		}})
	}
	if err := log.Append(b.Context(), letters); err != nil {
		b.Fatal(err)
	}
	var places []letter.Place
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			places = places[:0]
			fresh, err := kafka.NewLetterLog(cfg)
			if err != nil {
				b.Fatal(err)
			}
			if err := fresh.Read(b.Context(), func(l letter.Letter) { places = append(places, l.Place) }); err != nil || len(places) != benched {
				b.Fatalf("%d letters, %v", len(places), err)
			}
			fresh.Close()
		}
	})
	b.Run("read nothing new", func(b *testing.B) {
		if err := log.Read(b.Context(), func(letter.Letter) {}); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := log.Read(b.Context(), func(letter.Letter) { b.Error("new") }); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, step := range map[string]int{"fetch 5000 spread": benched / 5000, "fetch 5000 neighbours": 1, "fetch 1": benched} {
		b.Run(name, func(b *testing.B) {
			var chunk []letter.Place
			for i := 0; i < benched && len(chunk) < 5000; i += step {
				chunk = append(chunk, places[i])
			}
			for b.Loop() {
				n := 0
				if err := log.Fetch(b.Context(), chunk, func(int, letter.Letter) { n++ }); err != nil || n != len(chunk) {
					b.Fatalf("%d letters, %v", n, err)
				}
			}
		})
	}
}

// BenchmarkLetterNotes shows how long 100,000 fates take to be written, and to be read.
func BenchmarkLetterNotes(b *testing.B) {
	cfg, _ := benchLog(b)
	var fates []letter.Note
	job := ledger.NewUUIDv5(ledger.Namespace, "job")
	for i := range benched {
		fates = append(fates, letter.Fate{Letter: ledger.NewUUIDv5(ledger.Namespace, fmt.Sprint(i)), Job: job, Outcome: letter.Applied, Order: fmt.Sprintf("order-%09d", i)})
	}
	notes, err := kafka.NewLetterNotes(cfg)
	if err != nil {
		b.Fatal(err)
	}
	closeAtEnd(b, notes)
	b.Run("append", func(b *testing.B) {
		for b.Loop() {
			if err := notes.Append(b.Context(), fates); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			n := 0
			if err := notes.Read(b.Context(), func(letter.Note) { n++ }); err != nil || n != benched {
				b.Fatalf("%d notes, %v", n, err)
			}
			b.StartTimer()
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			fresh, err := kafka.NewLetterNotes(cfg)
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			if err := fresh.Read(b.Context(), func(letter.Note) { n++ }); err != nil || n%benched != 0 || n == 0 {
				b.Fatalf("%d notes, %v", n, err)
			}
			b.ReportMetric(float64(n), "notes")
			fresh.Close()
		}
	})
}

// benchLog makes all topics, with as many partitions as by default.
func benchLog(b *testing.B) (kafka.Config, *kafka.LetterLog) {
	cfg := config(kafkatest.Broker(b, kfake.NumBrokers(1)))
	cfg.Partitions = kafka.DefaultPartitions
	if err := kafka.CreateTopics(b.Context(), cfg, func(string) {}); err != nil {
		b.Fatal(err)
	}
	log, err := kafka.NewLetterLog(cfg)
	if err != nil {
		b.Fatal(err)
	}
	closeAtEnd(b, log)
	return cfg, log
}
