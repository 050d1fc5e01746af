package kafkatest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/IBM/sarama"

	"inventory/adapters/kafka"
)

// comeAndGo: a third member joins and the second leaves; the first reads on.
func comeAndGo(t *testing.T, g *group) {
	stop := g.flow()
	first, second := g.join("", quickly), g.join("", quickly)
	g.shared(first, second)
	before := map[string][]int32{"t": first.holds("t"), "u": first.holds("u")}
	taken := first.taken()
	g.watch.fresh()
	third := g.join("", quickly)
	g.shared(first, second, third)
	kept := map[string][]int32{"t": first.holds("t"), "u": first.holds("u")}
	second.stop()
	g.shared(first, third)
	stop()
	g.all()
	for topic, partitions := range kept {
		for _, p := range partitions {
			if !slices.Contains(before[topic], p) || !slices.Contains(first.holds(topic), p) {
				t.Errorf("%s[%d] moved: the first member had %v, %v and %v", topic, p, before[topic], partitions, first.holds(topic))
			}
			t.Logf("%s[%d]: nothing came for %v at most", topic, p, g.watch.longest(g.cfg.Prefix+topic, p))
		}
	}
	// Two of six a topic stay; the second's share comes in part.
	if n := first.taken() - taken; n != 2 {
		t.Errorf("the first member took up %d partitions, want only the 2 that it gets of the second's: %v", n, first.claims)
	}
}

// restarts: a member with a name is back within its session.
func restarts(t *testing.T, g *group, rests bool) {
	stop := g.flow()
	by := bystand(t, g)
	first, second := g.join("one", quickly), g.join("two", quickly)
	g.shared(first, second)
	generation := by.settled()
	was, taken := [][]int32{first.holds("t"), first.holds("u")}, second.taken()
	first.stop()
	again := g.join("one", quickly)
	g.shared(again, second)
	stop()
	g.all()
	if is := [][]int32{again.holds("t"), again.holds("u")}; !slices.EqualFunc(is, was, slices.Equal[[]int32]) {
		t.Errorf("it had %v, and has %v", was, is)
	}
	if second.taken() != taken {
		t.Errorf("the other member took up %d partitions, want none", second.taken()-taken)
	}
	if now := by.settled(); rests && now != generation {
		t.Errorf("generation %d became %d", generation, now)
	}
}

// oneName: of two with one name the later reads, and the other says so, until the name is free.
func oneName(t *testing.T, g *group) {
	first := g.join("one", quickly)
	g.shared(first)
	g.send("t", keys)
	g.all()
	second := g.join("one", quickly)
	g.until("the first says why", func() bool {
		waits := first.router.Waiting()
		return len(waits) == 2 && strings.Contains(waits[0], "FENCED_INSTANCE_ID: another process is \"one.") && strings.Contains(waits[0], "name of its own")
	})
	g.until("it reads nothing", func() bool { return len(first.holds("t"))+len(first.holds("u")) == 0 })
	g.shared(second)
	told := len(first.told())
	g.until("the first goes on saying so", func() bool { return len(first.told()) >= told+4 })
	if n := second.taken(); n != 12 || slices.ContainsFunc(second.told(), isFenced) {
		t.Errorf("the second took up %d partitions, want 12: it was disturbed: %v", n, second.told())
	}
	g.send("t", keys)
	g.all()
	second.stop()
	g.shared(first)
	g.send("t", keys)
	g.all()
}

func isFenced(trouble string) bool { return strings.Contains(trouble, "FENCED_INSTANCE_ID") }

// failing: records that stay failing, with all there is room for behind them, hold up neither
// other partitions nor a rebalance.
func failing(t *testing.T, g *group) {
	var mended atomic.Bool
	stuck := func(_ context.Context, topic string, _ kafka.Record) error {
		if topic == "t" && !mended.Load() {
			return errors.New("not yet")
		}
		return nil
	}
	g.send("t", 40*keys) // beyond the window of each partition
	first := g.join("", stuck)
	g.until("records fail", func() bool { return len(first.router.Waiting()) > 0 })
	g.shared(first)
	taken := first.taken()
	flowing := func() {
		t.Helper()
		n := g.watch.handled()
		g.send("u", keys)
		g.until("the other topic is read", func() bool { return g.watch.handled() >= n+keys })
	}
	flowing()
	began := time.Now()
	second := g.join("", stuck)
	g.shared(first, second)
	if took := time.Since(began); took > g.cfg.RebalanceTimeout {
		t.Errorf("partitions were given up after %v", took)
	}
	flowing()
	if n := first.taken() - taken; n != 0 {
		t.Errorf("the first member took up %d partitions again: %v", n, first.told())
	}
	mended.Store(true)
	g.all()
}

// hanging: while one member waits for a handler before it gives a partition up, others read on.
func hanging(t *testing.T, g *group) {
	first := g.join("", func(ctx context.Context, topic string, _ kafka.Record) error {
		if topic == "t" {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})
	second := g.join("", quickly)
	g.shared(first, second)
	stop := g.flow()
	g.until("records flow", func() bool { return g.watch.handled() > 10*keys })
	g.watch.fresh()
	began := time.Now()
	third := g.join("", quickly)
	g.shared(first, second, third)
	if took := time.Since(began); took < g.cfg.DrainTimeout {
		t.Fatalf("shared out after %v: nobody waited for the handler", took)
	}
	for _, topic := range g.topics {
		for _, p := range second.holds(topic) {
			if gap := g.watch.longest(g.cfg.Prefix+topic, p); gap > g.cfg.DrainTimeout/2 {
				t.Errorf("%s[%d]: nothing was read for %v", topic, p, gap)
			}
		}
	}
	stop()
	first.stop()
	g.all()
}

// bystander is a member that reads a topic of its own, and sees the group's generation.
type bystander struct {
	g       *group
	session atomic.Pointer[sarama.ConsumerGroupSession]
}

func bystand(t *testing.T, g *group) *bystander {
	t.Helper()
	topic := g.cfg.Prefix + "aside"
	if err := (Topics{g.cfg.Brokers}).Create(topic, 1); err != nil {
		t.Fatal(err)
	}
	cfg := clientConfig()
	cfg.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyCooperativeSticky()}
	cfg.Consumer.Group.Heartbeat.Interval = 100 * time.Millisecond
	c, err := sarama.NewConsumerGroup(g.cfg.Brokers, g.cfg.Group, cfg)
	if err != nil {
		t.Fatal(err)
	}
	b := &bystander{g: g}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Consume(ctx, []string{topic}, b) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, c.Close()); err != nil {
			t.Error(err)
		}
	})
	return b
}

// settled waits until the generation has not changed for longer than members take to notice.
func (b *bystander) settled() int32 {
	b.g.t.Helper()
	generation, since := int32(-1), time.Now()
	b.g.until("the group is settled", func() bool {
		if s := b.session.Load(); s == nil || (*s).GenerationID() != generation {
			if since = time.Now(); s != nil {
				generation = (*s).GenerationID()
			}
			return false
		}
		return time.Since(since) > 3*time.Second
	})
	return generation
}

// Setup implements sarama.ConsumerGroupHandler; so does what follows.
func (b *bystander) Setup(s sarama.ConsumerGroupSession) error {
	b.session.Store(&s)
	return nil
}

func (b *bystander) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (b *bystander) ConsumeClaim(_ sarama.ConsumerGroupSession, c sarama.ConsumerGroupClaim) error {
	for range c.Messages() {
	}
	return nil
}
