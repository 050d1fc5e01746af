package telemetry

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/ports"
)

var (
	neighbour = ports.Member{ID: "m-1", Name: "inventory-1", Addr: "10.0.0.2:7070", Version: "1.4.0", Beat: 7}
	asTold    = map[string]any{"member": "inventory-1", "id": "m-1", "addr": "10.0.0.2:7070", "version": "1.4.0"}
)

// fleetCases has the events of a fleet.
var fleetCases = []eventCase{
	{ports.MemberCame{Member: neighbour}, zapcore.InfoLevel, "member came", asTold},
	{ports.MemberCame{Member: ports.Member{ID: "m-2", Name: "inventory-2"}}, zapcore.InfoLevel, "member came", map[string]any{"member": "inventory-2", "id": "m-2"}},
	{ports.MemberWent{Member: neighbour, Left: true}, zapcore.InfoLevel, "member left", asTold},
	{ports.MemberWent{Member: neighbour}, zapcore.WarnLevel, "member is silent", asTold},
	{
		ports.HandedOver{Ledger: id, To: neighbour, Took: time.Second},
		zapcore.InfoLevel, "handed over",
		map[string]any{"ledger": "stock/HCM/0", "to": "inventory-1", "took": time.Second},
	},
	{
		ports.FleetTrouble{Err: fmt.Errorf("asking who is in the fleet: %w", ports.ErrTransient)},
		zapcore.WarnLevel, "fleet trouble",
		map[string]any{"class": "transient", "error": "asking who is in the fleet: not done, try again"},
	},
	{
		ports.FleetTrouble{Err: fmt.Errorf("stock/HCM/0 can't be run: %w", ports.ErrPermanent)},
		zapcore.ErrorLevel, "fleet trouble",
		map[string]any{"class": "permanent", "error": "stock/HCM/0 can't be run: cannot be done"},
	},
	{
		ports.FleetTrouble{Err: fmt.Errorf("stock/HCM/0 can't be run: %w", ledger.ErrCorrupt)},
		zapcore.ErrorLevel, "fleet trouble",
		map[string]any{"class": "unknown", "error": "stock/HCM/0 can't be run: " + ledger.ErrCorrupt.Error()},
	},
	{
		ports.Forwarded{Ledger: id, To: "inventory-1", Tries: 1, Outcome: ports.ForwardDecided, Took: time.Millisecond},
		zapcore.DebugLevel, "forwarded",
		map[string]any{"ledger": "stock/HCM/0", "to": "inventory-1", "tries": int64(1), "outcome": "decided", "took": time.Millisecond},
	},
	{
		ports.Forwarded{Ledger: id, To: "inventory-1", Tries: 2, Outcome: ports.ForwardDecided, Err: reservation.ErrRejected, Took: time.Millisecond},
		zapcore.DebugLevel, "forwarded",
		map[string]any{
			"ledger": "stock/HCM/0", "to": "inventory-1", "tries": int64(2), "outcome": "decided", "took": time.Millisecond,
			"error": reservation.ErrRejected.Error(),
		},
	},
	{
		ports.Forwarded{Ledger: id, Tries: 9, Outcome: ports.ForwardNoOwner, Err: ports.ErrUnknown, Took: time.Second},
		zapcore.WarnLevel, "forward trouble",
		map[string]any{"ledger": "stock/HCM/0", "tries": int64(9), "outcome": "no_owner", "took": time.Second, "class": "unknown", "error": ports.ErrUnknown.Error()},
	},
}

func TestEventsOfAFleetAreCounted(t *testing.T) {
	for name, c := range map[string]struct {
		event ports.Event
		want  []string
	}{
		"a member that comes":       {ports.MemberCame{Member: neighbour}, []string{"fleet_changes_total{change=came} 1", "fleet_members{} 2"}},
		"one that leaves":           {ports.MemberWent{Member: neighbour, Left: true}, []string{"fleet_changes_total{change=left} 1"}},
		"one that is silent":        {ports.MemberWent{Member: neighbour}, []string{"fleet_changes_total{change=silent} 1"}},
		"a ledger that moves":       {ports.HandedOver{Ledger: id, Took: 2 * time.Second}, []string{"handover_seconds{} 1 of 2", "handovers_total{} 1"}},
		"a fleet that is not there": {ports.FleetTrouble{Err: ports.ErrUnknown}, []string{"trouble_total{of=fleet} 1"}},
		"a command at once": {
			ports.Forwarded{Ledger: id, Tries: 1, Outcome: ports.ForwardDecided, Took: time.Second},
			[]string{"forward_seconds{} 1 of 1", "forwarded_total{outcome=decided} 1"},
		},
		"a command at the third try": {
			ports.Forwarded{Ledger: id, Tries: 3, Outcome: ports.ForwardUnsettled, Took: time.Second},
			[]string{"forward_retries_total{} 2", "forward_seconds{} 1 of 1", "forwarded_total{outcome=unsettled} 1"},
		},
		"a command whose end has a new name": {
			ports.Forwarded{Ledger: id, Tries: 1, Outcome: "eaten", Took: time.Second},
			[]string{"forward_seconds{} 1 of 1", "forwarded_total{outcome=other} 1"},
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

func TestMembersAreThoseThatAreSeenAliveAndOneself(t *testing.T) {
	m := NewMetrics()
	another := ports.Member{ID: "m-2", Name: "inventory-1"} // the same place, started again
	for _, step := range []struct {
		event ports.Event
		want  float64
	}{
		{ports.Refused{}, 1},
		{ports.MemberCame{Member: neighbour}, 2},
		{ports.MemberCame{Member: another}, 3},
		{ports.MemberCame{Member: another}, 3},
		{ports.MemberWent{Member: neighbour}, 2},
		{ports.MemberWent{Member: neighbour, Left: true}, 2},
		{ports.MemberWent{Member: another, Left: true}, 1},
	} {
		m.Observe(step.event)
		if got := scrape(t, m)["inventory_fleet_members"].Metric[0].GetGauge().GetValue(); got != step.want {
			t.Errorf("%T %v: expected %v members, found %v", step.event, step.event, step.want, got)
		}
	}
}

func TestTroubleOfAFleetThatBeginsAlikeIsToldOnceAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core, lines := observer.New(zapcore.DebugLevel)
		o := New(zap.New(core))
		defer o.Close()
		for n := range 20 {
			o.Observe(ports.FleetTrouble{Err: fmt.Errorf("telling the fleet: try %d: %w", n, ports.ErrUnknown)})
			o.Observe(ports.FleetTrouble{Err: fmt.Errorf("asking the fleet: try %d: %w", n, ports.ErrUnknown)})
			o.Observe(ports.Forwarded{Ledger: id, Tries: n, Outcome: ports.ForwardUnreachable, Err: ports.ErrTransient})
			o.Observe(ports.Forwarded{Ledger: "stock/HAN/0", Tries: n, Outcome: ports.ForwardDecided})
		}
		told := func() string {
			var all []string
			for _, line := range lines.FilterLevelExact(zapcore.WarnLevel).TakeAll() {
				kind, _, _ := strings.Cut(fmt.Sprint(line.ContextMap()["error"]), ":")
				all = append(all, fmt.Sprint(line.Message, "/", kind, "/", line.ContextMap()["repeats"]))
			}
			lines.TakeAll()
			slices.Sort(all)
			return strings.Join(all, "; ")
		}
		want := "fleet trouble/asking the fleet/<nil>; fleet trouble/telling the fleet/<nil>; forward trouble/not done, try again/<nil>"
		if got := told(); got != want {
			t.Errorf("at once:\nexpected %s\n   found %s", want, got)
		}
		pass(troubleWindow + time.Millisecond)
		if got := told(); got != strings.ReplaceAll(want, "<nil>", "19") {
			t.Errorf("after a while:\nexpected %s\n   found %s", strings.ReplaceAll(want, "<nil>", "19"), got)
		}
	})
}

func BenchmarkACommandForwarded(b *testing.B) {
	m, o := NewMetrics(), New(zap.New(zapcore.NewNopCore()))
	e := ports.Forwarded{Ledger: id, To: "inventory-1", Tries: 1, Outcome: ports.ForwardDecided, Took: time.Millisecond}
	b.ReportAllocs()
	for b.Loop() {
		m.Observe(e)
		o.Observe(e)
	}
}
