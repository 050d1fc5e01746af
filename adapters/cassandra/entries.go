package cassandra

import (
	"context"
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/domain/ledger"
	"inventory/ports"
)

// trimmed comes with every row: a version and what belongs to it are from one query.
const cqlEntries = `SELECT version, commit_id, body, trimmed FROM ledger ` +
	`WHERE ledger_id = ? AND version > ? AND version <= ?`

// entriesPage is a number of rows. Pages are bounded by rows alone, so it is small enough
// for the largest entries and large enough for usual ones of some kilobytes.
const entriesPage = 100

// Entries implements ports.JournalReader.
func (s *Store) Entries(ctx context.Context, id ledger.ID, after, upto int64, settled bool, take func(ports.Record) error) error {
	after = max(after, 0) // the sentinel is no entry
	if after >= upto {
		return nil
	}
	r := entryReader{store: s, id: id, next: after + 1, upto: upto, session: s.plain, level: gocql.LocalQuorum}
	if settled {
		r.session, r.level = s.lwt, gocql.LocalSerial
	}
	return r.read(ctx, take)
}

// entryReader reads a range of entries up to the first gap.
type entryReader struct {
	store   *Store
	id      ledger.ID
	next    int64 // version of the entry that comes next
	upto    int64
	session *gocql.Session
	level   gocql.Consistency
}

func (r *entryReader) op() string { return fmt.Sprintf("entries %d to %d of %s", r.next, r.upto, r.id) }

func (r *entryReader) read(ctx context.Context, take func(ports.Record) error) error {
	iter := r.session.Query(cqlEntries, string(r.id), r.next-1, r.upto).
		Consistency(r.level).PageSize(entriesPage).IterContext(ctx)
	err := r.takeAll(iter, take)
	failure := iter.Close()
	r.store.slow.note(iter.Host(), failure)
	switch {
	case err != nil:
		return err
	case failure != nil:
		return readError(r.op(), failure)
	case r.next > r.upto:
		return nil
	default:
		return r.short(ctx)
	}
}

// takeAll takes entries up to the first gap, the end or the failure of iter.
func (r *entryReader) takeAll(iter *gocql.Iter, take func(ports.Record) error) error {
	for {
		var rec ports.Record // new each time: the driver writes into a slice that it is given
		var trimmed int64
		if !iter.Scan(&rec.Version, (*gocql.UUID)(&rec.Commit), &rec.Body, &trimmed) {
			return nil
		}
		if trimmed >= r.next {
			return r.gone(trimmed)
		}
		if rec.Version != r.next {
			return nil
		}
		var err error
		if rec.Body, err = expand(fmt.Sprintf("entry %d of %s", rec.Version, r.id), rec.Body); err != nil {
			return err
		}
		if err := take(rec); err != nil {
			return err
		}
		r.next++
	}
}

// short says why entries ended before upto. Where nothing is to be settled that is usual:
// newer ones may not be here yet, and elsewhere than in the home region there may be holes
// for a while. What is trimmed never comes back, however.
func (r *entryReader) short(ctx context.Context) error {
	head, err := r.store.readHead(ctx, r.session, r.id, r.level)
	switch {
	case err != nil:
		return readError(r.op(), err)
	case head.Trimmed >= r.next:
		return r.gone(head.Trimmed)
	case r.level == gocql.LocalSerial:
		return fmt.Errorf("%s: %w: entry %d is missing; the newest is %d", r.op(), ports.ErrPermanent, r.next, head.Version)
	default:
		return nil
	}
}

func (r *entryReader) gone(trimmed int64) error {
	return fmt.Errorf("%s: %w: entries up to %d are trimmed", r.op(), ports.ErrPermanent, trimmed)
}
