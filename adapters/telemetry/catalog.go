package telemetry

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// label is a dimension of a metric with a closed set of values. What is none of them is
// counted as the last one: nothing from outside ever becomes a value.
type label struct {
	name   string
	values []string
}

// of gives the value that v is counted as.
func (l label) of(v string) string {
	if slices.Contains(l.values, v) {
		return v
	}
	return l.values[len(l.values)-1]
}

// family is a metric as it is described: docs/metrics.md is written from families.
type family struct {
	name, kind, help string
	labels           []label
}

func (f family) labelNames() []string {
	names := make([]string, 0, len(f.labels))
	for _, l := range f.labels {
		names = append(names, l.name)
	}
	return names
}

func (f family) closed(values []string) []string {
	closed := make([]string, len(values))
	for i, v := range values {
		closed[i] = f.labels[i].of(v)
	}
	return closed
}

// Described says what a metric is, for who checks queries.
type Described struct {
	Name, Type string
	Labels     map[string][]string // all values of each
}

// Described lists the service's own metrics, in the order of docs/metrics.md.
func (m *Metrics) Described() []Described {
	all := make([]Described, 0, len(m.families))
	for _, f := range m.families {
		d := Described{f.name, f.kind, map[string][]string{}}
		for _, l := range f.labels {
			d.Labels[l.name] = slices.Clone(l.values)
		}
		all = append(all, d)
	}
	return all
}

// catalog makes metrics, and remembers which there are.
type catalog struct {
	registry *prometheus.Registry
	families []family
}

func (c *catalog) add(kind, name, help string, labels []label) family {
	f := family{name, kind, help, labels}
	c.families = append(c.families, f)
	return f
}

// counter is a family of counters.
type counter struct {
	family
	vec *prometheus.CounterVec
}

// maxFresh bounds how many series of a counter are there before they count anything.
const maxFresh = 32

// counter makes a family of counters. Few series start at 0, so that the first one that is
// counted shows as a rise.
func (c *catalog) counter(name, help string, labels ...label) counter {
	f := c.add("counter", name, help, labels)
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, f.labelNames())
	c.registry.MustRegister(vec)
	if all := combinations(labels); len(all) <= maxFresh {
		for _, values := range all {
			vec.WithLabelValues(values...)
		}
	}
	return counter{f, vec}
}

// combinations lists all that labels may be together.
func combinations(labels []label) [][]string {
	all := [][]string{nil}
	for _, l := range labels {
		var longer [][]string
		for _, first := range all {
			for _, v := range l.values {
				longer = append(longer, append(slices.Clone(first), v))
			}
		}
		all = longer
	}
	return all
}

func (c counter) add(n int, values ...string) {
	if n > 0 {
		c.vec.WithLabelValues(c.closed(values)...).Add(float64(n))
	}
}

// histogram is a family of histograms.
type histogram struct {
	family
	vec *prometheus.HistogramVec
}

// histogram makes a family of histograms with these buckets for who reads classic ones,
// and native ones, which grow by a tenth each.
func (c *catalog) histogram(name, help string, buckets []float64, labels ...label) histogram {
	f := c.add("histogram", name, help, labels)
	vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour,
	}, f.labelNames())
	c.registry.MustRegister(vec)
	if len(labels) == 0 {
		vec.WithLabelValues() // there from the start, as counters are
	}
	return histogram{f, vec}
}

func (h histogram) observe(v float64, values ...string) {
	h.vec.WithLabelValues(h.closed(values)...).Observe(v)
}

func (h histogram) took(d time.Duration, values ...string) { h.observe(d.Seconds(), values...) }

// gauge makes a gauge without labels.
func (c *catalog) gauge(name, help string) prometheus.Gauge {
	c.add("gauge", name, help, nil)
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	c.registry.MustRegister(g)
	return g
}

// gauges makes a family of gauges.
func (c *catalog) gauges(name, help string, labels ...label) (*prometheus.GaugeVec, family) {
	f := c.add("gauge", name, help, labels)
	vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, f.labelNames())
	c.registry.MustRegister(vec)
	return vec, f
}

// desc describes a gauge that is read at each scrape.
func (c *catalog) desc(name, help string, labels ...label) *prometheus.Desc {
	f := c.add("gauge", name, help, labels)
	return prometheus.NewDesc(name, help, f.labelNames(), nil)
}
