package main

import (
	"context"
	"fmt"
	"strings"

	"inventory/adapters/kafka"
	"inventory/app/contract"
	domain "inventory/domain/contract"
)

// examineKafka looks at the topics.
func examineKafka(ctx context.Context, s *settings) (all []finding) {
	if len(s.Brokers) == 0 {
		return []finding{{"kafka", well, "the embedded broker, whose topics serve makes", "brokers", ""}}
	}
	topics, err := kafka.Examine(ctx, s.kafka())
	if err != nil {
		return []finding{unasked("kafka", err, "brokers that answer at --brokers", "start Kafka, or mend --brokers")}
	}
	for _, t := range topics {
		all = append(all, topicFinding(t))
	}
	return all
}

// topicFinding says how a topic is. One whose partitions are others than would be made is as it was
// made; one that a single broker has is lost with it.
func topicFinding(t kafka.FoundTopic) finding {
	found := fmt.Sprintf("%d partitions, replication %d, min.insync.replicas %s", t.HasPartitions, t.HasReplication, known(t.MinInSyncReplicas))
	f := finding{"topic " + t.Name, well, found, fmt.Sprintf("%d partitions, 3 replicas, min.insync.replicas 2", t.Partitions), ""}
	const alter = "kafka-configs --alter --entity-type topics --entity-name %s --add-config min.insync.replicas=2"
	switch {
	case t.HasPartitions == 0:
		f.State, f.Found, f.Fix = wrong, "no such topic", "inventory topics create"
	case t.MinInSyncReplicas > t.HasReplication:
		f.State, f.Fix = wrong, "nothing can be written: "+fmt.Sprintf("kafka-configs --alter --entity-type topics --entity-name %s --add-config min.insync.replicas=%d", t.Name, max(1, t.HasReplication-1))
	case t.HasReplication < 2:
		f.State, f.Fix = noted, "fit for trying it; else kafka-reassign-partitions gives it more replicas"
	case t.MinInSyncReplicas == 1:
		f.State, f.Fix = noted, "what one broker alone has acknowledged is lost with it: "+fmt.Sprintf(alter, t.Name)
	case t.HasPartitions != t.Partitions:
		f.State, f.Fix = noted, "nothing, while it is enough: keys would move. --topic-partitions says what is made"
	}
	return f
}

func known(n int) string {
	if n == 0 {
		return "not to be seen"
	}
	return fmt.Sprint(n)
}

// examineRegistry looks for every version of every schema of this program.
func examineRegistry(ctx context.Context, p *program) (all []finding) {
	if p.settings.RegistryURL == "" {
		return []finding{{"registry", well, "the embedded one, whose schemas serve registers", "a schema registry", ""}}
	}
	const (
		level  = string(domain.FullTransitive)
		wanted = "each version of each of this program's schemas, with " + level + " compatibility"
	)
	client, err := p.settings.newRegistry(p.settings.RegistryURL)
	if err != nil {
		return []finding{unasked("registry", err, wanted, "mend --registry-…")}
	}
	defer client.Close()
	rehearsed, err := contract.Rehearse(ctx, ownSchemas(), ownDir, p.published(client))
	if err != nil {
		return []finding{unasked("registry", err, wanted, "start the registry, or mend --registry-url and what lets this user in")}
	}
	subjects := map[string]string{}
	var order []string
	for _, s := range rehearsed.Steps {
		if _, ok := subjects[s.Subject]; !ok {
			subjects[s.Subject], order = "", append(order, s.Subject)
		}
		if s.ID == 0 {
			subjects[s.Subject] += fmt.Sprintf(", no version %d", s.Version)
		}
	}
	for _, subject := range order {
		f := finding{"subject " + subject, well, "every version, compatibility " + level, wanted, ""}
		has, err := client.Level(ctx, subject)
		switch lacks := strings.TrimPrefix(subjects[subject], ", "); {
		case lacks != "":
			f.State, f.Found, f.Fix = wrong, lacks, "inventory schemas register"
		case err != nil:
			f = unasked(f.Check, err, wanted, "see what the registry says")
		case has != level:
			f.State, f.Found, f.Fix = wrong, "every version, compatibility "+has, "inventory schemas register"
		}
		all = append(all, f)
	}
	return all
}
