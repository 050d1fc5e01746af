package fleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"inventory/integration/crash"
	"inventory/integration/service"
)

const (
	probeEvery  = 50 * time.Millisecond  // how often members are asked whether they are ready
	againAfter  = 100 * time.Millisecond // the time until a request that was not decided is asked again
	attemptTime = 3 * time.Second        // a member that does not answer for so long is given up
)

// balancer brings requests to the members in turn, as a load balancer does: to those that say
// that they are ready, and where there is none to any. What is not decided it brings to the
// next.
type balancer struct {
	f       *fleet
	members []*member
	tally   *tally
	slots   <-chan time.Time // a request waits for one; nil: it does not
	// What was sent so long before a member is asked to end is under way there, and is to be
	// finished; 0: nobody looks.
	crossing time.Duration
	next     atomic.Int64
	over     atomic.Bool
}

var _ crash.Service = (*balancer)(nil)

// probe asks members whether they are ready, until ctx ends.
func (b *balancer) probe(ctx context.Context) {
	var probing sync.WaitGroup
	defer probing.Wait()
	for _, m := range b.members {
		probing.Go(func() {
			for ctx.Err() == nil {
				attempt, cancel := context.WithTimeout(ctx, time.Second)
				m.ready.Store(m.p() != nil && m.p().Client().Ready(attempt) == nil)
				cancel()
				wait(ctx, probeEvery)
			}
		})
	}
}

// choose chooses a member.
func (b *balancer) choose() *member {
	n := int(b.next.Add(1))
	all := b.members
	for _, good := range []func(*member) bool{
		func(m *member) bool { return m.ready.Load() },
		func(m *member) bool { return m.p() != nil && !m.leaving.Load() && !m.paused.Load() },
		func(m *member) bool { return m.p() != nil },
	} {
		for i := range all {
			if m := all[(n+i)%len(all)]; good(m) {
				return m
			}
		}
	}
	return all[0]
}

// attempt is what came of asking one member once.
type attempt struct {
	answer service.Answer
	how    how
	lost   bool // it may still take effect
	why    string
}

// how an attempt went.
type how int

const (
	decided     how = iota
	undecided       // 503, or 429: ask again
	unreachable     // of a member that was leaving, gone or not ready yet: refused, or cut off
	silent          // no answer came, as from a member that is paused or asks one
	failed          // anything else: nothing that a client should see
)

func (b *balancer) attempt(r crash.Request) attempt {
	m, began := b.choose(), time.Now()
	leaving, paused := m.leaving.Load(), m.paused.Load()
	ctx, cancel := context.WithTimeout(b.f.ctx, attemptTime)
	defer cancel()
	a, err := m.p().Client().Ask(ctx, r.Method, r.Path, r.Header, r.Body)
	leaving, paused = leaving || m.leaving.Load(), paused || m.paused.Load()
	switch {
	case err == nil && a.Retry():
		return attempt{a, undecided, a.Status != http.StatusTooManyRequests, fmt.Sprintf("%s: %s", m.name, a)}
	case err == nil:
		return attempt{answer: a, lost: false}
	}
	why := fmt.Sprintf("%s: %v", m.name, err)
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" && leaving {
		return attempt{service.Answer{}, unreachable, false, why}
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return attempt{service.Answer{}, silent, true, why}
	case leaving && b.crossing > 0 && m.asked.Load()-began.UnixNano() > b.crossing.Nanoseconds():
		asked := time.Unix(0, m.asked.Load())
		why = fmt.Sprintf("%s: it was sent %s before the member was asked to end, and cut off %s after", why, asked.Sub(began), time.Since(asked))
		return attempt{service.Answer{}, failed, true, why}
	case leaving:
		return attempt{service.Answer{}, unreachable, true, why}
	case paused:
		return attempt{service.Answer{}, silent, true, why}
	}
	return attempt{service.Answer{}, failed, true, why}
}

// Ask implements crash.Service.
func (b *balancer) Ask(r crash.Request) (crash.Reply, error) {
	if b.over.Load() {
		return crash.Reply{}, crash.ErrGone
	}
	a := b.attempt(r)
	if a.how == failed {
		b.tally.fail(r, a.why)
	}
	if a.how != decided && a.how != undecided {
		return crash.Reply{Lost: a.lost}, errors.New(a.why)
	}
	return crash.Reply{Answer: a.answer, Lost: a.lost}, nil
}

// Decide implements crash.Service.
func (b *balancer) Decide(r crash.Request) (reply crash.Reply, err error) {
	if b.slots != nil {
		<-b.slots
	}
	if b.over.Load() {
		return reply, crash.ErrGone
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		asked := time.Now()
		a, lost, ok := b.decide(r, deadline)
		if reply.Lost = reply.Lost || lost; !ok {
			break
		}
		if crash.Fresh(a, asked) {
			reply.Answer = a
			return reply, nil
		}
	}
	return reply, fmt.Errorf("%s: not decided within %s", r, patience)
}

// decide asks until a request is decided.
func (b *balancer) decide(r crash.Request, deadline time.Time) (answer service.Answer, lost, ok bool) {
	s := sample{began: time.Now(), what: r.Path}
	for time.Now().Before(deadline) {
		a := b.attempt(r)
		s.add(a)
		if lost = lost || a.lost; a.how == decided {
			s.took = time.Since(s.began)
			b.tally.add(s)
			return a.answer, lost, true
		}
		if a.how == failed {
			b.tally.fail(r, a.why)
		}
		if a.how == undecided || b.f.ctx.Err() != nil {
			wait(b.f.ctx, againAfter)
		}
	}
	return answer, lost, false
}
