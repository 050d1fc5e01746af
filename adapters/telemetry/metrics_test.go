package telemetry

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// counted lists the series that are not 0, but for build info and a fleet of one: name{labels}
// value, and of a histogram the number and the sum.
func counted(t *testing.T, m *Metrics) []string {
	t.Helper()
	var all []string
	for name, family := range scrape(t, m) {
		for _, one := range family.Metric {
			var labels []string
			for _, l := range one.Label {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			value := fmt.Sprint(one.GetCounter().GetValue() + one.GetGauge().GetValue())
			if h := one.GetHistogram(); h != nil {
				value = fmt.Sprintf("%d of %v", h.GetSampleCount(), h.GetSampleSum())
			}
			alone := name == "inventory_fleet_members" && value == "1"
			if value != "0" && value != "0 of 0" && name != "inventory_build_info" && !alone {
				all = append(all, fmt.Sprintf("%s{%s} %s", strings.TrimPrefix(name, "inventory_"), strings.Join(labels, ","), value))
			}
		}
	}
	slices.Sort(all)
	return all
}

func TestEventsAreCounted(t *testing.T) {
	const reservationID = ledger.ID("reservation/home/1")
	order := func(command, via, outcome, reason string, repeated bool) ports.Event {
		return ports.OrderDecided{
			Command: command, Via: via, Outcome: outcome, Reason: reason, Repeated: repeated, OrderID: "o-1", Took: 20 * time.Millisecond,
		}
	}
	for name, c := range map[string]struct {
		event ports.Event
		want  []string
	}{
		"an entry": {
			ports.Committed{Ledger: id, Commands: 3, Bytes: 900, Took: 4 * time.Millisecond},
			[]string{
				"commit_commands{ledger_kind=stock} 1 of 3", "commit_seconds{ledger_kind=stock} 1 of 0.004",
				"commits_total{outcome=applied} 1", "entry_bytes{ledger_kind=stock} 1 of 900",
			},
		},
		"an unknown write":      {ports.CommitTrouble{Ledger: id, Version: 1, Try: 2, Err: errStore}, []string{"commits_total{outcome=unknown} 1"}},
		"a write not done":      {ports.CommitTrouble{Ledger: id, Try: 1, Err: ports.ErrTransient}, []string{"commits_total{outcome=transient} 1"}},
		"a takeover that waits": {ports.CommitTrouble{Ledger: id, Err: ports.ErrUnknown}, []string{"trouble_total{of=takeover} 1"}},
		"a takeover":            {ports.TookOver{Ledger: id, Took: time.Second}, []string{"takeover_seconds{} 1 of 1", "takeovers_total{} 1"}},
		"giving up":             {ports.Lost{Ledger: id, Epoch: 1}, []string{"lost_total{cause=given_up} 1"}},
		"another owner": {
			ports.Lost{Ledger: id, Epoch: 1, Err: fmt.Errorf("not the owner: %w", ports.ErrConflict)},
			[]string{"commits_total{outcome=conflict} 1", "lost_total{cause=conflict} 1"},
		},
		"a clock that is off": {ports.Lost{Ledger: id, Epoch: 1, Err: ports.ErrClock}, []string{"lost_total{cause=clock} 1"}},
		"a clock compared": {
			ports.ClockCompared{Offset: -3 * time.Second, Err: ports.ErrClock},
			[]string{"clock_offset_seconds{} -3", "trouble_total{of=clock} 1"},
		},
		"a store that refuses":            {ports.Lost{Ledger: id, Epoch: 1, Err: ports.ErrPermanent}, []string{"commits_total{outcome=permanent} 1", "lost_total{cause=error} 1"}},
		"a corrupt journal":               {ports.Lost{Ledger: id, Epoch: 1, Err: ledger.ErrCorrupt}, []string{"lost_total{cause=error} 1"}},
		"no lead":                         {ports.Lost{Ledger: id, Err: ports.ErrTransient}, []string{"trouble_total{of=takeover} 1"}},
		"a defect":                        {ports.Refused{Ledger: id}, []string{"defects_total{} 1"}},
		"rows that wait":                  {ports.RelayTrouble{Ledger: id}, []string{"trouble_total{of=relay} 1"}},
		"a snapshot":                      {ports.SnapshotTaken{Ledger: id, Took: time.Second}, []string{"snapshot_seconds{} 1 of 1"}},
		"no snapshot":                     {ports.SnapshotTrouble{Ledger: id}, []string{"trouble_total{of=snapshot} 1"}},
		"no directory":                    {ports.DirectoryTrouble{}, []string{"trouble_total{of=directory} 1"}},
		"an order held":                   {order("reserve", "http", "HELD", "", false), []string{"reserve_latency_seconds{outcome=held,via=http} 1 of 0.02"}},
		"a 409 for want":                  {order("reserve", "http", "INSUFFICIENT_STOCK", "", false), []string{"reserve_latency_seconds{outcome=insufficient,via=http} 1 of 0.02"}},
		"an order asked again":            {order("reserve", "http", "HELD", "", true), []string{"reserve_latency_seconds{outcome=repeated,via=http} 1 of 0.02"}},
		"a rejected one again":            {order("reserve", "kafka", "REJECTED", "INSUFFICIENT_STOCK", true), []string{"reserve_latency_seconds{outcome=repeated,via=kafka} 1 of 0.02"}},
		"an overloaded ledger":            {order("reserve", "kafka", "OVERLOADED", "", false), []string{"reserve_latency_seconds{outcome=retry,via=kafka} 1 of 0.02"}},
		"a code nobody knows":             {order("reserve", "cli", "NEWS", "", false), []string{"reserve_latency_seconds{outcome=error,via=other} 1 of 0.02"}},
		"a release":                       {order("release", "kafka", "RELEASED", "", false), []string{"order_commands_total{command=release,outcome=done,via=kafka} 1"}},
		"a pick nobody expects":           {order("confirm", "kafka", "UNKNOWN_ORDER", "", false), []string{"order_commands_total{command=confirm,outcome=unknown_order,via=kafka} 1"}},
		"a pick that waits for its order": {order("confirm", "kafka", "PARKED", "", false), []string{"order_commands_total{command=confirm,outcome=parked,via=kafka} 1"}},
		"a parked pick that is buried": {
			ports.PickBuried{Ledger: reservationID, OrderID: "o", Code: "UNKNOWN_ORDER"},
			[]string{"dead_letters_total{code=UNKNOWN_ORDER,topic=fulfillment.picked.v1} 1"},
		},
		"an order rejected": {
			order("reserve", "kafka", "REJECTED", "INSUFFICIENT_STOCK", false),
			[]string{"orders_rejected_total{reason=INSUFFICIENT_STOCK} 1", "reserve_latency_seconds{outcome=rejected,via=kafka} 1 of 0.02"},
		},
		"a receipt": {
			ports.AdjustmentDecided{Type: "RECEIPT", Outcome: ports.AdjustmentMade, SKU: "A", Took: time.Second},
			[]string{"adjustment_latency_seconds{outcome=done} 1 of 1", "adjustment_total{outcome=done,type=RECEIPT} 1"},
		},
		"nonsense": {
			ports.AdjustmentDecided{Type: "'; DROP", Outcome: "INVALID", Took: time.Second},
			[]string{"adjustment_latency_seconds{outcome=refused} 1 of 1", "adjustment_total{outcome=refused,type=other} 1"},
		},
		"holds that lapse": {
			ports.HoldsExpired{Ledger: reservationID, Late: []time.Duration{time.Second, 2 * time.Second, time.Millisecond * 500}},
			[]string{"ttl_expired_total{} 3", "ttl_expiry_lateness_seconds{} 3 of 3.5"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := NewMetrics()
			m.Observe(c.event)
			if got := counted(t, m); !slices.Equal(got, c.want) {
				t.Errorf("expected %q\n   found %q", c.want, got)
			}
		})
	}
}

func TestNoEventIsForgottenByTheMetrics(t *testing.T) {
	for _, c := range allCases() {
		m := NewMetrics()
		m.Observe(c.event)
		got := counted(t, m)
		if len(got) == 0 || slices.Contains(got, "trouble_total{of=other} 1") {
			t.Errorf("%T: counted %q", c.event, got)
		}
	}
}

func TestWhatAdaptersTellIsCounted(t *testing.T) {
	m := NewMetrics()
	m.Consumed("order.created.v1", time.Second, RecordDone)
	m.Consumed("staging.order.created.v1", time.Second, "eaten")
	m.Buried("order.cancelled.v1", "TOO_OLD")
	m.Buried("order.cancelled.v1", "NEWS")
	m.Retrying("fulfillment.picked.v1", "UNAVAILABLE")
	m.LanesInUse(3)
	m.LanesInUse(-1)
	m.Published("inventory.reserved.v1", 5, time.Second)
	m.HTTP("POST /inventory/reserve", 409, time.Second)
	m.HTTP("/inventory/SKU-1", 0, time.Second)
	m.HTTP("", 299, time.Second)
	want := []string{
		"consume_seconds{topic=order.created.v1} 2 of 2",
		"dead_letters_total{code=TOO_OLD,topic=order.cancelled.v1} 1",
		"dead_letters_total{code=other,topic=order.cancelled.v1} 1",
		"http_requests_seconds{route=/inventory/reserve,status=409} 1 of 1",
		"http_requests_seconds{route=other,status=200} 1 of 1",
		"http_requests_seconds{route=other,status=other} 1 of 1",
		"lanes_in_use{} 2",
		"publish_seconds{topic=inventory.reserved.v1} 1 of 1",
		"published_total{topic=inventory.reserved.v1} 5",
		"record_retries_total{code=UNAVAILABLE,topic=fulfillment.picked.v1} 1",
		"records_consumed_total{outcome=done,topic=order.created.v1} 1",
		"records_consumed_total{outcome=other,topic=order.created.v1} 1",
	}
	if got := counted(t, m); !slices.Equal(got, want) {
		t.Errorf("expected %q\n   found %q", want, got)
	}
}

func TestLagsAreThoseOfTheLedgerFurthestBehind(t *testing.T) {
	m := NewMetrics()
	reads := 0
	m.WatchLedgers(func() []LedgerStatus {
		reads++
		return []LedgerStatus{
			{Ledger: "stock/HCM/0", Version: 90, Relayed: 88, Waiting: 7, Mail: 1},
			{Ledger: "stock/HAN/0", Version: 90, Relayed: 60, Waiting: 5, Mail: 9},
			{Ledger: "reservation/home/0", Version: 10, Relayed: 10},
		}
	})
	want := []string{
		"ledgers_owned{ledger_kind=reservation} 1", "ledgers_owned{ledger_kind=stock} 2", "mail_lag_messages{ledger_kind=stock} 9",
		"mailbox_messages{ledger_kind=stock} 7", "relay_lag_entries{ledger_kind=stock} 30",
	}
	if got := counted(t, m); !slices.Equal(got, want) {
		t.Errorf("expected %q\n   found %q", want, got)
	}
	if reads != 1 {
		t.Errorf("the ledgers were read %d times for one scrape", reads)
	}
}

func TestAMemberWithoutLedgersShowsThatItOwnsNone(t *testing.T) {
	m := NewMetrics()
	m.WatchLedgers(func() []LedgerStatus { return nil })
	if got := scrape(t, m)["inventory_ledgers_owned"]; len(got.GetMetric()) != 2 {
		t.Errorf("expected 0 for each kind, found %v", got)
	}
}

func BenchmarkAnOrderDecided(b *testing.B) {
	m := NewMetrics()
	e := ports.OrderDecided{Command: ports.ReserveCommand, Via: ports.ViaKafka, Outcome: "HELD", OrderID: "o-1", Took: 7 * time.Millisecond}
	b.ReportAllocs()
	for b.Loop() {
		m.Observe(e)
	}
}
