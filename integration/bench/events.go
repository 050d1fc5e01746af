package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/adapters/avro"
	"inventory/adapters/kafka"
	"inventory/adapters/registry"
	"inventory/adapters/system"
	"inventory/integration/service"
	"inventory/integration/stack"
	"inventory/ports"
)

// upstreamLinger is how long the client gathers what it sends, and the broker what it hears:
// a client that sent and fetched single records would be most of what is measured.
const upstreamLinger = 5 * time.Millisecond

// eventSite is where events go: topics of one measurement, and their codec.
type eventSite struct {
	kafka    kafka.Config
	registry *registry.Client
	codec    *avro.Codec
}

// newEventSite makes topics and schemas under a prefix of its own.
func newEventSite(ctx context.Context) (*eventSite, error) {
	servers, ok := stack.FromEnv()
	if !ok || len(servers.Brokers()) == 0 || servers.RegistryURL() == "" {
		return nil, errors.New("no Kafka, or no registry: run it as make bench-hot, which starts them")
	}
	s := &eventSite{kafka: kafka.DefaultConfig()}
	s.kafka.Brokers = servers.Brokers()
	s.kafka.Prefix = "bench-" + system.NewUUID().String()[:8] + "."
	s.kafka.Group = s.kafka.Prefix + "inventory"
	var err error
	if s.registry, err = registry.New(registry.Config{URL: servers.RegistryURL()}); err != nil {
		return nil, err
	}
	if s.codec, err = avro.New(s.registry, avro.Config{Prefix: s.kafka.Prefix}); err != nil {
		return nil, err
	}
	quiet := func(string) {}
	return s, errors.Join(kafka.CreateTopics(ctx, s.kafka, quiet), avro.Register(ctx, s.registry, s.kafka.Prefix, quiet))
}

// upstream sends order events and waits for their outcomes, as another team's service.
type upstream struct {
	client *kgo.Client
	events *service.CreatedEvents
	ended  sync.WaitGroup

	mu      sync.Mutex
	waiting map[string]chan struct{}
}

func newUpstream(ctx context.Context, s *eventSite) (*upstream, error) {
	events, err := service.NewCreatedEvents(ctx, s.registry, s.kafka.Prefix)
	if err != nil {
		return nil, err
	}
	u := &upstream{events: events, waiting: map[string]chan struct{}{}}
	u.client, err = kgo.NewClient(
		kgo.SeedBrokers(s.kafka.Brokers...), kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerLinger(upstreamLinger),
		kgo.ConsumeTopics(s.kafka.Prefix+ports.ReservedTopic, s.kafka.Prefix+ports.RejectedTopic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMinBytes(64<<10), kgo.FetchMaxWait(2*upstreamLinger),
	)
	if err != nil {
		return nil, err
	}
	u.ended.Go(u.listen)
	return u, nil
}

func (u *upstream) close() {
	u.client.Close()
	u.ended.Wait()
}

// listen tells those who wait of the outcomes that come. An outcome is known by its key.
func (u *upstream) listen() {
	for {
		fetches := u.client.PollFetches(context.Background())
		if fetches.IsClientClosed() {
			return
		}
		u.mu.Lock()
		fetches.EachRecord(func(r *kgo.Record) {
			if outcome, ok := u.waiting[string(r.Key)]; ok {
				delete(u.waiting, string(r.Key))
				close(outcome)
			}
		})
		u.mu.Unlock()
	}
}

// order sends an order for one unit and waits for its outcome.
func (u *upstream) order(ctx context.Context, id, sku string) error {
	return u.send(ctx, id, service.CreatedItem{SKU: sku, Quantity: 1})
}

// send sends an order for an item and waits for its outcome.
func (u *upstream) send(ctx context.Context, id string, item service.CreatedItem) error {
	record, err := u.events.Record(id, item)
	if err != nil {
		return err
	}
	outcome := make(chan struct{})
	u.mu.Lock()
	u.waiting[id] = outcome
	u.mu.Unlock()
	failed := make(chan error, 1)
	u.client.Produce(ctx, record, func(_ *kgo.Record, err error) {
		if err != nil {
			failed <- err
		}
	})
	select {
	case <-outcome:
		return nil
	case err := <-failed:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// consumer acts on order events until it is stopped.
type consumer interface {
	stop() error
}

// measureEvents measures a way of consuming order events: from the event that is sent to the
// outcome that is heard.
func (w *ways) measureEvents(ctx context.Context, name string, l load, d time.Duration, consume func(context.Context, *ways, *eventSite) (consumer, error)) (r result, err error) {
	s, err := newEventSite(ctx)
	if err != nil {
		return r, err
	}
	defer s.registry.Close()
	c, err := consume(ctx, w, s)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	u, err := newUpstream(ctx, s)
	if err != nil {
		return r, err
	}
	defer u.close()
	// The first orders wait until partitions are assigned.
	if _, err := drive(ctx, 24, time.Second, func(ctx context.Context, _ int) error {
		return u.order(ctx, w.next(), sku(rand.IntN(w.o.skus)))
	}, w.settled(false)); err != nil {
		return r, err
	}
	stopProfile, err := w.profile(load{"events-" + name + "-" + l.name, l.skus, l.callers})
	if err != nil {
		return r, err
	}
	defer stopProfile()
	return drive(ctx, l.callers, d, func(ctx context.Context, _ int) error {
		return u.order(ctx, w.next(), sku(rand.IntN(l.skus)))
	}, w.settled(true))
}

// settled waits until every derived row is written, where there are any.
func (w *ways) settled(wait bool) func(context.Context) error {
	return func(ctx context.Context) error {
		if !wait {
			return nil
		}
		return w.relayed(ctx)
	}
}

func (o options) eventLoads() []load {
	return []load{{"one hot SKU", 1, o.inFlight}, {fmt.Sprintf("%d SKUs", o.skus), o.skus, o.inFlight}}
}

// eventWay is a way of consuming order events.
type eventWay struct {
	name    string
	consume func(context.Context, *ways, *eventSite) (consumer, error)
}

var eventWays = [2]eventWay{{"ledgers", consumeOurs}, {"stock", consumePlain}}

func (way eventWay) measure(ctx context.Context, o options, l load, d time.Duration) (r result, err error) {
	err = onFreshStore(ctx, o, func(w *ways) (err error) {
		r, err = w.measureEvents(ctx, way.name, l, d, way.consume)
		return err
	})
	if err != nil {
		return r, fmt.Errorf("%s: %w", way.name, err)
	}
	return r, nil
}

// warmEvents lets the broker's compiler see what is measured; the store's has seen it.
func warmEvents(ctx context.Context, o options) error {
	o.profile = ""
	for n := range 4 {
		if _, err := eventWays[0].measure(ctx, o, o.eventLoads()[n%2], 6*time.Second); err != nil {
			return err
		}
	}
	return nil
}

// compareEvents measures both ways of consuming under each load, in turn.
func compareEvents(ctx context.Context, out io.Writer, o options) error {
	fmt.Fprintf(out, "\nfrom the order event on Kafka to its outcome on Kafka, %d orders under way, %d partitions\n\n", o.inFlight, kafka.DefaultPartitions)
	if err := warmEvents(ctx, o); err != nil {
		return err
	}
	printColumns(out)
	for _, l := range o.eventLoads() {
		var ratios []float64
		for range o.rounds {
			var pair [2]result
			for i, way := range eventWays {
				var err error
				if pair[i], err = way.measure(ctx, o, l, o.length); err != nil {
					return err
				}
				printRow(out, way.name, l, pair[i])
				if !o.plain {
					break
				}
			}
			if o.plain {
				ratios = append(ratios, pair[0].perSecond()/pair[1].perSecond())
			}
		}
		if len(ratios) > 0 {
			printRatio(out, l, ratios)
		}
	}
	return nil
}
