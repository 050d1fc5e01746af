package cassandra

import (
	"context"
	"fmt"
	"hash/crc32"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/domain/ledger"
	"inventory/ports"
)

const (
	cqlWriteChunk   = `INSERT INTO ledger_snapshot (ledger_id, version, epoch, chunk, body) VALUES (?, ?, ?, ?, ?)`
	cqlReadChunks   = `SELECT chunk, body FROM ledger_snapshot WHERE ledger_id = ? AND version = ? AND epoch = ?`
	cqlDropSnapshot = `DELETE FROM ledger_snapshot WHERE ledger_id = ? AND version = ? AND epoch = ?`
)

// chunksPage bounds a page of chunks, which are up to a megabyte each.
const chunksPage = 8

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func snapshotName(id ledger.ID, ref ports.SnapshotRef) string {
	return fmt.Sprintf("snapshot of %s at %d by epoch %d", id, ref.Version, ref.Epoch)
}

// WriteSnapshot implements ports.Snapshots. Chunks of 512 KiB to 1 MiB suit the server.
func (s *Store) WriteSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef, chunks [][]byte) error {
	return each(ctx, s.inFlight, len(chunks), func(i int) error {
		err := s.plain.Query(cqlWriteChunk, string(id), ref.Version, ref.Epoch, i, compress(chunks[i])).ExecContext(ctx)
		return writeError(fmt.Sprintf("write chunk %d of the %s", i, snapshotName(id, ref)), err)
	})
}

// ReadSnapshot implements ports.Snapshots.
func (s *Store) ReadSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef) ([]byte, error) {
	op := "read the " + snapshotName(id, ref)
	iter := s.plain.Query(cqlReadChunks, string(id), ref.Version, ref.Epoch).PageSize(chunksPage).IterContext(ctx)
	var whole []byte
	next, number := 0, 0
	for next < ref.Chunks {
		var body []byte
		if !iter.Scan(&number, &body) || number != next {
			break
		}
		chunk, err := expand(fmt.Sprintf("chunk %d of the %s", next, snapshotName(id, ref)), body)
		if err != nil {
			_ = iter.Close() // the chunk's error is the one to tell
			return nil, err
		}
		whole = append(whole, chunk...)
		next++
	}
	if err := iter.Close(); err != nil {
		return nil, readError(op, err)
	}
	if next < ref.Chunks {
		return nil, fmt.Errorf("%s: %w: chunk %d of %d is missing", op, ports.ErrPermanent, next, ref.Chunks)
	}
	if sum := crc32.Checksum(whole, castagnoli); sum != ref.Checksum {
		return nil, fmt.Errorf("%s: %w: checksum %08x, expected %08x", op, ports.ErrPermanent, sum, ref.Checksum)
	}
	return whole, nil
}

// DropSnapshot implements ports.Snapshots.
func (s *Store) DropSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef) error {
	err := s.plain.Query(cqlDropSnapshot, string(id), ref.Version, ref.Epoch).Consistency(gocql.LocalQuorum).ExecContext(ctx)
	return writeError("drop the "+snapshotName(id, ref), err)
}
