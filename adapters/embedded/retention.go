package embedded

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	retentionTimeout = 30 * time.Second           // of one look at the data directory
	maxRetention     = 100 * 365 * 24 * time.Hour // what is longer is for ever
)

// keep is what a topic keeps. Below zero: without a limit.
type keep struct {
	age   time.Duration
	bytes int64
}

// keep is what topics keep that don't say so themselves.
func (cfg BrokerConfig) keep() keep {
	if cfg.Retention < 0 {
		return keep{age: -time.Millisecond, bytes: cfg.RetentionBytes}
	}
	return keep{age: cfg.Retention, bytes: cfg.RetentionBytes}
}

// startRetention removes what is too old or too much, now and then, until Close.
func (b *Broker) startRetention(cfg BrokerConfig) {
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	if cfg.DataDir == "" {
		close(b.retained)
		return
	}
	go func() {
		defer close(b.retained)
		tick := time.NewTicker(cfg.retentionTick)
		defer tick.Stop()
		for {
			if err := b.retain(ctx, cfg); err != nil && ctx.Err() == nil {
				cfg.Warn(fmt.Sprintf("embedded broker: could not remove old records: %v; trying again in %s", err, cfg.retentionTick))
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
}

// retain lets the broker drop the files that are too old or too much. Never the newest:
// it tells a restarted broker which offset comes next.
func (b *Broker) retain(ctx context.Context, cfg BrokerConfig) error {
	all, err := partitionsIn(cfg.DataDir)
	if err != nil {
		return err
	}
	several := make(map[string][]partition)
	for _, p := range all {
		if len(p.segments) > 1 {
			several[p.topic] = append(several[p.topic], p)
		}
	}
	if len(several) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, retentionTimeout)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.addr))
	if err != nil {
		return err
	}
	defer client.Close()
	for topic, partitions := range several {
		if err := retainTopic(ctx, client, topic, partitions, cfg); err != nil {
			return fmt.Errorf("topic %s: %w", topic, err)
		}
	}
	return nil
}

func retainTopic(ctx context.Context, client *kgo.Client, topic string, partitions []partition, cfg BrokerConfig) error {
	keep, err := keepOf(ctx, client, topic, cfg.keep())
	if err != nil {
		return err
	}
	for _, p := range partitions {
		start, early := startOf(p.segments, keep, time.Now())
		if start == p.segments[0].base {
			continue
		}
		if early {
			cfg.Warn(fmt.Sprintf("embedded broker: %s, partition %d: removed records before offset %d that are younger than %s: the partition exceeds %d bytes (retention.bytes)",
				topic, p.number, start, keep.age, keep.bytes))
		}
		if err := deleteBefore(ctx, client, topic, p.number, start); err != nil {
			return err
		}
	}
	return nil
}

// startOf is the first offset to keep, and whether what comes before includes what isn't
// too old.
func startOf(segments []segment, keep keep, now time.Time) (start int64, early bool) {
	var total int64
	for _, s := range segments {
		total += s.bytes
	}
	last := len(segments) - 1
	for i, s := range segments[:last] {
		old := keep.age >= 0 && now.Sub(s.modified) > keep.age
		// The file that is being written comes on top.
		much := keep.bytes >= 0 && total-segments[last].bytes > keep.bytes
		if !old && !much {
			return segments[i].base, early
		}
		early = early || !old
		total -= s.bytes
	}
	return segments[last].base, early
}

// keepOf asks for a topic's settings. A compacted topic keeps each key's newest record.
func keepOf(ctx context.Context, client *kgo.Client, topic string, general keep) (keep, error) {
	req := kmsg.NewPtrDescribeConfigsRequest()
	resource := kmsg.NewDescribeConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, topic
	resource.ConfigNames = []string{"cleanup.policy", "retention.ms", "retention.bytes"}
	req.Resources = append(req.Resources, resource)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return keep{}, err
	}
	set := make(map[string]string)
	for _, answer := range resp.Resources {
		if err := kerr.ErrorForCode(answer.ErrorCode); err != nil {
			return keep{}, err
		}
		for _, c := range answer.Configs {
			// kfake gives Kafka's defaults where the topic says nothing, not this broker's.
			if c.Source == kmsg.ConfigSourceDynamicTopicConfig && c.Value != nil {
				set[c.Name] = *c.Value
			}
		}
	}
	return parseKeep(set, general)
}

// parseKeep is what a topic's own settings say, or else what goes for all topics.
func parseKeep(set map[string]string, general keep) (keep, error) {
	if policy := set["cleanup.policy"]; policy != "" && !strings.Contains(policy, "delete") {
		return keep{age: -1, bytes: -1}, nil
	}
	ms, err := setting(set, "retention.ms", general.age.Milliseconds())
	if err != nil {
		return keep{}, err
	}
	bytes, err := setting(set, "retention.bytes", general.bytes)
	if err != nil {
		return keep{}, err
	}
	if ms < 0 || ms > maxRetention.Milliseconds() {
		return keep{age: -1, bytes: bytes}, nil
	}
	return keep{age: time.Duration(ms) * time.Millisecond, bytes: bytes}, nil
}

func setting(set map[string]string, name string, general int64) (int64, error) {
	text, ok := set[name]
	if !ok {
		return general, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is %q, expected a number", name, text)
	}
	return n, nil
}

func deleteBefore(ctx context.Context, client *kgo.Client, topic string, number int32, offset int64) error {
	req := kmsg.NewPtrDeleteRecordsRequest()
	rt := kmsg.NewDeleteRecordsRequestTopic()
	rt.Topic = topic
	rp := kmsg.NewDeleteRecordsRequestTopicPartition()
	rp.Partition, rp.Offset = number, offset
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return err
			}
		}
	}
	return nil
}
