package cassandra

import (
	"context"
	"sync"
	"time"

	"inventory/ports"
)

const (
	cqlBeat = `INSERT INTO member (region, id, name, addr, version, beat, willing) VALUES (?, ?, ?, ?, ?, ?, ?) ` +
		`USING TTL ? AND TIMESTAMP ?`
	cqlMembers = `SELECT id, name, addr, version, beat, willing FROM member WHERE region = ?`
	cqlLeave   = `DELETE FROM member USING TIMESTAMP ? WHERE region = ? AND id = ?`
)

// stamps gives the write timestamps of members' rows. Only one process ever writes about one
// member, so that its own order is all that counts: what it said last is what is read, even
// where something older lands later, and although its clock was set meanwhile, when plain
// timestamps would keep a living member from being seen until the time is reached again.
type stamps struct {
	mu   sync.Mutex
	last int64 // microseconds since 1970
}

func (s *stamps) next(now time.Time) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(now.UnixMicro(), s.last+1)
	return s.last
}

// Beat implements ports.Members.
func (s *Store) Beat(ctx context.Context, m ports.Member) error {
	ttl := int(s.cfg.MemberTTL / time.Second)
	err := s.plain.Query(cqlBeat, s.cfg.Region, m.ID, m.Name, m.Addr, m.Version, m.Beat, m.Willing,
		ttl, s.stamps.next(time.Now())).ExecContext(ctx)
	return writeError("beat of member "+m.ID, err)
}

// Members implements ports.Members, for the members of the configured region.
func (s *Store) Members(ctx context.Context) ([]ports.Member, error) {
	iter := s.plain.Query(cqlMembers, s.cfg.Region).IterContext(ctx)
	var all []ports.Member
	var m ports.Member
	for iter.Scan(&m.ID, &m.Name, &m.Addr, &m.Version, &m.Beat, &m.Willing) {
		all = append(all, m)
	}
	if err := iter.Close(); err != nil {
		return nil, readError("members of region "+s.cfg.Region, err)
	}
	return all, nil
}

// Leave implements ports.Members. Where another process than the member itself calls it, and
// its clock is behind the member's, the row may stay until it lapses.
func (s *Store) Leave(ctx context.Context, id string) error {
	err := s.plain.Query(cqlLeave, s.stamps.next(time.Now()), s.cfg.Region, id).ExecContext(ctx)
	return writeError("leave of member "+id, err)
}
