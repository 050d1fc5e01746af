package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"inventory/adapters/kafka"
)

const (
	// patience is how long a test waits for what has to come.
	patience = time.Minute
	keys     = 64 // of records in each topic
)

// group is a consumer group of a test's own, with what flows through it.
type group struct {
	t        *testing.T
	cfg      kafka.Config
	producer *kafka.Producer
	topics   []string // short names
	watch    *watch

	sent    map[string]int // by topic and key: how many
	members int
}

// newGroup makes topics t and u, of six partitions each, and nobody who reads them.
func newGroup(t *testing.T, brokers []string) *group {
	t.Helper()
	cfg := kafka.DefaultConfig()
	cfg.Brokers = brokers
	cfg.Prefix = fmt.Sprintf("group.%d.", time.Now().UnixNano())
	cfg.Group = cfg.Prefix + "g"
	cfg.SessionTimeout = 6 * time.Second // the least that a real broker takes
	cfg.RebalanceTimeout = 10 * time.Second
	cfg.DrainTimeout = 4 * time.Second
	cfg.CommitInterval = 100 * time.Millisecond
	cfg.Lanes, cfg.Window = 8, 64
	g := &group{t: t, cfg: cfg, topics: []string{"t", "u"}, sent: map[string]int{}, watch: newWatch()}
	for _, topic := range g.topics {
		if err := (Topics{brokers}).Create(cfg.Prefix+topic, 6); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if g.producer, err = kafka.NewProducer(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.producer.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// send sends n records to a topic, whose values count each key's from 1.
func (g *group) send(topic string, n int) {
	g.t.Helper()
	records := make([]kafka.Record, n)
	for i := range records {
		key := topic + "-" + strconv.Itoa(i%keys)
		g.sent[key]++
		records[i] = kafka.Record{Topic: g.cfg.Prefix + topic, Key: []byte(key), Value: []byte(strconv.Itoa(g.sent[key]))}
	}
	if err := g.producer.Send(context.WithoutCancel(g.t.Context()), records...); err != nil {
		g.t.Error(err)
	}
}

// flow sends to all topics until stop is called.
func (g *group) flow() (stop func()) {
	ended, running := make(chan struct{}), sync.WaitGroup{}
	running.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			for _, topic := range g.topics {
				g.send(topic, keys)
			}
			select {
			case <-tick.C:
			case <-ended:
				return
			}
		}
	})
	stop = sync.OnceFunc(func() {
		close(ended)
		running.Wait()
	})
	g.t.Cleanup(stop)
	return stop
}

// all waits until all that was sent is handled, and reports what went wrong on the way.
func (g *group) all() {
	g.t.Helper()
	g.until("all handled", func() bool { return g.watch.missing(g.sent) == "" })
	g.watch.report(g.t)
}

// until waits until something holds.
func (g *group) until(what string, holds func() bool) {
	g.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			g.t.Fatalf("not within %v: %s; missing %s", patience, what, g.watch.missing(g.sent))
		}
	}
}

// shared waits until each topic's partitions are shared out evenly among members.
func (g *group) shared(members ...*member) {
	g.t.Helper()
	g.until("partitions shared out", func() bool {
		for _, m := range members {
			for _, topic := range g.topics {
				if len(m.holds(topic)) != 6/len(members) {
					return false
				}
			}
		}
		return true
	})
}

// member is a process's router.
type member struct {
	g      *group
	name   string
	router *kafka.Router
	stop   func() // and wait

	mu       sync.Mutex
	claims   map[string]int // how often a partition was taken up, by topic[partition]
	held     map[string][]int32
	troubles []string
}

// handler acts on a record, beside what the watch sees.
type handler func(ctx context.Context, topic string, rec kafka.Record) error

func quickly(context.Context, string, kafka.Record) error { return nil }

// join runs a router until stop is called; what fails is tried for ever. instance may be empty.
func (g *group) join(instance string, handle handler) *member {
	g.t.Helper()
	g.members++
	m := &member{g: g, name: "m" + strconv.Itoa(g.members), claims: map[string]int{}, held: map[string][]int32{}}
	cfg := g.cfg
	cfg.Instance = instance
	var err error
	m.router, err = kafka.NewRouter(kafka.RouterConfig{
		Kafka: cfg, Topics: g.topics, DeadLetters: noLetters{}, Observer: m, Claimed: m.claimed,
		Verdict: func(error) kafka.Verdict { return kafka.Verdict{Code: "LATER", Retry: true} },
		Handle: func(ctx context.Context, topic string, rec kafka.Record) error {
			return g.watch.handle(m.name, rec, func() error { return handle(ctx, topic, rec) })
		},
	})
	if err != nil {
		g.t.Fatal(err)
	}
	m.run()
	return m
}

func (m *member) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.router.Run(ctx) }()
	m.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			m.g.t.Error(err)
		}
	})
	m.g.t.Cleanup(m.stop)
}

func (m *member) claimed(topic string, partition int32, on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := m.held[topic]
	if on {
		m.claims[fmt.Sprintf("%s[%d]", topic, partition)]++
		m.held[topic] = append(slices.Clone(held), partition)
		return
	}
	m.held[topic] = slices.DeleteFunc(slices.Clone(held), func(p int32) bool { return p == partition })
}

// holds lists the partitions of a topic that it reads.
func (m *member) holds(topic string) []int32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(slices.Values(m.held[topic]))
}

// taken says how often it took up a partition, for all.
func (m *member) taken() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, times := range m.claims {
		n += times
	}
	return n
}

func (m *member) told() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.troubles)
}

// Trouble implements kafka.Observer; so does what follows.
func (m *member) Trouble(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.troubles = append(m.troubles, err.Error())
}

func (*member) Consumed(string, time.Duration, string)     {}
func (*member) Buried(string, string, kafka.Record, error) {}
func (*member) Retrying(string, string, error, int)        {}
func (*member) LanesInUse(int)                             {}

// noLetters is of tests in which nothing is buried.
type noLetters struct{}

// Write implements kafka.Undertaker.
func (noLetters) Write(context.Context, kafka.Letter) error {
	return errors.New("nothing is to be buried")
}
