package main

import (
	"context"
	"fmt"

	"inventory/adapters/kafka"
)

type topicsCmd struct {
	Create topicsCreateCmd `cmd:"" help:"Make the topics that there are not, on --brokers. Safe to run again."`
}

type topicsCreateCmd struct{}

// execute implements command.
func (topicsCreateCmd) execute(ctx context.Context, p *program) error {
	if len(p.settings.Brokers) == 0 {
		return fmt.Errorf("%w: --brokers: expected; the embedded broker's topics are made when it starts", errUsage)
	}
	ctx, cancel := context.WithTimeout(ctx, p.settings.Timeout)
	defer cancel()
	made := 0
	err := kafka.CreateTopics(ctx, p.settings.kafka(), func(text string) {
		made++
		fmt.Fprintln(p.stdout, text)
	})
	if err == nil && made == 0 {
		fmt.Fprintln(p.stdout, "All topics are there.")
	}
	return err
}

type schemasCmd struct {
	Check    schemasCheckCmd    `cmd:"" help:"Tell, offline or against a registry, whether schemas can be read with all earlier versions of them, and these with them (FULL_TRANSITIVE)."`
	Register schemasRegisterCmd `cmd:"" help:"Put the schemas of all events on a registry, with FULL_TRANSITIVE compatibility. Safe to run again."`
	Diff     schemasDiffCmd     `cmd:"" help:"Tell which versions a folder has and a registry has not, and the other way."`
	Pull     schemasPullCmd     `cmd:"" help:"Write the schemas that a registry has into a folder."`
}

// kafka gives the configuration of Kafka's clients.
func (s *settings) kafka() kafka.Config {
	c := kafka.DefaultConfig()
	c.Brokers = s.Brokers
	if len(c.Brokers) == 0 {
		c.Brokers = []string{s.KafkaAddr}
	}
	c.Prefix, c.Group, c.Lanes = s.Topic.Prefix, s.group(), s.Lanes
	c.Partitions, c.Replication = s.Topic.Partitions, s.Topic.Replication
	c.SessionTimeout = s.Session
	c.CaptureTopic = s.captureTopic()
	return c
}
