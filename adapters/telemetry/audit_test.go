package telemetry

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"inventory/ports"
)

func TestAuditsAreCountedAndDifferencesAreThoseOfTheLastPass(t *testing.T) {
	m := NewMetrics()
	at := time.UnixMilli(1_700_000_000_500)
	m.Observe(ports.Audited{At: at, Took: time.Second, Reads: 7, Different: map[string]int{ports.DifferentEvents: 3, ports.DifferentHolds: 1}})
	m.Observe(ports.DifferenceFound{Kind: ports.DifferentEvents})
	m.Observe(ports.Audited{At: at, Took: time.Second, Reads: 7, Different: map[string]int{ports.DifferentHolds: 1}})
	m.Observe(ports.AuditTrouble{Err: errors.New("away")})
	m.Observe(ports.LevelRepublished{})
	m.Observe(ports.Repaired{Kind: ports.DifferentEvents})
	m.Observe(ports.Repaired{Kind: ports.DifferentHolds, Err: errors.New("no")})
	for _, line := range []string{
		`inventory_audit_differences{kind="holds"} 1`, `inventory_audit_differences{kind="events"} 0`,
		`inventory_audit_passes_total{outcome="done"} 2`, `inventory_audit_passes_total{outcome="failed"} 1`,
		`inventory_audit_last_pass_timestamp_seconds 1.7000000005e+09`, `inventory_audit_reads_total 14`,
		`inventory_levels_republished_total 1`, `inventory_repairs_total{kind="events",outcome="done"} 1`,
		`inventory_repairs_total{kind="holds",outcome="failed"} 1`,
	} {
		if !strings.Contains(scraped(t, m), line+"\n") {
			t.Errorf("%s expected", line)
		}
	}
	m.Observe(ports.AuditStopped{})
	for _, line := range []string{`inventory_audit_differences{kind="holds"} 0`, `inventory_audit_last_pass_timestamp_seconds 0`} {
		if !strings.Contains(scraped(t, m), line+"\n") {
			t.Errorf("after the ledgers were lost: %s expected", line)
		}
	}
}

func scraped(t *testing.T, m *Metrics) string {
	t.Helper()
	_, body := ask(t, m, "text/plain")
	return body.String()
}

// What is told of auditing names what it is about at every level: it is rare, and a person
// has to find it.
func TestWhatAnAuditorTellsIsLoggedWithTheEvidence(t *testing.T) {
	for _, c := range []struct {
		event ports.Event
		level zapcore.Level
		msg   string
		want  map[string]any
	}{
		{
			ports.DifferenceFound{Kind: "events", Ledger: "stock/W1/0", Subject: "sku A", What: "held", Journal: "2", Found: "3"},
			zapcore.ErrorLevel, "difference found",
			map[string]any{"kind": "events", "ledger": "stock/W1/0", "subject": "sku A", "what": "held", "journal": "2", "found": "3"},
		},
		{
			ports.DifferenceGone{Kind: "events", Ledger: "stock/W1/0", Subject: "sku A", What: "held"},
			zapcore.InfoLevel, "difference gone",
			map[string]any{"kind": "events", "ledger": "stock/W1/0", "subject": "sku A", "what": "held"},
		},
		{
			ports.LevelRepublished{Ledger: "stock/W1/0", SKU: "A", WarehouseID: "W1", Version: 7, Found: "no record"},
			zapcore.WarnLevel, "level published again",
			map[string]any{"ledger": "stock/W1/0", "sku": "A", "warehouse_id": "W1", "version": int64(7), "found": "no record"},
		},
		{
			ports.Repaired{Kind: "events", Ledger: "stock/W1/0", Subject: "sku A", Step: "append", Actor: "anna", Reason: "night"},
			zapcore.WarnLevel, "repaired",
			map[string]any{"kind": "events", "ledger": "stock/W1/0", "subject": "sku A", "step": "append", "actor": "anna", "reason": "night"},
		},
		{
			ports.Repaired{Kind: "holds", Ledger: "stock/W1/0", Subject: "order o", Step: "release", Actor: "anna", Err: errors.New("too late")},
			zapcore.ErrorLevel, "repair failed",
			map[string]any{"kind": "holds", "ledger": "stock/W1/0", "subject": "order o", "step": "release", "actor": "anna", "error": "too late"},
		},
		{
			ports.Audited{Took: time.Second, Reads: 7}, zapcore.DebugLevel, "audited", map[string]any{"took": time.Second, "reads": int64(7)},
		},
		{ports.AuditStopped{}, zapcore.DebugLevel, "audits no more", map[string]any{}},
		{
			ports.AuditTrouble{Err: ports.ErrTransient},
			zapcore.WarnLevel, "audit trouble",
			map[string]any{"class": "transient", "error": ports.ErrTransient.Error()},
		},
	} {
		lines := observe(t, zapcore.DebugLevel, c.event)
		if len(lines) != 1 || lines[0].Level != c.level || lines[0].Message != c.msg || !maps.Equal(lines[0].ContextMap(), c.want) {
			t.Errorf("%T: %s %q %v expected, found %v", c.event, c.level, c.msg, c.want, lines)
		}
	}
}
