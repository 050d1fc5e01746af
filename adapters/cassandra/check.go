package cassandra

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/schemas"
)

const cqlTables = `SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?`

// Check says whether the keyspace and its nodes are as the service needs them. It reports
// everything that is wrong, each with what to do. Nodes that are down are left out, so that
// a service can start without one; nodes elsewhere are left to the services there.
func (s *Store) Check(ctx context.Context) error {
	var errs []error
	for _, e := range s.Examine(ctx) {
		errs = append(errs, e.Err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("keyspace %s: %w", s.cfg.Keyspace, err)
	}
	return nil
}

// What Examine looks at.
const (
	OfTables      = "tables"
	OfReplication = "replication"
	OfNodes       = "nodes"
	OfClocks      = "clocks"
)

// Examined is one thing that was looked at.
type Examined struct {
	What string // OfTables and so on
	Err  error  // all that is wrong with it; nil: it is as it should be
}

// Examine is Check, by what was looked at.
func (s *Store) Examine(ctx context.Context) []Examined {
	var nodes []error
	up := s.nodes()
	if len(up) == 0 {
		nodes = append(nodes, fmt.Errorf("no node of data centre %s is up", s.cfg.DC))
	}
	for _, host := range up {
		nodes = append(nodes, s.checkNode(ctx, host))
	}
	return []Examined{
		{OfTables, s.checkMigrations(ctx)}, {OfReplication, s.checkReplication(ctx)}, {OfNodes, errors.Join(nodes...)}, {OfClocks, s.checkClocks(ctx)},
	}
}

// checkMigrations: every migration is recorded, and its tables are there.
func (s *Store) checkMigrations(ctx context.Context) error {
	migrations, err := readMigrations(schemas.CQL)
	if err != nil {
		return err
	}
	tables, err := s.readTables(ctx)
	if err != nil {
		return readError("tables", err)
	}
	if !slices.Contains(tables, "schema_migrations") {
		return errors.New("it has never been migrated: run `inventory migrate`")
	}
	recorded, err := readRecorded(ctx, s.plain, gocql.LocalQuorum)
	if err != nil {
		return readError("table schema_migrations", err)
	}
	missing, err := compareMigrations(migrations, recorded)
	errs := []error{err}
	for _, m := range missing {
		errs = append(errs, fmt.Errorf("migration %s is not applied: run `inventory migrate`", m.name))
	}
	for _, table := range tablesOf(migrations) {
		if len(missing) == 0 && !slices.Contains(tables, table) {
			errs = append(errs, fmt.Errorf("table %s is gone although its migration was applied: restore it", table))
		}
	}
	return errors.Join(errs...)
}

func (s *Store) readTables(ctx context.Context) ([]string, error) {
	iter := s.plain.Query(cqlTables, s.cfg.Keyspace).Consistency(gocql.One).IterContext(ctx)
	var tables []string
	var table string
	for iter.Scan(&table) {
		tables = append(tables, table)
	}
	return tables, iter.Close()
}

var createTable = regexp.MustCompile(`(?i)^CREATE\s+TABLE\s+IF\s+NOT\s+EXISTS\s+(\w+)`)

func tablesOf(migrations []migration) []string {
	var tables []string
	for _, m := range migrations {
		for _, s := range m.statements {
			if match := createTable.FindStringSubmatch(s); match != nil {
				tables = append(tables, match[1])
			}
		}
	}
	return tables
}

// checkReplication: replicas are placed by data centre, and ours has some.
func (s *Store) checkReplication(ctx context.Context) error {
	r, err := readReplication(ctx, s.plain, s.cfg.Keyspace)
	if err != nil {
		return err
	}
	if r[s.cfg.DC] == 0 {
		return fmt.Errorf("it is replicated as %v, without data centre %s: add that by ALTER KEYSPACE and run a rebuild there", r, s.cfg.DC)
	}
	return nil
}

// checkNode: a node's own configuration.
func (s *Store) checkNode(ctx context.Context, host *gocql.HostInfo) error {
	settings, err := s.settings(ctx, host)
	if errors.Is(err, gocql.ErrNoConnections) {
		return nil // it went down meanwhile
	}
	if err != nil {
		return readError("settings of node "+name(host), err)
	}
	return checkSettings(name(host), settings, s.cfg)
}

func checkSettings(node string, settings map[string]string, cfg Config) error {
	var errs []error
	for _, want := range []struct{ setting, value, reason string }{
		{"paxos_variant", "v2", "version 1 takes twice the round trips, and can't purge by repair"},
		{"paxos_state_purging", "repaired", "else the state of a transaction can be forgotten too early; repairs must be scheduled"},
	} {
		if got := settings[want.setting]; !strings.EqualFold(got, want.value) {
			errs = append(errs, fmt.Errorf("node %s: %s is %q: set it to %s in cassandra.yaml and restart the node (%s)",
				node, want.setting, got, want.value, want.reason))
		}
	}
	if strings.EqualFold(settings["cdc_enabled"], "true") && strings.EqualFold(settings["cdc_block_writes"], "true") {
		errs = append(errs, fmt.Errorf("node %s: cdc_block_writes is true: set it to false in cassandra.yaml and restart the node (else it refuses all that is appended to events when what captures them is away for long)", node))
	}
	for _, limit := range []struct {
		setting, ours string
		timeout       time.Duration
	}{
		{"read_request_timeout", "timeout", cfg.Timeout},
		{"write_request_timeout", "timeout", cfg.Timeout},
		{"write_request_timeout", "LWT timeout", cfg.LWTTimeout},
		{"cas_contention_timeout", "LWT timeout", cfg.LWTTimeout},
	} {
		server, err := time.ParseDuration(settings[limit.setting])
		if err == nil && limit.timeout <= server {
			errs = append(errs, fmt.Errorf("node %s: %s is %v and the configured %s %v: it must be longer, "+
				"or requests are given up while the server is still at them", node, limit.setting, server, limit.ours, limit.timeout))
		}
	}
	return errors.Join(errs...)
}
