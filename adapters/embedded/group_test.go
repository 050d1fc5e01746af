package embedded

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/IBM/sarama"
)

// member consumes topic "orders" in a group, commits each message and passes it on.
type member struct {
	group    sarama.ConsumerGroup
	ended    chan struct{}
	stop     context.CancelFunc
	assigned chan int // the number of partitions, after each rebalance
	messages chan *sarama.ConsumerMessage
}

func join(t *testing.T, addr string, messages chan *sarama.ConsumerMessage) *member {
	t.Helper()
	g, err := sarama.NewConsumerGroup([]string{addr}, "inventory", saramaConfig())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	m := &member{group: g, stop: stop, ended: make(chan struct{}), assigned: make(chan int, 100), messages: messages}
	go func() {
		defer close(m.ended)
		for ctx.Err() == nil {
			_ = g.Consume(ctx, []string{"orders"}, m) // the broker goes away in some tests
		}
	}()
	t.Cleanup(m.leave)
	return m
}

func (m *member) leave() {
	m.stop()
	<-m.ended
	_ = m.group.Close()
}

func (m *member) Setup(s sarama.ConsumerGroupSession) error {
	n := 0
	for _, partitions := range s.Claims() {
		n += len(partitions)
	}
	m.assigned <- n
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (m *member) ConsumeClaim(s sarama.ConsumerGroupSession, c sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, ok := <-c.Messages():
			if !ok {
				return nil
			}
			s.MarkMessage(message, "")
			s.Commit()
			select {
			case m.messages <- message:
			case <-s.Context().Done():
				return nil
			}
		case <-s.Context().Done():
			return nil
		}
	}
}

// await waits until a member has been given n partitions.
func (m *member) await(t *testing.T, n int) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case got := <-m.assigned:
			if got == n {
				return
			}
		case <-deadline:
			t.Fatalf("never got %d partitions", n)
		}
	}
}

func take(t *testing.T, messages chan *sarama.ConsumerMessage, n int) map[string]int {
	t.Helper()
	seen := make(map[string]int)
	deadline := time.After(30 * time.Second)
	for range n {
		select {
		case m := <-messages:
			seen[string(m.Value)]++
		case <-deadline:
			t.Fatalf("got %d messages, expected %d", len(seen), n)
		}
	}
	return seen
}

func saramaProducer(t *testing.T, addr string) sarama.SyncProducer {
	t.Helper()
	p, err := sarama.NewSyncProducer([]string{addr}, saramaConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func send(t *testing.T, p sarama.SyncProducer, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		message := &sarama.ProducerMessage{Topic: "orders", Key: sarama.StringEncoder(fmt.Sprint("order-", i%40)), Value: sarama.StringEncoder(fmt.Sprint(i))}
		if _, _, err := p.SendMessage(message); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
}

func TestAGroupSharesPartitionsAndResumesAfterARestartWhereItWas(t *testing.T) {
	cfg := BrokerConfig{DataDir: filepath.Join(t.TempDir(), "broker")}
	first := startBroker(t, cfg)
	createTopic(t, first.Addr(), "orders", 6, nil)
	send(t, saramaProducer(t, first.Addr()), 0, 100)

	messages := make(chan *sarama.ConsumerMessage)
	one := join(t, first.Addr(), messages)
	one.await(t, 6)
	take(t, messages, 100)
	two := join(t, first.Addr(), messages)
	one.await(t, 3)
	two.await(t, 3)
	send(t, saramaProducer(t, first.Addr()), 100, 200)
	take(t, messages, 100)
	two.leave()
	one.await(t, 6)
	one.leave()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	second := startBroker(t, cfg)
	send(t, saramaProducer(t, second.Addr()), 200, 250)
	three := join(t, second.Addr(), messages)
	three.await(t, 6)
	for value := range take(t, messages, 50) {
		var n int
		if _, err := fmt.Sscan(value, &n); err != nil || n < 200 {
			t.Errorf("message %s again", value)
		}
	}
}

func TestClientsThatStayConnectedGoOnAfterTheBrokerRestarts(t *testing.T) {
	cfg := BrokerConfig{DataDir: filepath.Join(t.TempDir(), "broker")}
	first := startBroker(t, cfg)
	createTopic(t, first.Addr(), "orders", 6, nil)
	producer := saramaProducer(t, first.Addr()) // idempotent
	messages := make(chan *sarama.ConsumerMessage)
	consumer := join(t, first.Addr(), messages)
	consumer.await(t, 6)
	sent := make(chan struct{})
	go func() { defer close(sent); send(t, producer, 0, 60) }()
	take(t, messages, 60)
	<-sent
	cfg.Addr = first.Addr()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	startBroker(t, cfg)
	sent = make(chan struct{})
	go func() { defer close(sent); send(t, producer, 60, 120) }()
	seen := take(t, messages, 60)
	<-sent
	for value, times := range seen {
		if times > 1 {
			t.Errorf("message %s came %d times", value, times)
		}
	}
	if len(seen) != 60 {
		t.Errorf("%d messages, expected 60", len(seen))
	}
	if _, total := offsetsOf(t, cfg.Addr, "orders"); total != 120 {
		t.Errorf("the topic has %d records, expected 120", total)
	}
}

func TestAnIdempotentProducerGoesOnAfterTheBrokerWasKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "broker")
	cfg := BrokerConfig{DataDir: dir}
	first := startBroker(t, cfg)
	createTopic(t, first.Addr(), "orders", 2, nil)
	cfg.Addr = first.Addr()
	producer := saramaProducer(t, first.Addr())
	send(t, producer, 0, 20)
	if err := first.Close(); err != nil { // notes the sequences
		t.Fatal(err)
	}
	second := startChild(t, dir, childAddr+"="+cfg.Addr)
	send(t, producer, 20, 60) // from which these differ
	second.kill()
	startBroker(t, cfg)
	send(t, producer, 60, 80)
	if _, total := offsetsOf(t, cfg.Addr, "orders"); total != 80 {
		t.Errorf("the topic has %d records, expected 80", total)
	}
}
