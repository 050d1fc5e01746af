package cassandra

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"inventory/ports"
)

// The claim is row 0 of schema_migrations. It only keeps migrators from getting in each
// other's way: were two at work, each would run statements that are harmless to repeat.
const (
	cqlClaim   = `INSERT INTO schema_migrations (version, claimed_by) VALUES (0, ?) IF NOT EXISTS USING TTL ?`
	cqlRenew   = `UPDATE schema_migrations USING TTL ? SET claimed_by = ? WHERE version = 0 IF claimed_by = ?`
	cqlRelease = `DELETE FROM schema_migrations WHERE version = 0 IF claimed_by = ?`
)

const (
	claimSeconds   = 60
	claimTries     = 150 // about as many seconds, more than two claims of migrators that died
	schemaTries    = 20
	releaseTimeout = 5 * time.Second
)

// claim waits until no other migrator is at work.
func (m *migrator) claim(ctx context.Context) error {
	return again(ctx, claimTries, func() (bool, error) {
		o, err := m.transact(ctx, cqlClaim, m.id, claimSeconds)
		if err != nil {
			return true, writeError("claim the keyspace", err)
		}
		if by := o.shown["claimed_by"]; !o.applied && by != m.id {
			return false, fmt.Errorf("%w: migrator %v has claimed it; the claim of one that died lapses after %d s",
				ports.ErrTransient, by, claimSeconds)
		}
		return true, nil
	})
}

// renew makes the claim last for another while.
func (m *migrator) renew(ctx context.Context) error {
	o, err := m.transact(ctx, cqlRenew, claimSeconds, m.id, m.id)
	if err != nil {
		return writeError("renew the claim", err)
	}
	if !o.applied {
		return fmt.Errorf("%w: the claim has lapsed, another migrator may be at work: run it again", ports.ErrTransient)
	}
	return nil
}

// release gives the claim up. Where that fails it lapses.
func (m *migrator) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	_, _ = m.transact(ctx, cqlRelease, m.id)
}

// isSettling tells an error that may go away by itself from one that will not. A fresh
// cluster says for a while that a keyspace or table does not exist.
func isSettling(err error) bool {
	return !isContextError(err) && (!isPermanent(err) || strings.Contains(err.Error(), "exist"))
}

// again calls do until it says that that was the last time, and returns its error: at most
// tries times, half a second to a second apart.
func again(ctx context.Context, tries int, do func() (last bool, err error)) error {
	for try := 1; ; try++ {
		last, err := do()
		if last || try == tries {
			return err
		}
		select {
		case <-time.After(time.Second/2 + rand.N(time.Second/2)):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
}
