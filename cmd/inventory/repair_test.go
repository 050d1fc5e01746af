package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"inventory/adapters/kafka"
	"inventory/adapters/sqlite"
	"inventory/adapters/system"
	"inventory/domain/ledger"
	"inventory/ports"
)

// damage writes what nobody asked for to the store of a service that does not run.
func damage(t *testing.T, dir string, rows ports.Rows) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), dir, sqlite.Options{Clock: system.Clock{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Write(t.Context(), rows); err != nil {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

func TestADifferenceIsToldAndRepairedOnceOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	s := serving(t, dir)
	must(t, "warehouse", "put", "HCM", "south", s.server)
	must(t, "adjust", "HCM", "SKU-1", "RECEIPT", "10", s.server)
	s.stop(t)
	damage(t, dir, ports.Rows{
		Events: []ports.EventRow{{
			EventID: ledger.NewUUIDv5(ledger.Namespace, "forged"), SKU: "SKU-1", WarehouseID: "HCM", EventType: "ADJUSTED",
			Quantity: 4, OccurredAt: time.UnixMilli(1), Metadata: "{}",
		}},
	})

	s = serving(t, dir, "--audit-interval=200ms")
	waitFor(t, func() bool { return strings.Contains(s.errs.String(), "difference found") })
	if log := s.errs.String(); !strings.Contains(log, `"what": "on_hand from inventory.events", "journal": "10", "found": "14"`) {
		t.Errorf("the evidence expected, found\n%s", log)
	}
	for _, step := range []struct {
		command string
		exit    int
		says    string
	}{
		{"reconcile", exitDifferences, "on_hand from inventory.events: the journal gives 10, found 14"},
		{"reconcile --repair --dry-run", exitDifferences, "stock/HCM/0: sku SKU-1: would append CORRECTED to inventory.events (on_hand -4, held +0, rows -1)"},
		{"reconcile", exitDifferences, "2 DIFFERENCES"},
		{"reconcile --repair --apply --actor anna --reason night", 0, "sku SKU-1: done: append CORRECTED"},
		{"reconcile --repair --apply", 0, "nothing to correct"},
		{"reconcile", 0, "all agree with the journals"},
		{"stock SKU-1", 0, "10"},
	} {
		out, errs, err := try(t, append(strings.Fields(step.command), s.server)...)
		if exitCode(err) != step.exit || !strings.Contains(out, step.says) {
			t.Fatalf("%s: exit code %d and %q expected, found %v\n%s%s", step.command, step.exit, step.says, err, out, errs)
		}
	}
	waitFor(t, func() bool {
		log := s.errs.String()
		return strings.Contains(log, "repaired") && strings.Contains(log, `"actor": "anna"`)
	})
}

func TestFlagsOfARepairThatMakeNoSenseAreRefused(t *testing.T) {
	for _, flags := range []string{"--repair", "--repair --dry-run --apply", "--apply", "--dry-run", "--actor=anna", "--repair --apply --offline"} {
		if _, _, err := try(t, append([]string{"reconcile"}, strings.Fields(flags)...)...); exitCode(err) != exitUsage {
			t.Errorf("%s: %v", flags, err)
		}
	}
}

// A level that is gone from the topic comes again, through the embedded broker, and is told.
func TestALevelThatTheTopicLacksIsPublishedAgain(t *testing.T) {
	s := serving(t, t.TempDir(), "--audit-interval=200ms")
	must(t, "warehouse", "put", "HCM", "south", s.server)
	must(t, "adjust", "HCM", "SKU-1", "RECEIPT", "10", s.server)
	cfg := kafka.DefaultConfig()
	for _, flag := range s.flags {
		if addr, ok := strings.CutPrefix(flag, "--kafka-addr="); ok {
			cfg.Brokers = []string{addr}
		}
	}
	topic, err := kafka.NewLevelTopic(cfg, undecoded{})
	if err != nil {
		t.Fatal(err)
	}
	records, last := 0, ports.PublishedLevel{}
	read := func() {
		if err := topic.Read(t.Context(), func(l ports.PublishedLevel) { records, last = records+1, l }); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, func() bool { read(); return records == 1 })
	p, err := kafka.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Send(t.Context(), kafka.Record{Topic: ports.StockLevelTopic, Key: []byte("SKU-1:HCM")}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return strings.Contains(s.errs.String(), "level published again") })
	if read(); last.Level == nil || records != 3 {
		t.Errorf("the level once more after it was deleted expected, found %d records, the last of %+v", records, last)
	}
	waitFor(t, func() bool { // a pass later nothing differs
		_, _, err := try(t, "reconcile", s.server)
		return err == nil
	})
}

// undecoded takes every value for a level.
type undecoded struct{}

func (undecoded) DecodeLevel(context.Context, []byte) (ports.StockLevel, error) {
	return ports.StockLevel{}, nil
}
