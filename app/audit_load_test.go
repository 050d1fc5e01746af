package app_test

import (
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/system"
	"inventory/app"
	"inventory/app/apptest"
)

// TestAuditorsFindNothingInAHealthySystem has auditors compare all the time while orders
// come, on memory and on SQLite, with whole and with trimmed journals, calm and in all
// trouble: a false alarm is the worst that they could do.
func TestAuditorsFindNothingInAHealthySystem(t *testing.T) {
	for name, history := range map[string]func(func(testing.TB) app.Store) apptest.Config{
		"calm": func(open func(testing.TB) app.Store) apptest.Config {
			return apptest.Calm(open, system.Clock{}, seed())
		},
		"stormy": func(open func(testing.TB) app.Store) apptest.Config {
			return apptest.Stormy(open, system.Clock{}, seed())
		},
	} {
		for store, open := range map[string]func(testing.TB) func(testing.TB) app.Store{"memory": inMemory, "SQLite": onSQLite} {
			for i, tune := range []func(*app.Config){sharing, trimming, narrow} {
				if i > 0 && store == "SQLite" {
					continue // its files take their time, and what differs is in the port's suite
				}
				t.Run(name+"/"+store, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						cfg := history(open(t))
						cfg.Commands = min(1000, *commandsFlag/10) // in make check enough for several passes
						cfg.Audit, cfg.Tune = time.Duration(10+40*i)*time.Millisecond, tune
						if audits := apptest.History(t, cfg).Audits; audits < 5 {
							t.Errorf("only %d audits came to their end", audits)
						}
					})
				})
			}
		}
	}
}

// sharing has an audit look at a few records at a time, and at few rows.
func sharing(cfg *app.Config) { cfg.Audit.Reads, cfg.Audit.Rows = 12, 60 }
