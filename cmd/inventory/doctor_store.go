package main

import (
	"context"
	"errors"
	"strings"

	"inventory/adapters/cassandra"
	"inventory/ports"
)

// ofCassandra says what is wanted of a store, and what mends it.
var ofCassandra = map[string]struct{ wanted, fix string }{
	cassandra.OfTables:      {"every migration of this program, applied", "inventory migrate"},
	cassandra.OfReplication: {"replicas by data centre, some in --cassandra-dc", "ALTER KEYSPACE in cqlsh, then `nodetool rebuild` in that data centre"},
	cassandra.OfNodes:       {"paxos_variant v2, paxos_state_purging repaired, time-outs below ours", "cassandra.yaml of that node, and start it again"},
	cassandra.OfClocks:      {"this machine and the nodes within 2 s of each other", "timedatectl, or chronyc makestep, on the machine that is off"},
}

// examineStore looks at the store as serve does at its start.
func examineStore(ctx context.Context, s *settings) (all []finding) {
	if s.Store != storeCassandra {
		return []finding{{"store", well, s.place() + ": embedded, made by serve", "a store for one process", ""}}
	}
	store, err := cassandra.Open(ctx, s.cassandra())
	if err != nil {
		fix := "inventory migrate, where there is no keyspace; else mend --cassandra-dc, or the user and INVENTORY_CASSANDRA_PASSWORD"
		if errors.Is(err, ports.ErrTransient) {
			fix = "start Cassandra, or mend --cassandra-hosts"
		}
		return []finding{unasked("cassandra", err, "nodes that answer at --cassandra-hosts, and keyspace "+s.Cassandra.Keyspace, fix)}
	}
	defer store.Close()
	all = append(all, finding{"cassandra", well, "keyspace " + s.Cassandra.Keyspace + " at " + strings.Join(s.Cassandra.Hosts, ","), "nodes that answer", ""})
	for _, e := range store.Examine(ctx) {
		of, check := ofCassandra[e.What], "cassandra "+e.What
		if e.Err == nil {
			all = append(all, finding{check, well, "as wanted: " + of.wanted, of.wanted, ""})
			continue
		}
		for line := range strings.Lines(withoutClass(e.Err)) { // each says what is wrong with one thing
			all = append(all, finding{check, wrong, strings.TrimSpace(line), of.wanted, of.fix})
		}
	}
	return all
}
