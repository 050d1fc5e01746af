package telemetry

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const id ledger.ID = "stock/HCM/0"

// traceparent is the example of W3C's Trace Context.
const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

var errStore = fmt.Errorf("write of sku SKU-1 for order o-1: %w", ports.ErrUnknown)

// eventCase is an event, and what a reader of the log finds of it.
type eventCase struct {
	event  ports.Event
	level  zapcore.Level
	msg    string
	fields map[string]any
}

// allCases has every event but those of the auditor.
func allCases() []eventCase {
	return slices.Concat(cases, fleetCases, letterCases, globalCases, captureCases, watchCases, standCases, cacheCases)
}

// cases has the events of ledgers and of decisions.
var cases = []eventCase{
	{
		ports.Committed{Ledger: id, Version: 7, Commands: 3, Changes: 5, Bytes: 900, Took: time.Millisecond},
		zapcore.DebugLevel, "committed",
		map[string]any{"ledger": "stock/HCM/0", "version": int64(7), "commands": int64(3), "changes": int64(5), "bytes": int64(900), "took": time.Millisecond},
	},
	{
		ports.CommitTrouble{Ledger: id, Version: 8, Try: 2, Err: errStore},
		zapcore.WarnLevel, "commit trouble",
		map[string]any{"ledger": "stock/HCM/0", "version": int64(8), "try": int64(2), "class": "unknown", "error": errStore.Error()},
	},
	{
		ports.TookOver{Ledger: id, Epoch: 4, Version: 8, Entries: 6, Took: time.Second},
		zapcore.InfoLevel, "took over",
		map[string]any{"ledger": "stock/HCM/0", "epoch": int64(4), "version": int64(8), "replayed": int64(6), "took": time.Second},
	},
	{
		ports.Lost{Ledger: id, Epoch: 4},
		zapcore.InfoLevel, "gave up",
		map[string]any{"ledger": "stock/HCM/0", "epoch": int64(4)},
	},
	{
		ports.Lost{Ledger: id, Epoch: 4, Err: ports.ErrConflict},
		zapcore.WarnLevel, "lost",
		map[string]any{"ledger": "stock/HCM/0", "epoch": int64(4), "class": "conflict", "error": "conflict"},
	},
	{
		ports.Refused{Ledger: id, Err: errors.New("held would be -1")},
		zapcore.ErrorLevel, "refused: a defect",
		map[string]any{"ledger": "stock/HCM/0", "class": "unknown", "error": "held would be -1"},
	},
	{
		ports.RelayTrouble{Ledger: id, Version: 9, Err: ports.ErrTransient},
		zapcore.WarnLevel, "relay trouble",
		map[string]any{"ledger": "stock/HCM/0", "version": int64(9), "class": "transient", "error": "not done, try again"},
	},
	{
		ports.SnapshotTaken{Ledger: id, Version: 9, Bytes: 4096, Took: time.Second},
		zapcore.DebugLevel, "snapshot taken",
		map[string]any{"ledger": "stock/HCM/0", "version": int64(9), "bytes": int64(4096), "took": time.Second},
	},
	{
		ports.SnapshotTrouble{Ledger: id, Err: ports.ErrPermanent},
		zapcore.WarnLevel, "snapshot trouble",
		map[string]any{"ledger": "stock/HCM/0", "class": "permanent", "error": "cannot be done"},
	},
	{
		ports.DirectoryTrouble{Err: ports.ErrTransient},
		zapcore.WarnLevel, "directory trouble",
		map[string]any{"class": "transient", "error": "not done, try again"},
	},
	{
		ports.OrderDecided{
			Command: ports.ReserveCommand, Via: ports.ViaKafka, Outcome: "REJECTED", Reason: "INSUFFICIENT_STOCK", Repeated: true,
			OrderID: "o-1", ReservationID: reservation.IDOf("o-1"), Trace: traceparent, Took: time.Millisecond,
		},
		zapcore.DebugLevel, "order decided",
		map[string]any{
			"command": "reserve", "via": "kafka", "outcome": "REJECTED", "reason": "INSUFFICIENT_STOCK", "repeated": true,
			"order_id": "o-1", "reservation_id": "040e458d-cdd4-56b0-b36a-375c82fd5541",
			"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "took": time.Millisecond,
		},
	},
	{
		ports.OrderDecided{Command: ports.ReleaseCommand, Via: ports.ViaHTTP, Outcome: "UNKNOWN_ORDER", Trace: "none"},
		zapcore.DebugLevel, "order decided",
		map[string]any{"command": "release", "via": "http", "outcome": "UNKNOWN_ORDER", "took": time.Duration(0)},
	},
	{
		ports.AdjustmentDecided{
			Type: "RECEIPT", Via: ports.ViaHTTP, Outcome: ports.AdjustmentMade, SKU: "SKU-1", WarehouseID: "HCM", Actor: "ann",
			Trace: traceparent, Took: time.Millisecond,
		},
		zapcore.DebugLevel, "adjustment decided",
		map[string]any{
			"type": "RECEIPT", "via": "http", "outcome": "MADE", "sku": "SKU-1", "warehouse_id": "HCM", "actor": "ann",
			"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "took": time.Millisecond,
		},
	},
	{
		ports.HoldsExpired{Ledger: "reservation/home/1", Late: []time.Duration{0, time.Second, time.Millisecond}},
		zapcore.DebugLevel, "holds expired",
		map[string]any{"ledger": "reservation/home/1", "count": int64(3), "late": time.Second},
	},
	{
		ports.PickBuried{Ledger: "reservation/home/1", OrderID: "o", Code: "UNKNOWN_ORDER", Detail: "unknown order"},
		zapcore.WarnLevel, "dead letter",
		map[string]any{"ledger": "reservation/home/1", "topic": "fulfillment.picked.v1", "order_id": "o", "code": "UNKNOWN_ORDER", "error": "unknown order"},
	},
	{
		ports.ClockCompared{Offset: time.Millisecond, Trusted: true},
		zapcore.DebugLevel, "clock compared",
		map[string]any{"offset": time.Millisecond},
	},
	{
		ports.ClockCompared{Offset: time.Millisecond, Trusted: true, Err: ports.ErrTransient},
		zapcore.WarnLevel, "clock trouble",
		map[string]any{"offset": time.Millisecond, "class": "transient", "error": "not done, try again"},
	},
	{
		ports.ClockCompared{Offset: time.Hour, Err: ports.ErrClock},
		zapcore.ErrorLevel, "this process owns nothing: its clock",
		map[string]any{"offset": time.Hour, "class": "unknown", "error": "this machine's clock is not trusted"},
	},
}

func TestEveryEventIsTold(t *testing.T) {
	for _, c := range allCases() {
		t.Run(fmt.Sprintf("%T %s", c.event, c.msg), func(t *testing.T) {
			lines := observe(t, zapcore.DebugLevel, c.event)
			if len(lines) != 1 {
				t.Fatalf("lines: expected 1, found %v", lines)
			}
			if lines[0].Level != c.level || lines[0].Message != c.msg {
				t.Errorf("expected %s %q, found %s %q", c.level, c.msg, lines[0].Level, lines[0].Message)
			}
			if found := lines[0].ContextMap(); !reflect.DeepEqual(found, c.fields) {
				t.Errorf("fields:\nexpected %v\n   found %v", c.fields, found)
			}
		})
	}
}

// A new event must not be forgotten here: the port's source says which there are.
func TestNoEventOfThePortIsMissing(t *testing.T) {
	var declared, tested []string
	for _, source := range []string{"observer.go", "fleet_events.go", "letter_events.go", "global_events.go", "capture_events.go", "watch_events.go", "stand_events.go", "cache_events.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), "../../ports/"+source, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "event" {
				declared = append(declared, f.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	for _, c := range allCases() {
		tested = append(tested, reflect.TypeOf(c.event).Name())
	}
	slices.Sort(declared)
	slices.Sort(tested)
	if tested = slices.Compact(tested); len(declared) == 0 || !slices.Equal(declared, tested) {
		t.Errorf("events of the port: %v\nevents tested: %v", declared, tested)
	}
}

func TestAQuietSystemIsQuiet(t *testing.T) {
	events := []ports.Event{
		ports.Committed{Ledger: id},
		ports.SnapshotTaken{Ledger: id},
		ports.OrderDecided{Outcome: "DEFECT"},
		ports.AdjustmentDecided{Outcome: "INVALID"},
		ports.HoldsExpired{Ledger: id, Late: []time.Duration{0}},
		ports.Forwarded{Ledger: id, To: "inventory-1", Outcome: ports.ForwardDecided, Err: reservation.ErrRejected},
	}
	if lines := observe(t, zapcore.InfoLevel, events...); len(lines) != 0 {
		t.Errorf("expected no line, found %v", lines)
	}
}

func TestFieldsNameNoSKUAndNoOrderButAtDebug(t *testing.T) {
	for _, c := range allCases() {
		for _, line := range observe(t, zapcore.InfoLevel, c.event) {
			for name, value := range line.ContextMap() {
				text := fmt.Sprint(value)
				if name != "error" && (strings.Contains(text, "SKU-1") || strings.Contains(text, "o-1")) {
					t.Errorf("%T: the field %s is %q", c.event, name, text)
				}
			}
		}
	}
}

func TestATextFromOutsideIsCutInTheLog(t *testing.T) {
	lines := observe(t, zapcore.DebugLevel, ports.OrderDecided{OrderID: strings.Repeat("x", 5000)})
	if got := fmt.Sprint(lines[0].ContextMap()["order_id"]); len(got) > maxField+3 {
		t.Errorf("order_id has %d bytes", len(got))
	}
}

func TestOnlyAWellFormedTraceparentHasATraceID(t *testing.T) {
	for text, want := range map[string]string{
		traceparent: "4bf92f3577b34da6a3ce929d0e0e4736",
		"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more": "4bf92f3577b34da6a3ce929d0e0e4736",
		"": "", "---": "", "00-00000000000000000000000000000000-00f067aa0ba902b7-01": "",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01": "", "00-4bf9-00f067aa0ba902b7-01": "",
	} {
		if got := traceID(text); got != want {
			t.Errorf("%q: expected %q, found %q", text, want, got)
		}
	}
}

func TestTroubleThatRepeatsIsToldOnceAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core, lines := observer.New(zapcore.DebugLevel)
		o := New(zap.New(core))
		defer o.Close()
		for try := 1; try <= 50; try++ {
			o.Observe(ports.CommitTrouble{Ledger: id, Try: try, Err: ports.ErrUnknown})
		}
		o.Observe(ports.CommitTrouble{Ledger: "stock/HAN/0", Try: 1, Err: ports.ErrUnknown})
		o.Observe(ports.RelayTrouble{Ledger: id, Err: ports.ErrUnknown})
		expectLines(t, lines, "stock/HCM/0 try 1", "stock/HAN/0 try 1", "stock/HCM/0")
		pass(troubleWindow + time.Millisecond)
		expectLines(t, lines, "stock/HCM/0 try 50 repeats 49")
		o.Observe(ports.CommitTrouble{Ledger: id, Try: 51, Err: ports.ErrUnknown})
		expectLines(t, lines)
		o.Close()
		expectLines(t, lines, "stock/HCM/0 try 51 repeats 1")
	})
}

func TestTroubleThatComesBackLaterIsToldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core, lines := observer.New(zapcore.DebugLevel)
		o := New(zap.New(core))
		defer o.Close()
		for try := 1; try <= 2; try++ {
			o.Observe(ports.CommitTrouble{Ledger: id, Try: try, Err: ports.ErrUnknown})
			expectLines(t, lines, fmt.Sprintf("stock/HCM/0 try %d", try))
			pass(2 * troubleWindow)
			expectLines(t, lines)
		}
	})
}

// pass lets time go by on the clock of a synctest bubble.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func expectLines(t *testing.T, lines *observer.ObservedLogs, want ...string) {
	t.Helper()
	var found []string
	for _, line := range lines.TakeAll() {
		text := fmt.Sprint(line.ContextMap()["ledger"])
		for _, name := range []string{"try", "repeats"} {
			if v, ok := line.ContextMap()[name]; ok {
				text += fmt.Sprintf(" %s %v", name, v)
			}
		}
		found = append(found, text)
	}
	if !slices.Equal(found, want) {
		t.Errorf("lines:\nexpected %q\n   found %q", want, found)
	}
}

func observe(t *testing.T, level zapcore.Level, events ...ports.Event) []observer.LoggedEntry {
	t.Helper()
	core, lines := observer.New(level)
	o := New(zap.New(core))
	defer o.Close()
	for _, e := range events {
		o.Observe(e)
	}
	return lines.All()
}

func TestALoggerRefusesWhatItDoesNotUnderstand(t *testing.T) {
	for _, o := range []Options{{"loud", "json"}, {"", "json"}, {"fatal", "json"}, {"info", "xml"}, {"info", ""}} {
		if _, err := NewLogger(io.Discard, o); err == nil {
			t.Errorf("%+v: expected an error", o)
		}
	}
}

func TestLinesAreWrittenInTheFormatAskedFor(t *testing.T) {
	for format, want := range map[string]string{"json": `"msg":"took over","ledger":"stock/HCM/0"`, "console": "INFO  took over  {\"ledger\": \"stock/HCM/0\""} {
		var out strings.Builder
		log, err := NewLogger(&out, Options{"info", format})
		if err != nil {
			t.Fatal(err)
		}
		New(log).Observe(ports.TookOver{Ledger: id})
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: expected %s in %s", format, want, out.String())
		}
	}
}
