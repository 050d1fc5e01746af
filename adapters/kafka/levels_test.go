package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/adapters/kafka"
	"inventory/adapters/kafka/kafkatest"
	"inventory/ports"
)

// levelDecoder reads values of the test: SKU/version. away: the registry is.
type levelDecoder struct{ away *bool }

func (d levelDecoder) DecodeLevel(_ context.Context, value []byte) (l ports.StockLevel, err error) {
	if *d.away {
		return l, fmt.Errorf("%w: the registry is away", ports.ErrTransient)
	}
	if _, err := fmt.Sscanf(strings.Replace(string(value), "/", " ", 1), "%s %d", &l.SKU, &l.Version); err != nil {
		return l, fmt.Errorf("%w: %w", ports.ErrUnreadable, err)
	}
	return l, nil
}

func level(sku string, version int) kafka.Record {
	return kafka.Record{Topic: "test." + ports.StockLevelTopic, Key: []byte(sku), Value: fmt.Appendf(nil, "%s/%d", sku, version)}
}

// reader reads the topic, and remembers the last record of each key.
type reader struct {
	t      *testing.T
	topic  *kafka.LevelTopic
	newest map[string]string
}

func newReader(t *testing.T, cfg kafka.Config, away *bool) *reader {
	topic, err := kafka.NewLevelTopic(cfg, levelDecoder{away})
	if err != nil {
		t.Fatal(err)
	}
	return &reader{t, topic, map[string]string{}}
}

func (r *reader) read() (n int, err error) {
	err = r.topic.Read(within(r.t), func(l ports.PublishedLevel) {
		n++
		switch {
		case l.Err != nil:
			r.newest[l.Key] = "unreadable"
		case l.Level == nil:
			r.newest[l.Key] = "deleted"
		default:
			r.newest[l.Key] = fmt.Sprint(l.Level.Version)
		}
	})
	return n, err
}

// expect reads n records and compares the newest of each key.
func (r *reader) expect(n int, newest map[string]string) {
	r.t.Helper()
	got, err := r.read()
	if err != nil || got != n || !maps.Equal(r.newest, newest) {
		r.t.Fatalf("%d records and then %v expected, found %d and %v, %v", n, newest, got, r.newest, err)
	}
}

func TestStockLevelsAreReadBackUpToTheEndAndThenWhatIsNew(t *testing.T) {
	cfg := topics(t, 4, ports.StockLevelTopic)
	r := newReader(t, cfg, new(bool))
	r.expect(0, map[string]string{})
	var records []kafka.Record
	for version := range 50 {
		for _, sku := range []string{"A", "B", "C", "D", "E"} {
			records = append(records, level(sku, version))
		}
	}
	produce(t, cfg, records...)
	want := map[string]string{"A": "49", "B": "49", "C": "49", "D": "49", "E": "49"}
	r.expect(250, want)
	r.expect(0, want)
	bad := level("C", 51)
	bad.Value = []byte("?")
	gone := level("D", 52)
	gone.Value = nil
	produce(t, cfg, level("B", 50), level("A", 3), bad, gone)
	want["A"], want["B"], want["C"], want["D"] = "3", "50", "unreadable", "deleted"
	r.expect(4, want)
	r.expect(0, want)
}

func TestStockLevelsThatCantBeReadNowAreReadLater(t *testing.T) {
	cfg := topics(t, 1, ports.StockLevelTopic)
	away := true
	r := newReader(t, cfg, &away)
	produce(t, cfg, level("A", 1), level("A", 2))
	if n, err := r.read(); n != 0 || !errors.Is(err, ports.ErrTransient) {
		t.Fatalf("without the registry: %d records, %v", n, err)
	}
	away = false
	r.expect(2, map[string]string{"A": "2"})
}

func TestStockLevelsAreReadFromWhatIsOldestWhereOthersWereDeleted(t *testing.T) {
	cfg := topics(t, 1, ports.StockLevelTopic)
	r := newReader(t, cfg, new(bool))
	produce(t, cfg, level("A", 1))
	r.expect(1, map[string]string{"A": "1"})
	produce(t, cfg, level("A", 2), level("B", 3))
	if err := (kafkatest.Topics{Brokers: cfg.Brokers}).Trim("test."+ports.StockLevelTopic, 0, 2); err != nil {
		t.Fatal(err)
	}
	r.expect(1, map[string]string{"A": "1", "B": "3"})
}

func TestReadingStockLevelsWithoutABrokerIsTransient(t *testing.T) {
	cfg := config([]string{"127.0.0.1:1"})
	if _, err := newReader(t, cfg, new(bool)).read(); ports.ClassOf(err) != ports.Transient {
		t.Errorf("found %v", err)
	}
}

// Others may write in transactions: what was aborted never happened, and the marks of their ends
// are nobody's records, though they may be the last there is.
func TestWhatWasAbortedIsNotReadAndTheEndIsReachedBehindIt(t *testing.T) {
	cfg := topics(t, 1, ports.StockLevelTopic)
	client, err := kgo.NewClient(kgo.SeedBrokers(cfg.Brokers...), kgo.TransactionalID("others"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	r := newReader(t, cfg, new(bool))
	want := map[string]string{}
	for round, end := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit, kgo.TryAbort} {
		if err := client.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		l := level(fmt.Sprint("S", round), round)
		if err := client.ProduceSync(within(t), &kgo.Record{Topic: l.Topic, Key: l.Key, Value: l.Value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		r.expect(0, want) // it has not ended
		if err := client.EndTransaction(within(t), end); err != nil {
			t.Fatal(err)
		}
		if end == kgo.TryCommit {
			want[string(l.Key)] = fmt.Sprint(round)
			r.expect(1, want)
		}
		r.expect(0, want)
	}
	produce(t, cfg, level("A", 7))
	want["A"] = "7"
	r.expect(1, want)
	newReader(t, cfg, new(bool)).expect(2, want)
}
