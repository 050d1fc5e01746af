package fleet

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"inventory/ports"
)

// roster is what this process knows of the other members, by its own monotonic clock.
type roster struct {
	self    string
	suspect time.Duration // how long a beat may stand still: a quarter of the lease
	mu      sync.Mutex
	read    time.Time // when the members were asked for last
	seen    map[string]*sighting
}

// sighting is the newest that was seen of a member.
type sighting struct {
	ports.Member
	since time.Time // when its beat was seen to move, or the member was seen first
	moved bool      // its beat did: it is not the row of one that died long ago
	alive bool
}

func newRoster(self string, suspect time.Duration) *roster {
	return &roster{self: self, suspect: suspect, seen: map[string]*sighting{}}
}

// note takes in what the store said when it was asked at a time, and tells who came and went.
func (r *roster) note(members []ports.Member, asked, now time.Time) (events []ports.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.read = asked
	listed := map[string]bool{}
	for _, m := range members {
		if m.ID == r.self {
			continue
		}
		listed[m.ID] = true
		s := r.seen[m.ID]
		if s == nil {
			s = &sighting{since: now}
			r.seen[m.ID] = s
		} else if m.Beat != s.Beat {
			s.since, s.moved = now, true
		}
		s.Member = m
		alive := asked.Sub(s.since) < r.suspect
		if alive && s.moved && !s.alive {
			s.alive = true
			events = append(events, ports.MemberCame{Member: m})
		} else if !alive && s.alive {
			s.alive = false
			events = append(events, ports.MemberWent{Member: m})
		}
	}
	for id, s := range r.seen {
		if !listed[id] {
			delete(r.seen, id)
			if s.alive {
				events = append(events, ports.MemberWent{Member: s.Member, Left: true})
			}
		}
	}
	return events
}

// living lists the other members that show signs of life, in the order of their ids. One that
// was only just seen counts: it may be alive.
func (r *roster) living() []ports.Member { return r.within(r.suspect) }

// lately lists those, too, that may only be paused: they have not been silent for a lease yet,
// and nobody has started again in their place.
func (r *roster) lately(self string) []ports.Member {
	living := r.living()
	again := map[string]bool{self: true}
	for _, m := range living {
		again[m.Name] = true
	}
	return slices.DeleteFunc(r.within(4*r.suspect), func(m ports.Member) bool {
		return again[m.Name] && !slices.ContainsFunc(living, func(l ports.Member) bool { return l.ID == m.ID })
	})
}

// within lists the members that were silent for less than a time.
func (r *roster) within(silent time.Duration) []ports.Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []ports.Member
	for _, s := range r.seen {
		if r.read.Sub(s.since) < silent {
			all = append(all, s.Member)
		}
	}
	slices.SortFunc(all, func(a, b ports.Member) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// member finds another member that is not known to be dead; sure tells that it is known to
// live.
func (r *roster) member(id string) (m ports.Member, sure, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.seen[id]
	if s == nil {
		return m, false, false
	}
	return s.Member, s.alive, r.read.Sub(s.since) < r.suspect
}
