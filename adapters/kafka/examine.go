package kafka

import (
	"context"
	"strconv"

	"github.com/IBM/sarama"
)

// FoundTopic is a topic that the service needs, and how the brokers have it.
type FoundTopic struct {
	Topic                 // as it is wanted
	HasPartitions     int // 0: there is no such topic
	HasReplication    int // of the partition with the fewest replicas
	MinInSyncReplicas int // 0: the brokers don't say
}

const minInSync = "min.insync.replicas"

// Examine tells how the brokers have the topics of Topics, in the same order. It changes nothing. ErrTransient
// where the brokers can't be asked.
func Examine(ctx context.Context, cfg Config) (all []FoundTopic, err error) {
	err = withAdmin(ctx, cfg, func(a sarama.ClusterAdmin) error {
		all, err = examine(a, cfg)
		return err
	})
	return all, err
}

func examine(a sarama.ClusterAdmin, cfg Config) ([]FoundTopic, error) {
	names, described, err := describe(a, cfg)
	if err != nil {
		return nil, err
	}
	byName := map[string]*sarama.TopicMetadata{}
	for _, d := range described {
		byName[d.Name] = d
	}
	inSync := minInSyncOf(a, names)
	var all []FoundTopic
	for _, t := range Topics(cfg) {
		found := FoundTopic{Topic: t}
		if d := byName[t.Name]; d != nil && len(d.Partitions) > 0 {
			found.HasPartitions, found.HasReplication = len(d.Partitions), len(d.Partitions[0].Replicas)
			for _, p := range d.Partitions {
				found.HasReplication = min(found.HasReplication, len(p.Replicas))
			}
			found.MinInSyncReplicas = inSync[t.Name]
		}
		all = append(all, found)
	}
	return all, nil
}

// minInSyncOf asks for a setting that this user may not be let to see: it is missing then.
func minInSyncOf(a sarama.ClusterAdmin, topics []string) map[string]int {
	var asked []*sarama.ConfigResource
	for _, topic := range topics {
		asked = append(asked, &sarama.ConfigResource{Type: sarama.TopicResource, Name: topic, ConfigNames: []string{minInSync}})
	}
	found := map[string]int{}
	results, err := a.DescribeConfigs(asked, sarama.DescribeConfigsOptions{})
	if err != nil {
		return found
	}
	for _, r := range results {
		for _, e := range r.Configs {
			if n, err := strconv.Atoi(e.Value); err == nil && e.Name == minInSync {
				found[r.Name] = n
			}
		}
	}
	return found
}
