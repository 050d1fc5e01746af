package owner

import (
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/system"
	"inventory/domain/ledger"
)

// Rows wait for deadlines that wait, but not for ever, and not where the ledger waits for them.
func TestRowsWaitForDeadlinesThatWait(t *testing.T) {
	cfg := DefaultConfig()
	for _, c := range []struct {
		name   string
		behind time.Duration // deadlines wait that long
		lag    int
		want   time.Duration
	}{
		{"nothing waits", 0, 100, cfg.RelayLinger},
		{"deadlines wait for a second", time.Second, 100, time.Second + behindLately},
		{"deadlines wait on and on", time.Hour, 100, cfg.HoldBack},
		{"the ledger waits for its relay", time.Hour, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := system.Clock{}
				d := &tenure{cfg: cfg, world: World{Clock: clock}, demand: &demand{clock: clock}}
				q := newRelayQueue(c.lag, 0, clock)
				entry := &ledger.Entry{Stamp: ledger.Stamp{Version: 1}}
				q.add(entry)
				began := time.Now()
				stop := make(chan struct{})
				go func() {
					for time.Since(began) < c.behind {
						d.demand.fallBehind()
						select {
						case <-stop:
							return
						case <-time.After(behindLately / 4):
						}
					}
				}()
				synctest.Wait()
				q.published([]*ledger.Entry{entry})
				taken := q.next(t.Context(), d, false)
				close(stop)
				if took := time.Since(began); len(taken) != 1 || took < c.want || took > c.want+cfg.RelayLinger {
					t.Errorf("%d entries were taken after %s, expected one after %s", len(taken), took, c.want)
				}
			})
		})
	}
}
