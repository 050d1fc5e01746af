package telemetry

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"inventory/app"
	"inventory/domain/letter"
)

var update = flag.Bool("update", false, "write docs/metrics.md anew")

const page = "../../docs/metrics.md"

const pageHead = `# Metrics

` + "`GET /metrics`" + ` serves them: text, OpenMetrics, or protobuf with native histograms beside the classic buckets. Times are
in seconds. Each counter starts at 0 with the process. Labels have the values listed here and no others: what comes from
outside and is none of them counts as the last one. A SKU, an order, a reservation or a warehouse is never a label: the
log at the level debug names them. Metrics whose names begin with ` + "`go_`" + ` or ` + "`process_`" + ` are those of Prometheus' Go library.

This page is made from the code: ` + "`go test ./adapters/telemetry -run Documented -update`" + `.
`

func TestMetricsAreDocumented(t *testing.T) {
	want := document(NewMetrics().families)
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/metrics.md is not what the code says: go test ./adapters/telemetry -run Documented -update")
	}
}

// document writes the page. Where a set of values is long it is listed once.
func document(families []family) string {
	const long = 8
	var page, lists strings.Builder
	page.WriteString(pageHead + "\n| metric | type | labels | what it is |\n|---|---|---|---|\n")
	listed := map[string]bool{}
	for _, f := range families {
		var labels []string
		for _, l := range f.labels {
			switch {
			case l.name == "version":
				labels = append(labels, "`version`: of the build")
			case len(l.values) <= long:
				labels = append(labels, fmt.Sprintf("%#q: %s", l.name, strings.Join(l.values, ", ")))
			default:
				labels = append(labels, fmt.Sprintf("%#q: see below", l.name))
				if !listed[l.name] {
					listed[l.name] = true
					fmt.Fprintf(&lists, "\n%#q: %s.\n", l.name, strings.Join(l.values, ", "))
				}
			}
		}
		fmt.Fprintf(&page, "| %#q | %s | %s | %s |\n", f.name, f.kind, strings.Join(labels, "<br>"), f.help)
	}
	page.WriteString("\n## Longer sets of values\n" + lists.String())
	page.WriteString("\n## Outcomes of failures\n\n| outcome | codes |\n|---|---|\n")
	for _, outcome := range []string{outcomeRejected, outcomeInsufficient, outcomeUnknownOrder, outcomeRefused, outcomeRetry, outcomeError} {
		var codes []string
		for code, o := range outcomes {
			if o == outcome {
				codes = append(codes, code)
			}
		}
		slices.Sort(codes)
		fmt.Fprintf(&page, "| %s | %s |\n", outcome, strings.Join(codes, ", "))
	}
	return page.String()
}

// A new failure must get a place among the outcomes, and its code among the labels of dead
// letters.
func TestEveryFailureHasAnOutcome(t *testing.T) {
	known := map[string]bool{letter.CodePanic: true} // no error of a use case, but a dead letter's code
	for _, f := range app.Failures() {
		known[f.Code] = true
	}
	for code := range known {
		if _, ok := outcomes[code]; !ok {
			t.Errorf("the failure %s has no outcome", code)
		}
	}
	for code := range outcomes {
		if !known[code] {
			t.Errorf("%s is no failure any more", code)
		}
	}
}
