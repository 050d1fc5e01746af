package main

import (
	"strings"
	"testing"
)

func TestWhoPublishesAndWhatAProcessDoesAreSettings(t *testing.T) {
	cassandra := []string{"--store=cassandra", "--cassandra-hosts=127.0.0.1:1", "--cassandra-dc=dc1"}
	for _, c := range []struct {
		flags []string
		fault string
	}{
		{[]string{"--role=cdc"}, "--store=cassandra"},
		{[]string{"--role=core", "--publish=cdc"}, ""},
		{append([]string{"--role=cdc", "--publish=cdc"}, cassandra...), ""},
		{[]string{"--role=core,cdc"}, ""},
		{[]string{"--role=news"}, "--role"},
		{[]string{"--publish=news"}, "--publish"},
		{[]string{"--capture-lateness=10ms"}, "--capture-lateness"},
		{[]string{"--capture-topic=a b"}, ""}, // nothing captures
		{append([]string{"--publish=cdc", "--capture-topic=a b"}, cassandra...), "capture topic"},
	} {
		_, _, err := try(t, append([]string{"serve", "--print-config"}, c.flags...)...)
		if c.fault == "" && err != nil || c.fault != "" && (err == nil || exitCode(err) != exitUsage || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("%v: %v, expected a fault that names %q", c.flags, err, c.fault)
		}
	}
}

func TestTheTopicOfCapturedRowsIsTheKeyspaces(t *testing.T) {
	s := settings{Store: storeCassandra, Publish: publishCDC, Role: []string{roleAll}}
	s.Cassandra.Keyspace = "shop"
	if got := s.captureTopic(); got != "cdc.shop.events" {
		t.Errorf("topic %q", got)
	}
	s.Capture.Topic = "other"
	if got := s.captureTopic(); got != "other" {
		t.Errorf("topic %q, as it is set", got)
	}
	s.Publish = publishDirect
	if got := s.captureTopic(); got != "" {
		t.Errorf("topic %q, though nothing is captured", got)
	}
	s.Role = []string{roleCDC} // it ends what was left
	if got := s.captureTopic(); got != "other" || !s.publishesCaptured() {
		t.Errorf("topic %q, though the process has the role", got)
	}
}
