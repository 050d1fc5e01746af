package grafana

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// board is a dashboard: what is said of it here, and no more, differs from one to another.
type board struct {
	name, title, about string
	rows               []row
	// asksAPI: it asks the service's API too, about the SKU that its reader writes into a field.
	asksAPI bool
}

type row struct {
	title  string
	panels []panel
}

// panel answers one question, which is its title; about says how to read it.
type panel struct {
	title, about, unit string
	queries            []query
	show               shape
}

type shape int

const (
	lines  shape = iota // over time
	number              // the newest
	rows                // a table
)

// query is of Prometheus, or, where path is set, of the service's API.
type query struct {
	expr, legend string

	path, root string   // what is asked, and where its list is in the answer
	columns    []column // of the list
	overTime   bool
}

// column of a table that the API's answer is made into.
type column struct{ selector, text, kind string }

// Units, as Grafana calls them.
const (
	perSecond = "ops"
	seconds   = "s"
	share     = "percentunit"
	bytes     = "bytes"
	plain     = "short"
)

// rate is the span over which rates are taken: Grafana makes it at least four scrapes.
const rate = "[$__rate_interval]"

// Names of the variables by which a reader chooses data sources and an SKU.
const (
	metrics  = "datasource"
	api      = "inventory"
	infinity = "yesoreyeram-infinity-datasource"
)

// all lists the dashboards, the one to look at first at first.
func all() []board {
	return []board{service(), reservations(), expiry(), ledgers(), kafka(), letters(), streams(), stock()}
}

// Dashboards gives the JSON of each dashboard, by the name of its file.
func Dashboards() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, b := range all() {
		built, err := b.build()
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", b.name, err)
		}
		text, err := json.MarshalIndent(built, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", b.name, err)
		}
		files[b.name+".json"] = append(text, '\n')
	}
	return files, nil
}

// build makes the first version of Grafana's format: every Grafana imports it, the second wants a recent one.
//
//nolint:staticcheck // deprecated in the SDK, and what is in the field
func (b board) build() (dashboard.Dashboard, error) {
	made := dashboard.NewDashboardBuilder("Inventory: "+b.title).Uid("inventory-"+b.name).Description(b.about).
		Tags([]string{"inventory"}).Timezone("browser").Refresh("30s").Time("now-6h", "now").Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Link(dashboard.NewDashboardLinkBuilder("Inventory").Type(dashboard.DashboardLinkTypeDashboards).Tags([]string{"inventory"}).AsDropdown(true).KeepTime(true)).
		WithVariable(dashboard.NewDatasourceVariableBuilder(metrics).Label("Prometheus").Type("prometheus"))
	if b.asksAPI {
		made.WithVariable(dashboard.NewDatasourceVariableBuilder(api).Label("Inventory's API").Type(infinity)).
			WithVariable(dashboard.NewTextBoxVariableBuilder("sku").Label("SKU").DefaultValue(dashboard.StringOrMap{String: cog.ToPtr("SKU-01")}))
	}
	for _, r := range b.rows {
		made.WithRow(dashboard.NewRowBuilder(r.title))
		for _, p := range r.panels {
			made.WithPanel(p.builder(uint32(24 / min(3, len(r.panels)))))
		}
	}
	return made.Build()
}

// height of each panel, in Grafana's units.
const height = 8

func (p panel) builder(width uint32) cog.Builder[dashboard.Panel] {
	switch p.show {
	case number:
		made := stat.NewPanelBuilder().Title(p.title).Description(p.about).Datasource(p.source()).Unit(p.unit).Height(height).Span(width).NoValue("none")
		for _, t := range p.targets() {
			made.WithTarget(t)
		}
		return made
	case rows:
		made := table.NewPanelBuilder().Title(p.title).Description(p.about).Datasource(p.source()).Height(height).Span(width).NoValue("none")
		for _, t := range p.targets() {
			made.WithTarget(t)
		}
		return made
	case lines:
	}
	made := timeseries.NewPanelBuilder().Title(p.title).Description(p.about).Datasource(p.source()).Unit(p.unit).Height(height).Span(width).NoValue("none").
		AxisSoftMin(0).FillOpacity(8).LineWidth(1).ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	for _, t := range p.targets() {
		made.WithTarget(t)
	}
	return made
}

// source is the data source of a panel: of its first query, as all have the same.
func (p panel) source() common.DataSourceRef {
	if p.queries[0].path != "" {
		return common.DataSourceRef{Type: cog.ToPtr(infinity), Uid: cog.ToPtr("${" + api + "}")}
	}
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${" + metrics + "}")}
}

func (p panel) targets() []cog.Builder[variants.Dataquery] {
	var all []cog.Builder[variants.Dataquery]
	for i, q := range p.queries {
		ref := string(rune('A' + i))
		if q.path != "" {
			all = append(all, q.ofAPI(ref, p.source()))
			continue
		}
		made := prometheus.NewDataqueryBuilder().RefId(ref).Expr(q.expr).LegendFormat(q.legend).
			Datasource(p.source())
		if p.show == number {
			made.Instant()
		} else {
			made.Range()
		}
		all = append(all, made)
	}
	return all
}

// ofAPI is a query of Grafana's data source Infinity, which the SDK has no type for.
func (q query) ofAPI(ref string, of common.DataSourceRef) cog.Builder[variants.Dataquery] {
	columns := make([]map[string]string, 0, len(q.columns))
	for _, c := range q.columns {
		columns = append(columns, map[string]string{"selector": c.selector, "text": c.text, "type": c.kind})
	}
	format := "table"
	if q.overTime {
		format = "timeseries"
	}
	return variants.NewUnknownDataqueryBuilderFromObject(variants.UnknownDataquery{
		"refId": ref, "datasource": of,
		"type": "json", "source": "url", "parser": "backend", "format": format, "url": q.path, "url_options": map[string]string{"method": "GET"},
		"root_selector": q.root, "columns": columns,
	})
}

// quantiles asks for some of a classic histogram: every Prometheus has these, native ones only where it is told to.
func quantiles(histogram, matchers string, by ...string) []query {
	var all []query
	for _, q := range []struct{ of, says string }{{"0.5", "half"}, {"0.99", "99 %"}} {
		all = append(all, quantile(q.of, q.says, histogram, matchers, by...))
	}
	return all
}

func quantile(of, says, histogram, matchers string, by ...string) query {
	grouped, legend := "le", says
	for _, label := range by {
		grouped += ", " + label
		legend = "{{" + label + "}} " + legend
	}
	return query{expr: fmt.Sprintf("histogram_quantile(%s, sum by (%s) (rate(%s_bucket%s%s)))", of, grouped, histogram, matchers, rate), legend: legend}
}

// one is a panel with one query.
func one(title, unit, expr, legend, about string) panel {
	return panel{title: title, unit: unit, about: about, queries: []query{{expr: expr, legend: legend}}}
}

// now is one that shows the newest number.
func now(title, expr, legend, about string) panel {
	p := one(title, plain, expr, legend, about)
	p.show = number
	return p
}
