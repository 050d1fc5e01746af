package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// Topic is a topic that the service needs.
type Topic struct {
	Name        string // with the deployment's prefix
	Partitions  int
	Replication int
	Settings    map[string]string // that differ from the broker's
}

// notesSegment is how long notes are appended to one file: compaction leaves that one alone, and
// running jobs tell of their progress every second.
const notesSegment = time.Hour

// captureRetention is how long captured rows are kept: what is older, and was not read, is read
// from the table.
const captureRetention = 24 * time.Hour

// Topics lists the topics of order events, those of their dead letters, that of the notes about
// these, and those of public events. Dead letters may be larger than what they were, and are kept until a person has
// seen to them. Stock levels and totals are compacted: the newest of each key stays. So are the notes about
// dead letters, which have one partition, whatever the configuration says: their order counts. The topic of captured rows is listed
// where there is one.
func Topics(cfg Config) []Topic {
	var topics []Topic
	add := func(name string, settings map[string]string) {
		topics = append(topics, Topic{cfg.Prefix + name, cfg.Partitions, cfg.Replication, settings})
	}
	for _, name := range ports.OrderEventTopics() {
		add(name, nil)
		add(name+DeadLetterSuffix, map[string]string{
			"max.message.bytes": strconv.Itoa(brokerBatchLimit + 2*letterRoom),
			"retention.ms":      "-1",
		})
	}
	topics = append(topics, Topic{cfg.Prefix + ports.LetterNotesTopic, 1, cfg.Replication, map[string]string{
		"cleanup.policy": "compact",
		"segment.ms":     strconv.FormatInt(notesSegment.Milliseconds(), 10),
	}})
	for _, name := range ports.PublicEventTopics() {
		var settings map[string]string
		if name == ports.StockLevelTopic || name == ports.GlobalStockTopic {
			settings = map[string]string{"cleanup.policy": "compact"}
		}
		add(name, settings)
	}
	if cfg.CaptureTopic != "" { // one partition, so that what is captured keeps what order it has
		topics = append(topics, Topic{cfg.CaptureTopic, 1, cfg.Replication, map[string]string{
			"retention.ms": strconv.FormatInt(captureRetention.Milliseconds(), 10),
		}})
	}
	return topics
}

// CreateTopics makes the topics that there are not, and tells log of each that it makes or
// that has another number of partitions: that stays as it is, for keys would move.
// When it returns nil the topics can be used. Idempotent. ErrTransient where the brokers can't
// be reached, ErrPermanent where they refuse a topic; the others are made.
func CreateTopics(ctx context.Context, cfg Config, log func(string)) error {
	return withAdmin(ctx, cfg, func(a sarama.ClusterAdmin) error {
		found, err := partitionsOf(a, cfg)
		if err != nil {
			return err
		}
		var errs []error
		for _, t := range Topics(cfg) {
			if n, ok := found[t.Name]; ok {
				tellDifference(t, n, log)
				continue
			}
			errs = append(errs, createTopic(a, t, log))
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
		return awaitTopics(ctx, a, cfg)
	})
}

// Waits before topics that were made are looked for again.
const (
	lookPauseLeast = 20 * time.Millisecond
	lookPauseMost  = time.Second
)

// awaitTopics waits until a broker tells of all topics: it learns of them some time after the
// controller said that they are made. Seen: a second, on one busy node.
func awaitTopics(ctx context.Context, a sarama.ClusterAdmin, cfg Config) error {
	pause := backoff{least: lookPauseLeast, most: lookPauseMost}
	for {
		missing, err := missingTopics(a, cfg)
		if err != nil || len(missing) == 0 {
			return err
		}
		if !pause.wait(ctx, nil) {
			return fmt.Errorf("%w: kafka: made, but not to be seen yet: %s", ports.ErrTransient, strings.Join(missing, ", "))
		}
	}
}

// CheckTopics returns an ErrPermanent that names every topic that is missing and says how to
// make them; ErrTransient where the brokers can't be reached.
func CheckTopics(ctx context.Context, cfg Config) error {
	return withAdmin(ctx, cfg, func(a sarama.ClusterAdmin) error {
		missing, err := missingTopics(a, cfg)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			return fmt.Errorf("%w: kafka: no topic %s: `inventory topics create` makes what is missing", ports.ErrPermanent, strings.Join(missing, ", "))
		}
		return nil
	})
}

// missingTopics names the topics that there are not.
func missingTopics(a sarama.ClusterAdmin, cfg Config) ([]string, error) {
	found, err := partitionsOf(a, cfg)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, t := range Topics(cfg) {
		if _, ok := found[t.Name]; !ok {
			missing = append(missing, t.Name)
		}
	}
	return missing, nil
}

func tellDifference(t Topic, partitions int, log func(string)) {
	if partitions != t.Partitions {
		log(fmt.Sprintf("%s has %d partitions, not %d: left as it is", t.Name, partitions, t.Partitions))
	}
}

func createTopic(a sarama.ClusterAdmin, t Topic, log func(string)) error {
	detail := &sarama.TopicDetail{NumPartitions: int32(t.Partitions), ReplicationFactor: int16(t.Replication), ConfigEntries: map[string]*string{}}
	for name, value := range t.Settings {
		detail.ConfigEntries[name] = &value
	}
	switch err := a.CreateTopic(t.Name, detail, false); {
	case err == nil:
		log(fmt.Sprintf("%s made: %d partitions, replication %d", t.Name, t.Partitions, t.Replication))
		return nil
	case errors.Is(err, sarama.ErrTopicAlreadyExists): // another was quicker
		return nil
	case isRefusal(err) || errors.Is(err, sarama.ErrInvalidReplicationFactor) || errors.Is(err, sarama.ErrInvalidPartitions) || errors.Is(err, sarama.ErrInvalidConfig):
		return fmt.Errorf("%w: kafka: making %s (%d partitions, replication %d): %w", ports.ErrPermanent, t.Name, t.Partitions, t.Replication, err)
	default:
		return fmt.Errorf("%w: kafka: making %s: %w", ports.ErrTransient, t.Name, err)
	}
}

// describe asks what there is of our topics, whose names it gives, too.
func describe(a sarama.ClusterAdmin, cfg Config) (names []string, described []*sarama.TopicMetadata, err error) {
	for _, t := range Topics(cfg) {
		names = append(names, t.Name)
	}
	if described, err = a.DescribeTopics(names); err != nil {
		return nil, nil, fmt.Errorf("%w: kafka: listing topics: %w", ports.ErrTransient, err)
	}
	return names, described, nil
}

// partitionsOf gives the number of partitions of those topics of ours that there are.
func partitionsOf(a sarama.ClusterAdmin, cfg Config) (map[string]int, error) {
	_, described, err := describe(a, cfg)
	if err != nil {
		return nil, err
	}
	found := make(map[string]int, len(described))
	for _, d := range described {
		switch {
		case errors.Is(d.Err, sarama.ErrNoError) || errors.Is(d.Err, sarama.ErrLeaderNotAvailable):
			found[d.Name] = len(d.Partitions)
		case !errors.Is(d.Err, sarama.ErrUnknownTopicOrPartition):
			return nil, sendError("looking at "+d.Name, d.Err)
		}
	}
	return found, nil
}

// withAdmin calls do with a connection, which is cut when ctx ends.
func withAdmin(ctx context.Context, cfg Config, do func(sarama.ClusterAdmin) error) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	bound, cancel := context.WithCancel(ctx)
	defer cancel()
	err := asAdmin(cfg.Brokers, bind(bound, clientConfig(cfg, administering)), do)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("kafka: %s: %w", strings.Join(cfg.Brokers, ", "), ctx.Err())
	}
	return err
}

func asAdmin(brokers []string, s *sarama.Config, do func(sarama.ClusterAdmin) error) (err error) {
	a, err := sarama.NewClusterAdmin(brokers, s)
	if err != nil {
		return fmt.Errorf("%w: kafka: no broker answers at %s: %w", ports.ErrTransient, strings.Join(brokers, ", "), err)
	}
	defer func() {
		if e := a.Close(); err == nil && e != nil {
			err = fmt.Errorf("%w: kafka: closing the connection: %w", ports.ErrTransient, e)
		}
	}()
	return do(a)
}
