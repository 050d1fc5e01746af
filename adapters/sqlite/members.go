package sqlite

import (
	"context"
	"database/sql"

	"inventory/ports"
)

var _ ports.Members = (*Store)(nil)

const (
	sqlBeat = `INSERT INTO member (id, name, addr, version, beat, willing, kept_until) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, addr = excluded.addr, version = excluded.version,
		beat = excluded.beat, willing = excluded.willing, kept_until = excluded.kept_until`
	sqlMembers      = `SELECT id, name, addr, version, beat, willing FROM member WHERE kept_until > ? ORDER BY id`
	sqlLeave        = `DELETE FROM member WHERE id = ?`
	sqlCleanMembers = `DELETE FROM member WHERE kept_until <= ?`
)

// Beat implements ports.Members.
func (s *Store) Beat(ctx context.Context, m ports.Member) error {
	until := timeText(s.opts.Clock.Now().Add(s.opts.MemberTTL))
	return s.writer.do(ctx, rowBytes, func(s *session) error {
		return s.run(sqlBeat, m.ID, m.Name, m.Addr, m.Version, m.Beat, m.Willing, until)
	})
}

// Members implements ports.Members.
func (s *Store) Members(ctx context.Context) ([]ports.Member, error) {
	var all []ports.Member
	err := s.each(ctx, sqlMembers, []any{s.now()}, func(rows *sql.Rows) (bool, error) {
		var m ports.Member
		err := rows.Scan(&m.ID, &m.Name, &m.Addr, &m.Version, &m.Beat, &m.Willing)
		all = append(all, m)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Leave implements ports.Members.
func (s *Store) Leave(ctx context.Context, id string) error {
	return s.writer.do(ctx, rowBytes, func(s *session) error { return s.run(sqlLeave, id) })
}
