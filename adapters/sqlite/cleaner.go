package sqlite

import (
	"context"
	"time"
)

const (
	// The number of ledgers is small, so going through them all costs little.
	sqlCleanEntries = `DELETE FROM ledger WHERE rowid IN (
		SELECT l.rowid FROM ledger_head h CROSS JOIN ledger l
		ON l.ledger_id = h.ledger_id AND l.version <= h.trimmed LIMIT ?)`
	// Rows lapse about in the order in which they were made, which is that of rowid: looking
	// at the oldest ones finds what has lapsed without an index that each write would have to
	// keep. A row that is kept alive holds up only those right behind it, and only meanwhile.
	sqlCleanReservations = `DELETE FROM reservation WHERE kept_until <= ? AND rowid IN (
		SELECT rowid FROM reservation ORDER BY rowid LIMIT ?)`
	sqlCleanAdjustments = `DELETE FROM adjustment WHERE kept_until <= ? AND rowid IN (
		SELECT rowid FROM adjustment ORDER BY rowid LIMIT ?)`
)

const (
	cleanEvery = 10 * time.Second
	// cleanRows bounds one step, so that no commit waits long behind it.
	cleanRows = 200
)

// cleaner deletes, now and then and in small steps, what readers ignore already: trimmed
// entries, and rows that have outlived their time to live.
type cleaner struct {
	stop    context.CancelFunc
	stopped chan struct{}
}

func startCleaner(s *Store) *cleaner {
	ctx, stop := context.WithCancel(context.Background())
	c := &cleaner{stop: stop, stopped: make(chan struct{})}
	go c.loop(ctx, s)
	return c
}

func (c *cleaner) close() {
	c.stop()
	<-c.stopped
}

func (c *cleaner) loop(ctx context.Context, s *Store) {
	defer close(c.stopped)
	timer := s.opts.Clock.NewTimer(cleanEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
		}
		// An error is no news: whoever writes gets it too, and the next round tries again.
		for more := true; more && ctx.Err() == nil; {
			more, _ = s.cleanStep(ctx)
		}
		timer.Reset(cleanEvery)
	}
}

// cleanStep deletes a few rows; more says that there may be others.
func (s *Store) cleanStep(ctx context.Context) (more bool, err error) {
	now := s.now()
	deleted, err := ask(ctx, s.writer, cleanRows*rowBytes, func(s *session) (most int64, err error) {
		for _, step := range []statement{
			{query: sqlCleanEntries, args: []any{cleanRows}},
			{query: sqlCleanReservations, args: []any{now, cleanRows}},
			{query: sqlCleanAdjustments, args: []any{now, cleanRows}},
			{query: sqlCleanMembers, args: []any{now}}, // one a start: never many
		} {
			n, err := s.change(step.query, step.args...)
			if err != nil {
				return 0, err
			}
			most = max(most, n)
		}
		return most, nil
	})
	return deleted == cleanRows && err == nil, err
}
