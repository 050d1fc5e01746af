package cassandra

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/ports"
)

const cqlNow = `SELECT toTimestamp(now()) FROM system.local`

// MaxClockSkew is how far the clock of a process that owns ledgers, or of a node, may be
// off the median of the nodes' clocks.
const MaxClockSkew = 2 * time.Second

// clockSamples: of as many readings the one with the shortest round trip counts.
const clockSamples = 3

// slowestReading is the longest round trip by which a clock can be read: half of it is what
// the reading may be wrong by.
const slowestReading = time.Second

var _ ports.StoreClock = (*Store)(nil)

// Offset implements ports.StoreClock: it compares with the median of the clocks of the nodes
// that are up.
func (s *Store) Offset(ctx context.Context) (time.Duration, error) {
	clocks, err := s.readClocks(ctx)
	if err != nil {
		return 0, err
	}
	return -median(clocks), nil
}

// nodeClock is how far a node's clock is ahead of ours.
type nodeClock struct {
	node  string
	ahead time.Duration
}

func (s *Store) readClocks(ctx context.Context) ([]nodeClock, error) {
	var clocks []nodeClock
	for _, host := range s.nodes() {
		ahead, within, err := s.readClock(ctx, host)
		if errors.Is(err, gocql.ErrNoConnections) {
			continue
		}
		if err != nil {
			return nil, readError("clock of node "+name(host), err)
		}
		if within > slowestReading/2 {
			continue // too busy to tell the time
		}
		clocks = append(clocks, nodeClock{node: name(host), ahead: ahead})
	}
	if len(clocks) == 0 {
		return nil, fmt.Errorf("clocks: %w: no node of data centre %s is up and answers within %v", ports.ErrTransient, s.cfg.DC, slowestReading)
	}
	return clocks, nil
}

// readClock takes half of the round trip for the way there, which is what the reading may be
// wrong by. Its error is the driver's.
func (s *Store) readClock(ctx context.Context, host *gocql.HostInfo) (ahead, within time.Duration, err error) {
	var shortest time.Duration
	for i := range clockSamples {
		var theirs time.Time
		sent := time.Now()
		err := s.plain.Query(cqlNow).Consistency(gocql.One).SetHostID(host.HostID()).ScanContext(ctx, &theirs)
		if err != nil {
			return 0, 0, err
		}
		if trip := time.Since(sent); i == 0 || trip < shortest {
			shortest = trip
			ahead = theirs.Sub(sent.Add(trip / 2))
		}
	}
	return ahead, shortest / 2, nil
}

func median(clocks []nodeClock) time.Duration {
	aheads := make([]time.Duration, len(clocks))
	for i, c := range clocks {
		aheads[i] = c.ahead
	}
	slices.Sort(aheads)
	n := len(aheads)
	return (aheads[(n-1)/2] + aheads[n/2]) / 2
}

func (s *Store) checkClocks(ctx context.Context) error {
	clocks, err := s.readClocks(ctx)
	if err != nil {
		return err
	}
	return compareClocks(clocks)
}

// compareClocks reports every clock that is too far off the median: entries' times come
// from ours, and timestamps of transactions from the nodes'.
func compareClocks(clocks []nodeClock) error {
	var errs []error
	middle := median(clocks)
	if middle.Abs() > MaxClockSkew {
		errs = append(errs, fmt.Errorf("this machine's clock is %v off the nodes' (at most %v): synchronise it",
			-middle.Round(time.Millisecond), MaxClockSkew))
	}
	for _, c := range clocks {
		if off := c.ahead - middle; off.Abs() > MaxClockSkew {
			errs = append(errs, fmt.Errorf("node %s: its clock is %v off the other nodes' (at most %v): synchronise it",
				c.node, off.Round(time.Millisecond), MaxClockSkew))
		}
	}
	return errors.Join(errs...)
}
