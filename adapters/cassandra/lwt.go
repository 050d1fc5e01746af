package cassandra

import (
	"context"
	"errors"
	"fmt"
	"strings"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// errNotConditional: the answer to a conditional write does not say whether it was applied.
var errNotConditional = errors.New("the answer has no column [applied]")

// outcome is the answer to a lightweight transaction.
type outcome struct {
	applied bool
	shown   map[string]any // what the condition met where it did not hold; NULL is a zero value
}

// conditional makes a lightweight transaction, once. Its error is the driver's.
func conditional(ctx context.Context, stmt gocql.Statement, slow *slowHosts) (outcome, error) {
	if err := ctx.Err(); err != nil {
		return outcome{}, err
	}
	iter := stmt.IterContext(ctx)
	shown := map[string]any{}
	found := iter.MapScan(shown)
	err := iter.Close()
	slow.note(iter.Host(), err)
	if err != nil {
		return outcome{}, err
	}
	applied, ok := shown["[applied]"].(bool)
	if !found || !ok {
		return outcome{}, errNotConditional
	}
	return outcome{applied: applied, shown: shown}, nil
}

// String gives what the condition met, for messages.
func (o outcome) String() string {
	var met []string
	for _, column := range []string{"head", "epoch", "owner", "lease", "trimmed", "snapshot_version"} {
		if v, ok := o.shown[column]; ok {
			met = append(met, fmt.Sprintf("%s %v", column, v))
		}
	}
	if len(met) == 0 {
		return "no ledger"
	}
	return strings.Join(met, ", ")
}

// lwtQuery prepares a conditional statement. Its result has other columns when it is
// applied than when it is not, so the driver must not rely on those it was prepared with.
func (s *Store) lwtQuery(cql string, args ...any) *gocql.Query {
	return s.lwt.Query(cql, args...).NoSkipMetadata()
}
