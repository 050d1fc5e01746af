package kafka_test

import (
	"errors"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/twmb/franz-go/pkg/kfake"

	"inventory/adapters/kafka"
	"inventory/adapters/kafka/kafkatest"
)

// subscribe reads test.t until the test ends.
func subscribe(t *testing.T, cfg kafka.Config, o *told) (*kafka.Subscriber, <-chan *message.Message) {
	t.Helper()
	s, err := kafka.NewSubscriber(cfg, kafka.Events{Trouble: o.Trouble})
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, s)
	messages, err := s.Subscribe(t.Context(), "test.t")
	if err != nil {
		t.Fatal(err)
	}
	return s, messages
}

func next(t *testing.T, messages <-chan *message.Message) *message.Message {
	t.Helper()
	select {
	case m, ok := <-messages:
		if !ok {
			t.Fatal("the messages have ended")
		}
		return m
	case <-within(t).Done():
		t.Fatal("no message came")
		return nil
	}
}

// keyed makes n records with keys of their own.
func keyed(topic string, n int) []kafka.Record {
	records := make([]kafka.Record, n)
	for i := range records {
		id := strconv.Itoa(i)
		records[i] = kafka.Record{Topic: topic, Key: []byte("k" + id), Value: []byte(id)}
	}
	return records
}

func TestWhatIsNotAckedComesAgainToTheNextReader(t *testing.T) {
	cfg := topics(t, 1, "t")
	produce(t, cfg,
		kafka.Record{Topic: "test.t", Key: []byte("k"), Value: []byte("0")},
		kafka.Record{Topic: "test.t", Value: []byte("1")}, // without a key, it has a lane that no key has
		kafka.Record{Topic: "test.t", Key: []byte("k"), Value: []byte("2")})
	var o told
	s, messages := subscribe(t, cfg, &o)
	var held *message.Message
	for range 3 {
		if m := next(t, messages); string(m.Payload) == "1" {
			held = m
		} else {
			m.Ack()
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if held.Context().Err() == nil {
		t.Error("the handler of what was not acked was not told to end")
	}
	if _, open := <-messages; open {
		t.Error("a message came after Close")
	}
	if n := committed(t, cfg, 0); n != 1 {
		t.Errorf("committed %d, want 1", n)
	}
	if _, err := s.Subscribe(t.Context(), "test.t"); !errors.Is(err, kafka.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	_, messages = subscribe(t, cfg, &o)
	again := map[string]bool{}
	for range 2 {
		m := next(t, messages)
		again[string(m.Payload)] = true
		m.Ack()
	}
	if !again["1"] || !again["2"] {
		t.Errorf("came again: %v, want 1 and 2", again)
	}
}

func TestReadingBeginsWhenTheTopicIsMade(t *testing.T) {
	cfg := topics(t, 1, "other")
	var o told
	_, messages := subscribe(t, cfg, &o)
	eventually(t, "told what to do", func() bool { return o.has("test.t", "inventory topics create") })
	if err := (kafkatest.Topics{Brokers: cfg.Brokers}).Create("test.t", 1); err != nil {
		t.Fatal(err)
	}
	produce(t, cfg, keyed("test.t", 1)...)
	next(t, messages).Ack()
}

func TestReadingGoesOnWhenTheBrokerComesBack(t *testing.T) {
	port, dir := freePort(t), t.TempDir()
	start := func() *kfake.Cluster {
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(dir), kfake.SyncWrites(), kfake.SeedTopics(1, "test.t"))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	broker := start()
	cfg := config(broker.ListenAddrs())
	produce(t, cfg, keyed("test.t", 2)...)
	var o told
	_, messages := subscribe(t, cfg, &o)
	next(t, messages).Ack()
	next(t, messages).Ack()
	eventually(t, "committed", func() bool { return committed(t, cfg, 0) == 2 })
	broker.Close()
	eventually(t, "told of the broker's absence", func() bool { return len(o.all()) > 0 })
	broker = start()
	defer broker.Close()
	produce(t, cfg, kafka.Record{Topic: "test.t", Key: []byte("late"), Value: []byte("late")})
	m := next(t, messages)
	if string(m.Payload) != "late" {
		t.Errorf("came %s, want late", m.Payload)
	}
	m.Ack()
}

func TestASecondReaderTakesItsShareAndNothingIsLost(t *testing.T) {
	cfg := topics(t, 4, "t")
	const n = 2000
	produce(t, cfg, keyed("test.t", n)...)
	var o told
	_, first := subscribe(t, cfg, &o)
	seen := map[string]int{}
	for range n / 10 {
		m := next(t, first)
		seen[string(m.Payload)]++
		m.Ack()
	}
	_, second := subscribe(t, cfg, &o)
	bySecond := 0
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for len(seen) < n || bySecond == 0 {
		var m *message.Message
		select {
		case m = <-first:
		case m = <-second:
			bySecond++
		case <-deadline.C:
			t.Fatalf("%d of %d records came, %d by the second reader: %v", len(seen), n, bySecond, o.all())
		}
		seen[string(m.Payload)]++
		m.Ack()
		if len(seen) == n && bySecond == 0 {
			produce(t, cfg, keyed("test.t", 100)...) // all was read before the second came
		}
	}
}

func TestAnOffsetThatIsGoneIsToldAndNotSkipped(t *testing.T) {
	cfg := topics(t, 1, "t")
	produce(t, cfg, keyed("test.t", 5)...)
	var o told
	before, messages := subscribe(t, cfg, &o)
	for m := next(t, messages); ; m = next(t, messages) {
		if string(m.Payload) == "0" {
			m.Ack()
			break
		}
	}
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	if err := (kafkatest.Topics{Brokers: cfg.Brokers}).Trim("test.t", 0, 3); err != nil {
		t.Fatal(err)
	}
	s, messages := subscribe(t, cfg, &o)
	eventually(t, "told", func() bool { return o.has("test.t", "not in the log any more") })
	select {
	case m := <-messages:
		t.Errorf("%s came, after records that were lost", m.Payload)
	default:
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if n := committed(t, cfg, 0); n != 1 {
		t.Errorf("the group's offset was moved to %d", n)
	}
}

func TestASubscriberClosesWhileNoBrokerAnswers(t *testing.T) {
	cfg := config([]string{net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(t)))})
	var o told
	s, messages := subscribe(t, cfg, &o)
	eventually(t, "told", func() bool { return len(o.all()) > 0 })
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, open := <-messages; open {
		t.Error("a message out of nowhere")
	}
}

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
