package cassandra

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// ring is a policy that always offers the same hosts in the same order.
type ring struct {
	gocql.HostSelectionPolicy
	hosts []*gocql.HostInfo
}

type offered struct{ *gocql.HostInfo }

func (o offered) Info() *gocql.HostInfo { return o.HostInfo }
func (offered) Mark(error)              {}

func (r ring) Pick(gocql.ExecutableStatement) gocql.NextHost {
	i := 0
	return func() gocql.SelectedHost {
		if i == len(r.hosts) {
			return nil
		}
		i++
		return offered{r.hosts[i-1]}
	}
}

func newRing(t *testing.T, n int) ring {
	t.Helper()
	var r ring
	for i := range n {
		r.hosts = append(r.hosts, newHost(t, i, "dc1"))
	}
	return r
}

// newHost makes the nth host, whose id ends with that digit.
func newHost(t *testing.T, n int, dc string) *gocql.HostInfo {
	t.Helper()
	h, err := gocql.NewTestHostInfoFromRow(map[string]any{
		"host_id": gocql.UUID{15: byte(n)}, "data_center": dc, "rpc_address": net.IPv4(10, 0, 0, byte(n)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// order lists the ids of hosts as a policy offers them.
func order(p gocql.HostSelectionPolicy) string {
	next, ids := p.Pick(nil), ""
	for h := next(); h != nil; h = next() {
		id := h.Info().HostID()
		ids += id[len(id)-1:]
	}
	return ids
}

func TestAHostThatDoesNotAnswerComesLastForAWhile(t *testing.T) {
	r := newRing(t, 3)
	slow := newSlowHosts()
	now := time.Unix(1_000_000, 0)
	slow.now = func() time.Time { return now }
	p := slow.policy(r)
	want := func(ids string) {
		t.Helper()
		if got := order(p); got != ids {
			t.Errorf("hosts are offered in the order %s, want %s", got, ids)
		}
	}
	want("012")
	slow.note(r.hosts[0], gocql.ErrTimeoutNoResponse)
	want("120")
	slow.note(r.hosts[1], fmt.Errorf("commit: %w", context.DeadlineExceeded))
	want("201")
	now = now.Add(slowFor)
	want("012")
}

func TestAHostThatAnswersKeepsItsPlace(t *testing.T) {
	r := newRing(t, 2)
	slow := newSlowHosts()
	for _, err := range []error{nil, context.Canceled, &gocql.RequestErrWriteTimeout{}, errors.New("anything else")} {
		slow.note(r.hosts[0], err)
		slow.note(nil, err)
	}
	if got := order(slow.policy(r)); got != "01" {
		t.Errorf("hosts are offered in the order %s", got)
	}
}
