package cassandra

import (
	"context"
	"fmt"
	"sync"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/domain/ledger"
)

const (
	cqlRecallReservations = `SELECT reservation_id, body FROM reservation WHERE reservation_id IN ?`
	cqlRecallAdjustments  = `SELECT adjustment_id, body FROM adjustment WHERE adjustment_id IN ?`
)

// Measured with 300 keys, none of them there: 4 ms as 8 queries of about 40 keys at once, 8
// to 9 ms as single queries, 64 at once, at three times the processor time, and 15 ms as
// one query.
const (
	recallQueries = 8
	recallMinKeys = 10
	recallMaxKeys = 50
)

// Recall implements ports.Archive.
func (s *Store) Recall(ctx context.Context, kind ledger.Kind, keys []ledger.UUID) (map[ledger.UUID][]byte, error) {
	cql := cqlRecallReservations
	if kind == ledger.KindStock {
		cql = cqlRecallAdjustments
	}
	size := min(max((len(keys)+recallQueries-1)/recallQueries, recallMinKeys), recallMaxKeys)
	found := make(map[ledger.UUID][]byte)
	var mu sync.Mutex
	// Room of its own: a decision waits for this, and should not stand behind a relay.
	room := make(chan struct{}, recallQueries)
	err := each(ctx, room, (len(keys)+size-1)/size, func(i int) error {
		some := keys[i*size : min((i+1)*size, len(keys))]
		err := s.recallSome(ctx, cql, some, func(key ledger.UUID, body []byte) {
			mu.Lock()
			defer mu.Unlock()
			found[key] = body
		})
		return readError(fmt.Sprintf("recall %d records of %s ledgers", len(keys), kind), err)
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

func (s *Store) recallSome(ctx context.Context, cql string, keys []ledger.UUID, take func(ledger.UUID, []byte)) error {
	ids := make([]gocql.UUID, len(keys))
	for i, k := range keys {
		ids[i] = uuid(k)
	}
	iter := s.plain.Query(cql, ids).IterContext(ctx)
	for {
		var id gocql.UUID
		var body []byte
		if !iter.Scan(&id, &body) {
			return iter.Close()
		}
		take(ledger.UUID(id), notNull(body))
	}
}
