package memory

import (
	"context"
	"maps"
	"slices"

	"inventory/ports"
)

var _ ports.Members = (*Store)(nil)

// Beat implements ports.Members.
func (s *Store) Beat(ctx context.Context, m ports.Member) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members[m.ID] = m
	return nil
}

// Members implements ports.Members.
func (s *Store) Members(ctx context.Context) ([]ports.Member, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]ports.Member, 0, len(s.members))
	for _, id := range slices.Sorted(maps.Keys(s.members)) {
		all = append(all, s.members[id])
	}
	return all, nil
}

// Leave implements ports.Members.
func (s *Store) Leave(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.members, id)
	return nil
}
