package memory

import (
	"context"
	"slices"

	"inventory/domain/global"
	"inventory/ports"
)

var _ ports.GlobalTable = (*Store)(nil)

// PutGlobal implements ports.GlobalTable.
func (s *Store) PutGlobal(ctx context.Context, rows []ports.GlobalRow) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range rows {
		if old, ok := s.totals[r.Key()]; !ok || r.Version > old.Version {
			s.totals[r.Key()] = r
		}
	}
	return nil
}

// GlobalOf implements ports.GlobalTable.
func (s *Store) GlobalOf(ctx context.Context, skus []string) ([]ports.GlobalRow, error) {
	return s.totalsThat(ctx, func(k global.Key) bool { return slices.Contains(skus, k.SKU) })
}

// GlobalAfter implements ports.GlobalTable.
func (s *Store) GlobalAfter(ctx context.Context, after global.Key, limit int) ([]ports.GlobalRow, error) {
	all, err := s.totalsThat(ctx, func(k global.Key) bool { return k.Compare(after) > 0 })
	return all[:min(limit, len(all))], err
}

// totalsThat gives the rows whose keys are chosen, by key.
func (s *Store) totalsThat(ctx context.Context, chosen func(global.Key) bool) ([]ports.GlobalRow, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []ports.GlobalRow
	for k, r := range s.totals {
		if chosen(k) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b ports.GlobalRow) int { return a.Key().Compare(b.Key()) })
	return all, nil
}
