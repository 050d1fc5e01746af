package telemetry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"inventory/domain/ledger"
	"inventory/ports"
)

const (
	acceptProtobuf    = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
	acceptOpenMetrics = "application/openmetrics-text; version=1.0.0"
)

// ask scrapes as a client that accepts some format.
func ask(t *testing.T, m *Metrics, accept string) (header http.Header, body *bytes.Buffer) {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	req.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return w.Header(), w.Body
}

// scrape gives the families of the service itself, as Prometheus' own parser reads them.
func scrape(t *testing.T, m *Metrics) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	_, body := ask(t, m, "text/plain")
	all, err := parser.TextToMetricFamilies(body)
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(all, func(name string, _ *dto.MetricFamily) bool { return !strings.HasPrefix(name, "inventory_") })
	return all
}

// storm tells everything from many goroutines, with as much from outside as can be.
func storm(m *Metrics) {
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for n := range 50 {
				hostile := fmt.Sprintf("hostile-%d-%d", g, n)
				for _, c := range allCases() {
					m.Observe(c.event)
				}
				m.Observe(ports.Committed{Ledger: ledger.StockID(hostile, n)})
				m.Observe(ports.Committed{Ledger: ledger.ID(hostile)})
				m.Observe(ports.OrderDecided{Command: "reserve", Via: hostile, Outcome: hostile, Reason: hostile, OrderID: hostile, Trace: hostile})
				m.Observe(ports.OrderDecided{Command: "reserve", Via: "kafka", Outcome: "REJECTED", Reason: hostile, OrderID: hostile})
				m.Observe(ports.OrderDecided{Command: hostile, Via: hostile, Outcome: hostile, OrderID: hostile})
				m.Observe(ports.AdjustmentDecided{Type: hostile, Via: hostile, Outcome: hostile, SKU: hostile, WarehouseID: hostile, Actor: hostile})
				m.Observe(ports.Audited{Took: time.Second, Different: map[string]int{hostile: 1}})
				m.Observe(ports.Repaired{Kind: hostile, Subject: hostile, Actor: hostile})
				m.Observe(ports.Forwarded{Ledger: ledger.ID(hostile), To: hostile, Outcome: hostile})
				m.Observe(ports.MemberCame{Member: ports.Member{ID: hostile, Name: hostile, Addr: hostile, Version: hostile}})
				m.Observe(ports.FleetTrouble{Err: errors.New(hostile)})
				m.Observe(ports.LettersReplayed{Topic: hostile, Outcome: hostile, Letters: 1})
				m.Observe(ports.LettersStand{Open: []ports.OpenLetters{{Topic: hostile, Code: hostile, Letters: 1}}})
				m.Observe(ports.IntakeStands{Records: map[string]int64{hostile: 1}})
				m.Observe(ports.OwnersStand{Unowned: []ledger.ID{ledger.ID(hostile)}})
				m.Roles(hostile)
				m.Consumed(hostile, time.Second, hostile)
				m.Buried(hostile, hostile)
				m.Retrying(hostile, hostile)
				m.LanesInUse(1)
				m.Published(hostile, 1, time.Second)
				m.HTTP("GET /inventory/"+hostile, n, time.Second)
			}
		})
	}
	all.Wait()
}

func TestNothingFromOutsideBecomesALabel(t *testing.T) {
	m := NewMetrics()
	m.WatchLedgers(func() []LedgerStatus { return []LedgerStatus{{Ledger: "hostile"}, {Ledger: "stock/hostile/0"}} })
	storm(m)
	found := scrape(t, m)
	for _, f := range m.families {
		family, ok := found[f.name]
		if !ok {
			t.Errorf("%s is not served", f.name)
			continue
		}
		delete(found, f.name)
		if limit := len(combinations(f.labels)); len(family.Metric) > limit {
			t.Errorf("%s: %d series, expected at most %d", f.name, len(family.Metric), limit)
		}
		for _, one := range family.Metric {
			checkLabels(t, f, one)
		}
	}
	if len(found) > 0 {
		t.Errorf("served and not described: %v", slices.Collect(maps.Keys(found)))
	}
}

func checkLabels(t *testing.T, f family, one *dto.Metric) {
	t.Helper()
	for _, l := range one.Label {
		i := slices.IndexFunc(f.labels, func(known label) bool { return known.name == l.GetName() })
		if i < 0 || !slices.Contains(f.labels[i].values, l.GetValue()) {
			t.Errorf("%s has the label %s=%q", f.name, l.GetName(), l.GetValue())
		}
	}
}

func TestScrapingWhileEverythingHappens(t *testing.T) {
	m := NewMetrics()
	done := make(chan struct{})
	go func() { defer close(done); storm(m) }()
	for stormy := true; stormy; {
		select {
		case <-done:
			stormy = false
		default:
		}
		scrape(t, m)
	}
	for _, one := range scrape(t, m)["inventory_records_consumed_total"].Metric {
		if n := one.GetCounter().GetValue(); n != 0 && n != 8*50 {
			t.Errorf("records consumed: expected 400, found %v", one)
		}
	}
}

// units are those that a name may have; a count of things names the things.
var units = []string{"differences", "seconds", "bytes", "total", "info", "commands", "entries", "messages", "ledgers", "lanes", "members", "letters", "jobs", "totals", "levels", "watches", "records"}

func TestEveryMetricSaysWhatItIsAndItsUnit(t *testing.T) {
	m := NewMetrics()
	storm(m)
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range m.families {
		words := strings.Split(f.name, "_")
		if !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(units, w) }) {
			t.Errorf("%s: no unit in the name", f.name)
		}
		if (f.kind == "counter") != strings.HasSuffix(f.name, "_total") {
			t.Errorf("%s: a %s", f.name, f.kind)
		}
		if !strings.HasSuffix(f.help, ".") {
			t.Errorf("%s: help is not a sentence: %q", f.name, f.help)
		}
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
}

func TestEachFormatThatAScraperAsksForIsServed(t *testing.T) {
	m := NewMetrics()
	storm(m)
	header, text := ask(t, m, acceptOpenMetrics)
	if !strings.HasPrefix(header.Get("Content-Type"), acceptOpenMetrics) || !strings.HasSuffix(text.String(), "# EOF\n") {
		t.Errorf("OpenMetrics: %v", header)
	}
	_, body := ask(t, m, acceptProtobuf)
	decoder := expfmt.NewDecoder(body, expfmt.NewFormat(expfmt.TypeProtoDelim))
	histograms := 0
	for {
		var family dto.MetricFamily
		if err := decoder.Decode(&family); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if family.GetType() == dto.MetricType_HISTOGRAM && strings.HasPrefix(family.GetName(), "inventory_") {
			histograms++
			h := family.Metric[0].GetHistogram()
			if len(h.GetPositiveSpan()) == 0 && h.GetZeroCount() == 0 || len(h.GetBucket()) == 0 {
				t.Errorf("%s: native and classic buckets expected", family.GetName())
			}
		}
	}
	if histograms == 0 {
		t.Error("no histogram in protobuf")
	}
}

func TestTheProgramItselfIsMeasured(t *testing.T) {
	_, text := ask(t, NewMetrics(), "text/plain")
	for _, name := range []string{"go_goroutines ", "process_start_time_seconds ", `inventory_build_info{version="`} {
		if !strings.Contains(text.String(), "\n"+name) {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestMetricsOfOneServiceAreNotThoseOfAnother(t *testing.T) {
	one, another := NewMetrics(), NewMetrics()
	one.Observe(ports.Refused{})
	if got := counted(t, another); len(got) != 0 {
		t.Errorf("found %q", got)
	}
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if strings.HasPrefix(f.GetName(), "inventory_") {
			t.Errorf("%s is in the default registry", f.GetName())
		}
	}
}
