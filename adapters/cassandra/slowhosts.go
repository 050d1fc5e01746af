package cassandra

import (
	"context"
	"errors"
	"sync"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// slowFor is how long a node that did not answer in time comes last. The driver itself
// gives a frozen node up after six heartbeats without an answer.
const slowFor = 10 * time.Second

// slowHosts remembers which nodes did not answer in time. Without it every repeat of a
// commit would go to the same frozen coordinator, since replicas are not shuffled. A nil
// one remembers nothing.
type slowHosts struct {
	now   func() time.Time
	mu    sync.Mutex
	until map[string]time.Time // by host id
}

func newSlowHosts() *slowHosts {
	return &slowHosts{now: time.Now, until: map[string]time.Time{}}
}

// note takes the outcome of a request that went to host; host is nil where it was not sent.
func (s *slowHosts) note(host *gocql.HostInfo, err error) {
	if s == nil || host == nil || !noAnswer(err) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until[host.HostID()] = s.now().Add(slowFor)
}

// noAnswer tells silence from an answer. A caller's deadline counts as well, since it may
// be shorter than ours; that it has gone away does not.
func noAnswer(err error) bool {
	return errors.Is(err, gocql.ErrTimeoutNoResponse) || errors.Is(err, context.DeadlineExceeded)
}

func (s *slowHosts) isSlow(host *gocql.HostInfo) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.until[host.HostID()]
	if ok && !s.now().Before(until) {
		delete(s.until, host.HostID())
		ok = false
	}
	return ok
}

// policy wraps a policy so that slow hosts come last.
func (s *slowHosts) policy(p gocql.HostSelectionPolicy) gocql.HostSelectionPolicy {
	if s == nil {
		return p
	}
	return &slowLast{HostSelectionPolicy: p, slow: s}
}

type slowLast struct {
	gocql.HostSelectionPolicy
	slow *slowHosts
}

// Pick implements gocql.HostSelectionPolicy.
func (p *slowLast) Pick(stmt gocql.ExecutableStatement) gocql.NextHost {
	next := p.HostSelectionPolicy.Pick(stmt)
	var last []gocql.SelectedHost
	return func() gocql.SelectedHost {
		for h := next(); h != nil; h = next() {
			if !p.slow.isSlow(h.Info()) {
				return h
			}
			last = append(last, h)
		}
		if len(last) == 0 {
			return nil
		}
		h := last[0]
		last = last[1:]
		return h
	}
}
