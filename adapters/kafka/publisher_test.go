package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"inventory/adapters/kafka"
	"inventory/domain/ledger"
	"inventory/ports"
)

// encoder writes an event's key; events whose key begins with bad can't be encoded.
type encoder struct{}

func (encoder) Encode(_ context.Context, e ports.PublicEvent) ([]byte, error) {
	if strings.HasPrefix(e.Key(), "bad") {
		return nil, fmt.Errorf("%w: does not fit", ports.ErrPermanent)
	}
	if r, ok := e.(ports.Rejected); ok && r.Detail != "" {
		return make([]byte, len(r.Detail)), nil
	}
	return []byte(e.Topic() + "/" + e.Key()), nil
}

func publisher(t *testing.T, cfg kafka.Config) *kafka.Publisher {
	t.Helper()
	p, err := kafka.NewPublisher(cfg, encoder{}, "/inventory/eu", "v1")
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, p)
	return p
}

func reserved(order string) ports.Reserved { return ports.Reserved{OrderID: order} }

func TestAnEventIsACloudEvent(t *testing.T) {
	cfg := topics(t, 4, ports.ReservedTopic)
	e := reserved("o-1")
	e.ID = ledger.NewUUIDv5(ledger.Namespace, "x")
	e.OccurredAt = time.Date(2026, 1, 2, 3, 4, 5, 60_000_000, time.FixedZone("", 3600))
	e.Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	if err := publisher(t, cfg).Publish(t.Context(), []ports.PublicEvent{e}); err != nil {
		t.Fatal(err)
	}
	m := consume(t, cfg, "test.inventory.reserved.v1", 1)[0]
	if string(m.Key) != "o-1" || string(m.Value) != "inventory.reserved.v1/o-1" {
		t.Errorf("key %q, value %q", m.Key, m.Value)
	}
	var got []string
	for _, h := range m.Headers {
		got = append(got, string(h.Key)+"="+string(h.Value))
	}
	want := []string{
		"ce_specversion=1.0", "ce_id=" + e.ID.String(), "ce_source=/inventory/eu", "ce_type=inventory.reserved.v1",
		"ce_time=2026-01-02T02:04:05.060Z", "ce_subject=o-1", "content-type=application/avro", "traceparent=" + e.Trace,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("headers: got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestEventsOfOneKeyArriveInOrderWhateverTheirTopic(t *testing.T) {
	cfg := topics(t, 4, ports.PublicEventTopics()...)
	p := publisher(t, cfg)
	var relays sync.WaitGroup
	const n = 20
	for r := range 4 {
		relays.Go(func() {
			for i := range n {
				order := fmt.Sprintf("o-%d-%d", r, i)
				level := ports.StockLevel{SKU: "s", WarehouseID: strconv.Itoa(r), Version: int64(i)}
				if err := p.Publish(t.Context(), []ports.PublicEvent{reserved(order), level, ports.Released{OrderID: order}, level}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	relays.Wait()
	held, freed := map[string]time.Time{}, map[string]time.Time{}
	for _, m := range consume(t, cfg, "test."+ports.ReservedTopic, 4*n) {
		held[string(m.Key)] = m.Timestamp
	}
	for _, m := range consume(t, cfg, "test."+ports.ReleasedTopic, 4*n) {
		freed[string(m.Key)] = m.Timestamp
	}
	consume(t, cfg, "test."+ports.StockLevelTopic, 4*n*2)
	for order, at := range freed {
		if at.Before(held[order]) {
			t.Errorf("%s was released before it was held", order)
		}
	}
}

// A later event of a key must not be the first one that anybody sees.
func TestNothingOfAKeyIsPublishedAfterWhatFailed(t *testing.T) {
	c, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.SeedTopics(1, "test."+ports.ReservedTopic, "test."+ports.ReleasedTopic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	var mu sync.Mutex
	var tried []string
	refuse := true
	c.ControlKey(0, func(k kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		mu.Lock()
		defer mu.Unlock()
		req := k.(*kmsg.ProduceRequest)
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range req.Topics {
			tried = append(tried, topic.Topic)
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic, rt.TopicID = topic.Topic, topic.TopicID
			for _, part := range topic.Partitions {
				rp := kmsg.NewProduceResponseTopicPartition()
				rp.Partition, rp.ErrorCode = part.Partition, 19 // NOT_ENOUGH_REPLICAS
				rt.Partitions = append(rt.Partitions, rp)
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, refuse
	})
	cfg := config(c.ListenAddrs())
	p := publisher(t, cfg)
	events := []ports.PublicEvent{reserved("o"), ports.Released{OrderID: "o"}}
	if err := p.Publish(t.Context(), events); ports.ClassOf(err) != ports.Transient {
		t.Fatalf("with too few replicas: %v", err)
	}
	mu.Lock()
	for _, topic := range tried {
		if topic == "test."+ports.ReleasedTopic {
			t.Error("the second event was sent although the first had failed")
		}
	}
	refuse = false
	mu.Unlock()
	if err := p.Publish(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	consume(t, cfg, "test."+ports.ReleasedTopic, 1)
}

func TestWhatCanNeverBePublishedIsToldAndNothingAfterItIsPublished(t *testing.T) {
	for name, bad := range map[string]ports.PublicEvent{
		"an event that does not fit its schema": reserved("bad"),
		"an event that is too large":            ports.Rejected{OrderID: "large", Detail: strings.Repeat("x", 1_100_000)},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := topics(t, 1, ports.ReservedTopic, ports.RejectedTopic)
			p := publisher(t, cfg)
			err := p.Publish(t.Context(), []ports.PublicEvent{reserved("before"), bad, reserved("after")})
			if ports.ClassOf(err) != ports.Permanent || !strings.Contains(err.Error(), bad.Key()) {
				t.Fatalf("got %v", err)
			}
			if err := p.Publish(t.Context(), []ports.PublicEvent{reserved("last")}); err != nil {
				t.Fatal(err)
			}
			got := consume(t, cfg, "test."+ports.ReservedTopic, 2)
			if string(got[0].Key) != "before" || string(got[1].Key) != "last" {
				t.Errorf("published: %s, %s", got[0].Key, got[1].Key)
			}
		})
	}
}

func TestPublishingWorksAsSoonAsThereIsABroker(t *testing.T) {
	port, dir := freePort(t), t.TempDir()
	cfg := config([]string{net.JoinHostPort("127.0.0.1", strconv.Itoa(port))})
	p := publisher(t, cfg)
	events := []ports.PublicEvent{reserved("o")}
	if err := p.Publish(t.Context(), events); ports.ClassOf(err) != ports.Transient {
		t.Fatalf("without a broker: %v", err)
	}
	start := func() *kfake.Cluster {
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(dir), kfake.SeedTopics(1, "test."+ports.ReservedTopic))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	publish := func() {
		t.Helper()
		eventually(t, "published", func() bool {
			err := p.Publish(t.Context(), events)
			if err != nil && ports.ClassOf(err) != ports.Transient {
				t.Fatal(err)
			}
			return err == nil
		})
	}
	for range 2 {
		c := start()
		publish()
		c.Close()
		if err := p.Publish(t.Context(), events); ports.ClassOf(err) != ports.Transient {
			t.Fatalf("after the broker went: %v", err)
		}
	}
}

func TestPublishingEndsInTimeWhenABrokerIsSilent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cfg := config([]string{l.Addr().String()})
	p := publisher(t, cfg)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	err = p.Publish(ctx, []ports.PublicEvent{reserved("o")})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

// What a broker did not answer must not be sent again in the background, after newer levels of
// the same key: compaction would keep the older one.
func TestWhatWasGivenUpDoesNotComeAfterWhatIsNewer(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "test."+ports.StockLevelTopic))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var mu sync.Mutex
	silent, silence := true, make(chan struct{})
	c.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		mu.Lock()
		quiet := silent
		mu.Unlock()
		if quiet {
			c.SleepControl(func() { <-silence })
			return nil, errors.New("lost on the way"), true
		}
		return nil, nil, false
	})
	cfg := config(c.ListenAddrs())
	p := publisher(t, cfg)
	level := func(version int64) []ports.PublicEvent {
		return []ports.PublicEvent{ports.StockLevel{SKU: "A", WarehouseID: "W", Version: version}}
	}
	if err := p.Publish(t.Context(), level(1)); ports.ClassOf(err) != ports.Transient {
		t.Fatalf("without an answer: %v", err)
	}
	mu.Lock()
	silent = false
	mu.Unlock()
	eventually(t, "published", func() bool { return p.Publish(t.Context(), level(2)) == nil })
	close(silence)
	if err := p.Close(); err != nil { // what is still tried ends before
		t.Error(err)
	}
	produce(t, cfg, kafka.Record{Topic: "test." + ports.StockLevelTopic, Value: []byte("end")})
	for i, want := range []string{ports.StockLevelTopic + "/A:W", "end"} {
		if got := string(consume(t, cfg, "test."+ports.StockLevelTopic, 2)[i].Value); got != want {
			t.Errorf("record %d: %s, want %s", i, got, want)
		}
	}
}

func TestClosingWhileABrokerIsSilentTakesNoTime(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "test."+ports.ReservedTopic))
	if err != nil {
		t.Fatal(err)
	}
	silence, asked := make(chan struct{}), make(chan struct{}, 100)
	defer close(silence)
	defer c.Close() // before the silence ends: the broker would go on while it closes, and may hang
	c.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		asked <- struct{}{}
		c.SleepControl(func() { <-silence })
		return nil, nil, false
	})
	p := publisher(t, config(c.ListenAddrs()))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	began := time.Now()
	if err := p.Publish(ctx, []ports.PublicEvent{reserved("o")}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestATopicThatIsMissingIsNotMade(t *testing.T) {
	cfg := topics(t, 1, "other")
	err := publisher(t, cfg).Publish(t.Context(), []ports.PublicEvent{reserved("o")})
	if ports.ClassOf(err) != ports.Transient || !strings.Contains(err.Error(), "inventory topics create") {
		t.Errorf("got %v", err)
	}
	if err := kafka.CheckTopics(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "test."+ports.ReservedTopic) {
		t.Errorf("then: %v", err)
	}
}

func TestManyPublishersShareRequestsAndOneIsNotDelayed(t *testing.T) {
	cfg := topics(t, 4, ports.ReservedTopic)
	p := publisher(t, cfg)
	if err := p.Publish(t.Context(), []ports.PublicEvent{reserved("warm")}); err != nil {
		t.Fatal(err)
	}
	const publishers, each = 64, 20
	began := time.Now()
	var all sync.WaitGroup
	for i := range publishers {
		all.Go(func() {
			for j := range each {
				if err := p.Publish(t.Context(), []ports.PublicEvent{reserved(fmt.Sprintf("o-%d-%d", i, j))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	t.Logf("%d publishers: %.0f events/s", publishers, publishers*each/time.Since(began).Seconds())
	began = time.Now()
	for i := range 20 {
		if err := p.Publish(t.Context(), []ports.PublicEvent{reserved(strconv.Itoa(i))}); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("one publisher: %v an event", time.Since(began)/20)
}
