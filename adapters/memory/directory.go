package memory

import (
	"context"
	"fmt"

	"inventory/ports"
)

var _ ports.Directory = (*Store)(nil)

// Warehouses implements ports.Directory.
func (s *Store) Warehouses(ctx context.Context) ([]ports.WarehouseRecord, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]ports.WarehouseRecord, 0, len(s.warehouses))
	for _, w := range s.warehouses {
		all = append(all, w)
	}
	return all, nil
}

// PutWarehouse implements ports.Directory.
func (s *Store) PutWarehouse(ctx context.Context, w ports.WarehouseRecord) (ports.WarehouseRecord, error) {
	if err := ctx.Err(); err != nil {
		return ports.WarehouseRecord{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stored, ok := s.warehouses[w.ID]
	if ok && (stored.Region != w.Region || stored.Ledgers != w.Ledgers) {
		return stored, fmt.Errorf("%w: warehouse %s: it is in region %s with %d ledgers, and neither changes; found %s and %d",
			ports.ErrConflict, w.ID, stored.Region, stored.Ledgers, w.Region, w.Ledgers)
	}
	s.warehouses[w.ID] = w
	return w, nil
}

// ReservationLedgers implements ports.Directory.
func (s *Store) ReservationLedgers(ctx context.Context, region string, want int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.regions[region]; !ok {
		s.regions[region] = want
	}
	return s.regions[region], nil
}
