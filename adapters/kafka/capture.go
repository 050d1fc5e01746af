package kafka

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// captureGroup comes after the group's id in that of who publishes what is captured.
const captureGroup = ".capture"

// Capture implements ports.Capture by a topic that Debezium's Cassandra connector writes, in
// JSON. Whoever the group gives the topic to is the one that publishes: all partitions go to
// one member.
type Capture struct {
	cfg     Config
	trouble func(error)
}

var _ ports.Capture = (*Capture)(nil)

// NewCapture makes a Capture of cfg.CaptureTopic; trouble is told what is tried again, and may
// be called from many goroutines. ErrPermanent where the configuration is not valid.
func NewCapture(cfg Config, trouble func(error)) (*Capture, error) {
	if cfg.CaptureTopic == "" {
		return nil, fmt.Errorf("%w: kafka: capture topic: expected the name of one", ports.ErrPermanent)
	}
	cfg.Group += captureGroup
	return &Capture{cfg, trouble}, cfg.Validate()
}

// Follow implements ports.Capture.
func (c *Capture) Follow(ctx context.Context, lead func(context.Context, <-chan string)) error {
	pause := backoff{least: joinPauseLeast, most: joinPauseMost}
	for ctx.Err() == nil {
		led, err := c.member(ctx, lead)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			c.trouble(fmt.Errorf("kafka: %s: %w", c.cfg.CaptureTopic, err))
		}
		if led {
			pause.next = 0
		}
		if !pause.wait(ctx, nil) {
			break
		}
	}
	return nil
}

// member is in the group until that fails or ctx ends. led tells whether it was the one.
func (c *Capture) member(ctx context.Context, lead func(context.Context, <-chan string)) (led bool, err error) {
	connected, cut := endLater(ctx, func() {}, leaveTimeout)
	defer cut()
	group, err := sarama.NewConsumerGroup(c.cfg.Brokers, c.cfg.Group, bind(connected, captureConfig(c.cfg)))
	if err != nil {
		return false, err
	}
	var told sync.WaitGroup
	told.Go(func() {
		for err := range group.Errors() {
			c.trouble(fmt.Errorf("kafka: %s: %w", c.cfg.CaptureTopic, err))
		}
	})
	defer told.Wait()
	defer func() {
		if e := group.Close(); err == nil {
			err = e
		}
	}()
	for ctx.Err() == nil {
		s := &captureSession{topic: c.cfg.CaptureTopic, lead: lead}
		if err := group.Consume(ctx, []string{c.cfg.CaptureTopic}, s); err != nil {
			return led, err
		}
		led = led || s.records != nil
	}
	return led, nil
}

// captureConfig: what is gone from the topic is read from the table, so that no offset is a
// person's decision.
func captureConfig(c Config) *sarama.Config {
	s := clientConfig(c, consuming)
	s.Consumer.Group.ResetInvalidOffsets = true
	s.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{allToOne{}}
	return s
}

// allToOne gives everything to one member.
type allToOne struct{}

var _ sarama.BalanceStrategy = allToOne{}

// Name implements sarama.BalanceStrategy.
func (allToOne) Name() string { return "all-to-one" }

// Plan implements sarama.BalanceStrategy.
func (allToOne) Plan(members map[string]sarama.ConsumerGroupMemberMetadata, topics map[string][]int32) (sarama.BalanceStrategyPlan, error) {
	plan := sarama.BalanceStrategyPlan{}
	if len(members) == 0 {
		return plan, nil
	}
	one := slices.Min(slices.Collect(maps.Keys(members)))
	for topic, partitions := range topics {
		plan.Add(one, topic, partitions...)
	}
	return plan, nil
}

// AssignmentData implements sarama.BalanceStrategy.
func (allToOne) AssignmentData(string, map[string][]int32, int32) ([]byte, error) { return nil, nil }

// captureSession is one session in the group.
type captureSession struct {
	topic   string
	lead    func(context.Context, <-chan string)
	records chan string // nil: another is the one
	ended   chan struct{}
}

var _ sarama.ConsumerGroupHandler = (*captureSession)(nil)

// Setup implements sarama.ConsumerGroupHandler.
func (s *captureSession) Setup(session sarama.ConsumerGroupSession) error {
	if len(session.Claims()[s.topic]) == 0 {
		return nil
	}
	s.records, s.ended = make(chan string, 1024), make(chan struct{})
	go func() {
		defer close(s.ended)
		s.lead(session.Context(), s.records)
	}()
	return nil
}

// Cleanup implements sarama.ConsumerGroupHandler.
func (s *captureSession) Cleanup(sarama.ConsumerGroupSession) error {
	if s.ended != nil {
		<-s.ended
	}
	return nil
}

// ConsumeClaim implements sarama.ConsumerGroupHandler. Offsets need no care: what was taken and
// not published when the session ends is read from the table.
func (s *captureSession) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case m, ok := <-claim.Messages():
			if !ok {
				return nil
			}
			if text, ok := capturedMetadata(m.Value); ok {
				select {
				case s.records <- text:
				case <-session.Context().Done():
					return nil
				}
			}
			session.MarkMessage(m, "")
		case <-session.Context().Done():
			return nil
		}
	}
}

// capturedRow is what is needed of a record of Debezium's Cassandra connector, in JSON without
// schemas.
type capturedRow struct {
	Op    string `json:"op"`
	After struct {
		Metadata struct {
			Value *string `json:"value"`
		} `json:"metadata"`
	} `json:"after"`
}

// capturedMetadata gives the metadata of the row that a record says was inserted. ok is false
// for whatever else there is: no row of ours is changed or deleted, and what can't be read is
// in the table.
func capturedMetadata(value []byte) (text string, ok bool) {
	var r capturedRow
	if json.Unmarshal(value, &r) != nil || r.Op != "i" || r.After.Metadata.Value == nil {
		return "", false
	}
	return *r.After.Metadata.Value, true
}
