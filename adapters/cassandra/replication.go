package cassandra

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// Replication is how many replicas of the keyspace each data centre has.
type Replication map[string]int

const maxReplicas = 10

// ParseReplication reads the form `dc=3,dc2=3`.
func ParseReplication(s string) (Replication, error) {
	r := Replication{}
	for part := range strings.SplitSeq(s, ",") {
		dc, factor, ok := strings.Cut(strings.TrimSpace(part), "=")
		n, err := strconv.Atoi(factor)
		if !ok || err != nil {
			return nil, fmt.Errorf("replication %q: expected <data centre>=<replicas>, with commas between, found %q", s, part)
		}
		if _, twice := r[dc]; twice {
			return nil, fmt.Errorf("replication %q: data centre %s is there twice", s, dc)
		}
		r[dc] = n
	}
	return r, r.validate()
}

func (r Replication) validate() error {
	var errs []error
	for _, dc := range slices.Sorted(maps.Keys(r)) {
		if !dataCentreName.MatchString(dc) {
			errs = append(errs, fmt.Errorf("replication: data centre %q: expected 1 to 64 letters, digits, dots, dashes or underscores", dc))
		}
		if r[dc] < 1 || r[dc] > maxReplicas {
			errs = append(errs, fmt.Errorf("replication: %d replicas in data centre %s: expected 1 to %d", r[dc], dc, maxReplicas))
		}
	}
	return errors.Join(errs...)
}

// String gives the form that ParseReplication reads, sorted.
func (r Replication) String() string {
	parts := make([]string, 0, len(r))
	for _, dc := range slices.Sorted(maps.Keys(r)) {
		parts = append(parts, dc+"="+strconv.Itoa(r[dc]))
	}
	return strings.Join(parts, ",")
}

const (
	replicationStrategy = "NetworkTopologyStrategy"

	cqlReplication = `SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?`
)

// createKeyspace is the statement that makes a keyspace. Names have been validated, and
// statements that define a schema take no parameters.
func createKeyspace(keyspace string, r Replication) string {
	options := []string{"'class': '" + replicationStrategy + "'"}
	for _, dc := range slices.Sorted(maps.Keys(r)) {
		options = append(options, fmt.Sprintf("'%s': %d", dc, r[dc]))
	}
	return fmt.Sprintf("CREATE KEYSPACE IF NOT EXISTS %s WITH replication = {%s}", keyspace, strings.Join(options, ", "))
}

var errNoKeyspace = errors.New("the keyspace does not exist")

// readReplication reads how a keyspace is replicated: errNoKeyspace where there is none,
// and an error where it isn't by data centre. Other errors are the driver's.
func readReplication(ctx context.Context, session *gocql.Session, keyspace string) (Replication, error) {
	var options map[string]string
	iter := session.Query(cqlReplication, keyspace).Consistency(gocql.One).IterContext(ctx)
	found := iter.Scan(&options)
	if err := iter.Close(); err != nil {
		return nil, err
	}
	if !found {
		return nil, errNoKeyspace
	}
	return replicationOf(keyspace, options)
}

func replicationOf(keyspace string, options map[string]string) (Replication, error) {
	r := Replication{}
	for option, value := range options {
		if option == "class" {
			if !strings.HasSuffix(value, replicationStrategy) {
				return nil, fmt.Errorf("keyspace %s is replicated by %s: alter it to %s", keyspace, value, replicationStrategy)
			}
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return nil, fmt.Errorf("keyspace %s: %q replicas in data centre %s: not a number", keyspace, value, option)
		}
		r[option] = n
	}
	return r, nil
}
