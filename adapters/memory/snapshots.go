package memory

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"

	"inventory/domain/ledger"
	"inventory/ports"
)

var _ ports.Snapshots = (*Store)(nil)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// snapshotKey names one snapshot.
type snapshotKey struct {
	ledger         ledger.ID
	version, epoch int64
}

func keyOf(id ledger.ID, ref ports.SnapshotRef) snapshotKey {
	return snapshotKey{id, ref.Version, ref.Epoch}
}

// WriteSnapshot implements ports.Snapshots.
func (s *Store) WriteSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef, chunks [][]byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	own := make([][]byte, len(chunks))
	for i, c := range chunks {
		own[i] = bytes.Clone(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshots[keyOf(id, ref)] = own
	return nil
}

// ReadSnapshot implements ports.Snapshots.
func (s *Store) ReadSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	chunks := s.snapshots[keyOf(id, ref)]
	s.mu.Unlock()
	if len(chunks) < ref.Chunks {
		return nil, fmt.Errorf("%w: snapshot %d of %s under epoch %d: chunk %d of %d is missing",
			ports.ErrPermanent, ref.Version, id, ref.Epoch, len(chunks), ref.Chunks)
	}
	whole := bytes.Join(chunks[:ref.Chunks], nil)
	if sum := crc32.Checksum(whole, castagnoli); sum != ref.Checksum {
		return nil, fmt.Errorf("%w: snapshot %d of %s under epoch %d: its checksum is %08x, expected %08x",
			ports.ErrPermanent, ref.Version, id, ref.Epoch, sum, ref.Checksum)
	}
	return whole, nil
}

// DropSnapshot implements ports.Snapshots.
func (s *Store) DropSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.snapshots, keyOf(id, ref))
	return nil
}
