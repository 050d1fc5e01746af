package app_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"inventory/adapters/memory"
	"inventory/adapters/sqlite"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/app/apptest"
)

var (
	seedFlag     = flag.Uint64("seed", 0, "seed of the histories; 0: another one each time")
	commandsFlag = flag.Int("commands", 3000, "commands of all histories together; make test has 100,000")
)

func seed() uint64 {
	if *seedFlag != 0 {
		return *seedFlag
	}
	return rand.Uint64()
}

func inMemory(testing.TB) func(testing.TB) app.Store {
	store := memory.New()
	return func(testing.TB) app.Store { return store }
}

func onSQLite(t testing.TB) func(testing.TB) app.Store {
	dir := t.TempDir()
	return func(tb testing.TB) app.Store {
		s, err := sqlite.Open(tb.Context(), dir, sqlite.Options{Clock: system.Clock{}})
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() {
			if err := s.Close(); err != nil {
				tb.Error(err)
			}
		})
		return s
	}
}

// tunes are what the histories are run with, by their seeds; nil: whole journals and usual batches.
var tunes = []func(*app.Config){nil, trimming, narrow}

// trimming lets snapshots be taken often, so that journals are trimmed in the storm.
func trimming(cfg *app.Config) { cfg.Owner.SnapshotBytes = 8 << 10 }

// narrow lets ledgers decide little at once and forget at once, so that many commands
// wait while others look up, change and forget what they are about.
func narrow(cfg *app.Config) {
	cfg.Owner.Batch, cfg.Owner.EntryBytes, cfg.Owner.MailRoom = 2, 512, 16
	cfg.Owner.RelayLinger, cfg.Owner.HoldBack = 0, 0
}

// TestNoHistoryBreaksAPromise is the property test: random commands, every fault, processes
// killed, frozen and stopped, most on memory, a quarter on SQLite, which takes ten times as long,
// with whole and with trimmed journals. Time is the bubble's, so that leases and deadlines cost none.
func TestNoHistoryBreaksAPromise(t *testing.T) {
	const most = 2500 // commands of one history
	first := seed()
	for _, store := range []struct {
		name string
		open func(testing.TB) func(testing.TB) app.Store
		part int // of the commands, in quarters
	}{{"memory", inMemory, 3}, {"SQLite", onSQLite, 1}} {
		commands := *commandsFlag * store.part / 4
		histories := (commands + most - 1) / most
		for n := range uint64(histories) {
			t.Run(fmt.Sprintf("%s/%d", store.name, n), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					cfg := apptest.Stormy(store.open(t), system.Clock{}, first+n)
					cfg.Commands = commands / histories
					cfg.Tune = tunes[cfg.Seed%uint64(len(tunes))]
					apptest.History(t, cfg)
				})
			})
		}
	}
}
