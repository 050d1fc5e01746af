package main

import (
	"errors"
	"strings"
	"testing"
)

func TestARedisThatCannotBeRightIsRefused(t *testing.T) {
	onCassandra := []string{"--store=cassandra", "--cassandra-hosts=127.0.0.1:1", "--cassandra-dc=dc1"}
	for _, c := range []struct {
		flags []string
		says  string // empty: all is well
	}{
		{append(onCassandra, "--redis=127.0.0.1:6379,127.0.0.1:6380", "--redis-tls", "--redis-cert=c", "--redis-key=k", "--redis-ca=a"), ""},
		{append(onCassandra, "--redis=127.0.0.1"), "--redis=127.0.0.1: expected HOST:PORT, such as 127.0.0.1:6379"},
		{append(onCassandra, "--redis-ttl=1h"), "--redis-ttl=1h0m0s: expected 100ms to 5m0s"},
		{append(onCassandra, "--redis-tls", "--redis-cert=c"), "--redis-cert and --redis-key: expected both, or neither"},
		{append(onCassandra, "--redis-ca=a"), "expected with --redis-tls"},
		{[]string{"--redis=127.0.0.1:6379"}, "--redis: expected with --store=cassandra"},
	} {
		_, _, err := try(t, append([]string{"serve", "--print-config"}, c.flags...)...)
		if c.says == "" && err != nil || c.says != "" && (!errors.Is(err, errUsage) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%v: %v, expected %q", c.flags, err, c.says)
		}
	}
}
