package cassandra

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/ports"
)

const cqlSettings = `SELECT name, value FROM system_views.settings WHERE name IN (` +
	`'paxos_variant', 'paxos_state_purging', 'max_mutation_size', ` +
	`'batch_size_warn_threshold', 'unlogged_batch_across_partitions_warn_threshold', ` +
	`'read_request_timeout', 'write_request_timeout', 'cas_contention_timeout')`

// limits is what the nodes take without refusing or complaining.
type limits struct {
	// entry is the largest body of an entry, in bytes. A mutation that is a few bytes too large
	// is the worst that can happen to a ledger: Paxos accepts it and can then never commit it,
	// so that every later transaction of the partition fails. Hence a wide margin.
	entry int
	// batchBytes and batchPartitions bound batches over several partitions: for a larger one
	// the server logs a warning each time, and refuses one ten times as large.
	batchBytes      int
	batchPartitions int
}

// What is assumed of a server whose settings can't be read: half of what the smallest
// commit-log segments in use allow, and Cassandra's defaults.
var assumedLimits = limits{entry: 1 << 20, batchBytes: 4 << 10, batchPartitions: 10}

// readLimits asks all nodes that are up and takes the least.
func (s *Store) readLimits(ctx context.Context) (limits, error) {
	var least *limits
	for _, host := range s.nodes() {
		settings, err := s.settings(ctx, host)
		if errors.Is(err, gocql.ErrNoConnections) {
			continue
		}
		if isPermanent(err) { // no right to look: Check says so if it matters
			return assumedLimits, nil
		}
		if err != nil {
			return limits{}, readError("settings of "+name(host), err)
		}
		node := limitsOf(settings)
		if least == nil {
			least = &node
		}
		least.entry = min(least.entry, node.entry)
		least.batchBytes = min(least.batchBytes, node.batchBytes)
		least.batchPartitions = min(least.batchPartitions, node.batchPartitions)
	}
	if least == nil {
		return limits{}, fmt.Errorf("settings: %w: no node of data centre %s is up", ports.ErrTransient, s.cfg.DC)
	}
	return *least, nil
}

func limitsOf(settings map[string]string) limits {
	l := assumedLimits
	if n, err := parseSize(settings["max_mutation_size"]); err == nil {
		l.entry = n / 4 * 3
	}
	if n, err := parseSize(settings["batch_size_warn_threshold"]); err == nil {
		l.batchBytes = n / 10 * 9
	}
	if n, err := strconv.Atoi(settings["unlogged_batch_across_partitions_warn_threshold"]); err == nil {
		l.batchPartitions = max(n, 1)
	}
	return l
}

// parseSize reads a size as the server writes it, such as 16384KiB, in bytes.
func parseSize(s string) (int, error) {
	units := []struct {
		suffix string
		shift  int
	}{{"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"B", 0}}
	for _, u := range units {
		if digits, ok := strings.CutSuffix(s, u.suffix); ok {
			n, err := strconv.ParseInt(digits, 10, 32)
			if err != nil || n < 0 {
				break
			}
			return int(n) << u.shift, nil
		}
	}
	return 0, fmt.Errorf("size %q: expected a number with B, KiB, MiB or GiB", s)
}

// settings reads a node's own configuration. Its error is the driver's.
func (s *Store) settings(ctx context.Context, host *gocql.HostInfo) (map[string]string, error) {
	iter := s.plain.Query(cqlSettings).Consistency(gocql.One).SetHostID(host.HostID()).IterContext(ctx)
	settings := map[string]string{}
	var key, value string
	for iter.Scan(&key, &value) {
		settings[key] = value
	}
	return settings, iter.Close()
}

// nodes lists the nodes of our data centre that are believed to be up.
func (s *Store) nodes() []*gocql.HostInfo {
	var nodes []*gocql.HostInfo
	for _, h := range s.plain.GetHosts() {
		if h.DataCenter() == s.cfg.DC && h.IsUp() {
			nodes = append(nodes, h)
		}
	}
	return nodes
}

// name is how messages call a node.
func name(host *gocql.HostInfo) string { return host.ConnectAddressAndPort() }
