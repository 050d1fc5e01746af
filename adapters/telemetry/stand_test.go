package telemetry

import (
	"fmt"
	"strings"
	"testing"

	"go.uber.org/zap/zapcore"

	"inventory/domain/ledger"
	"inventory/ports"
)

// standCases has the events of how things stand.
var standCases = []eventCase{
	{
		ports.IntakeStands{Records: map[string]int64{ports.OrderCreatedTopic: 3}},
		zapcore.DebugLevel, "order events wait",
		map[string]any{"records": map[string]int64{"order.created.v1": 3}},
	},
	{
		ports.OwnersStand{Unowned: []ledger.ID{id}},
		zapcore.DebugLevel, "ledgers without an owner",
		map[string]any{"ledgers": int64(1)},
	},
	{
		ports.StandTrouble{Of: ports.OfIntake, Err: fmt.Errorf("kafka: %w", ports.ErrTransient)},
		zapcore.WarnLevel, "how things stand is not known",
		map[string]any{"of": "intake", "class": "transient", "error": "kafka: not done, try again"},
	},
}

func TestHowThingsStandIsWhatWasToldLastAndNothingOnceNobodyKnows(t *testing.T) {
	m := NewMetrics()
	m.Roles("core", "made up")
	m.Observe(ports.IntakeStands{Records: map[string]int64{ports.OrderCreatedTopic: 7, "made.up": 1}})
	m.Observe(ports.OwnersStand{Unowned: []ledger.ID{ledger.StockID("HCM", 0), ledger.ReservationID("south", 1), ledger.ReservationID("south", 2)}})
	expectSeries(t, m,
		`inventory_role_info{role="core"} 1`, `inventory_role_info{role="other"} 1`,
		`inventory_consumer_lag_records{topic="order.created.v1"} 7`, `inventory_consumer_lag_records{topic="other"} 1`,
		`inventory_unowned_ledgers{ledger_kind="stock"} 1`, `inventory_unowned_ledgers{ledger_kind="reservation"} 2`)
	m.Observe(ports.OwnersStand{})
	expectSeries(t, m, `inventory_unowned_ledgers{ledger_kind="stock"} 0`, `inventory_unowned_ledgers{ledger_kind="reservation"} 0`)
	for _, c := range []struct{ of, gone, stays string }{
		{ports.OfIntake, "inventory_consumer_lag_records{", "inventory_unowned_ledgers{"},
		{ports.OfOwners, "inventory_unowned_ledgers{", "inventory_role_info{"},
	} {
		m.Observe(ports.StandTrouble{Of: c.of, Err: ports.ErrTransient})
		if text := scraped(t, m); strings.Contains(text, c.gone) || !strings.Contains(text, c.stays) {
			t.Errorf("%s: expected no %s and some %s", c.of, c.gone, c.stays)
		}
	}
	expectSeries(t, m, `inventory_trouble_total{of="standing"} 2`)
}
