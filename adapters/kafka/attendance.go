package kafka

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// awayLong is how long a topic may be without a member: a rebalance takes some seconds.
const awayLong = 10 * time.Second

// attendance knows whether topics are read by a member of the group.
type attendance struct {
	mu      sync.Mutex
	topics  map[string]*presence
	trouble string // the last that was told
}

// presence is a topic's. A session that lasts too short reads nothing: it is no presence.
type presence struct {
	in    bool
	since time.Time // of in
	away  time.Time // since when there was no session that lasted; zero: none yet
}

// expect lists a topic that is to be read from now on.
func (a *attendance) expect(topic string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.topics == nil {
		a.topics = map[string]*presence{}
	}
	a.topics[topic] = &presence{}
}

// note says that a session of a topic began (in) or ended.
func (a *attendance) note(topic string, in bool) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.topics[topic]
	if p.lasts(now) {
		p.away = now
	}
	p.in, p.since = in, now
}

func (a *attendance) failed(err error) {
	why, _, _ := strings.Cut(err.Error(), "\n")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trouble = bounded(why, maxWaitingText)
}

func (p *presence) lasts(now time.Time) bool { return p.in && now.Sub(p.since) >= quickSession }

// list names the topics that nobody has read for long.
func (a *attendance) list(now time.Time) (lines []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, topic := range slices.Sorted(maps.Keys(a.topics)) {
		p := a.topics[topic]
		switch {
		case p.lasts(now):
		case p.away.IsZero():
			lines = append(lines, fmt.Sprintf("%s: not read yet: %s", topic, a.reason()))
		case now.Sub(p.away) >= awayLong:
			lines = append(lines, fmt.Sprintf("%s: not read for %v: %s", topic, now.Sub(p.away).Round(time.Second), a.reason()))
		}
	}
	return lines
}

func (a *attendance) reason() string {
	if a.trouble == "" {
		return "joining the group"
	}
	return a.trouble
}
