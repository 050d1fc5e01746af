package telemetry

import (
	"net/http"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"inventory/ports"
)

// Buckets of classic histograms, in seconds but for the last two.
var (
	bucketsLatency  = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	bucketsRecovery = []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}
	bucketsLateness = []float64{.01, .05, .1, .25, .5, 1, 2, 5, 10, 30, 60, 600, 3600}
	bucketsCommands = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}
	bucketsBytes    = []float64{256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20}
)

// Metrics counts what happens. Its methods may be called from many goroutines, and return
// at once. No label of it ever has a value that comes from outside.
type Metrics struct {
	catalog
	ledgers *ledgers
	audit   *auditMetrics
	fleet   *fleetMetrics
	letters *letterMetrics
	global  *globalMetrics
	capture *captureMetrics
	watches *watchMetrics
	stand   *standMetrics
	cache   *cacheMetrics

	reserve, commitTime, batch, entry, takeover, snapshot, lateness, adjust histogram
	rejected, orders, adjustments, expired, commits                         counter
	takeovers, lost, trouble, defects                                       counter
	consumed, buried, retries, published                                    counter
	consume, publish, requests                                              histogram
	lanes, clock                                                            prometheus.Gauge
}

var _ ports.Observer = (*Metrics)(nil)

// NewMetrics returns metrics that start at 0, in a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{catalog: catalog{registry: prometheus.NewRegistry()}}
	m.describeDecisions()
	m.describeLedgers()
	m.audit = newAuditMetrics(&m.catalog)
	m.fleet = newFleetMetrics(&m.catalog)
	m.describeOutside()
	m.letters = newLetterMetrics(&m.catalog)
	m.global = newGlobalMetrics(&m.catalog)
	m.capture = newCaptureMetrics(&m.catalog)
	m.watches = newWatchMetrics(&m.catalog)
	m.stand = newStandMetrics(&m.catalog)
	m.cache = newCacheMetrics(&m.catalog)
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) describeDecisions() {
	m.reserve = m.histogram("inventory_reserve_latency_seconds",
		"From intake of a reserve command to its outcome; repeated where the order had its outcome before. By Kafka it counts from the entry that planned the order.",
		bucketsLatency, labelVia, labelReserve)
	m.rejected = m.counter("inventory_orders_rejected_total", "Orders that were rejected for ever, which was published.", labelReason)
	m.orders = m.counter("inventory_order_commands_total",
		"Releases and confirms of orders that were decided, repeats included. Refused before anything was asked of a ledger: not counted.",
		labelCommand, labelVia, labelOrder)
	m.adjustments = m.counter("inventory_adjustment_total", "Adjustments that were asked for, repeats included.", labelType, labelAdjust)
	m.adjust = m.histogram("inventory_adjustment_latency_seconds", "From intake of an adjustment to its outcome.", bucketsLatency, labelAdjust)
	m.expired = m.counter("inventory_ttl_expired_total", "Orders whose hold lapsed, and was given back.")
	m.lateness = m.histogram("inventory_ttl_expiry_lateness_seconds",
		"From the end of a hold until the entry that ended it was durable, of each order.", bucketsLateness)
}

func (m *Metrics) describeLedgers() {
	m.batch = m.histogram("inventory_commit_commands", "Commands, mail and deadlines that one entry decided.", bucketsCommands, labelKind)
	m.commitTime = m.histogram("inventory_commit_seconds", "From an entry's first write until it was known to be durable, and applied.", bucketsLatency, labelKind)
	m.entry = m.histogram("inventory_entry_bytes", "Size of an entry as it was encoded, before any compression.", bucketsBytes, labelKind)
	m.commits = m.counter("inventory_commits_total",
		"Attempts to write to a journal: entries that were applied, and whatever failed, lease renewals included. Transient and unknown ones were made again; a conflict or a permanent refusal lost the ledger.",
		labelCommit)
	m.takeovers = m.counter("inventory_takeovers_total", "Ledgers that this process took over, from a dead owner or because they were handed to it.")
	m.takeover = m.histogram("inventory_takeover_seconds", "From the start of taking a ledger over until it was loaded.", bucketsRecovery)
	m.lost = m.counter("inventory_lost_total", "Ledgers that this process owns no longer: given up in good order, lost to another owner, or ended by an error or by a clock that is off.", labelCause)
	m.snapshot = m.histogram("inventory_snapshot_seconds", "From freezing a ledger's state until its snapshot was stored and relayed, and the journal trimmed.", bucketsRecovery)
	m.trouble = m.counter("inventory_trouble_total", "Failures of what is done again by itself.", labelTrouble)
	m.defects = m.counter("inventory_defects_total", "Commands that would have broken an invariant and were not decided: a defect of this program, never bad input.")
	m.clock = m.gauge("inventory_clock_offset_seconds",
		"How far this process's clock is ahead of the store's, below 0 where it is behind: beyond 2 either way the process owns nothing. 0 on an embedded store.")
	m.ledgers = newLedgers(&m.catalog)
}

func (m *Metrics) describeOutside() {
	m.consumed = m.counter("inventory_records_consumed_total", "Records that were consumed.", labelInput, labelRecord)
	m.consume = m.histogram("inventory_consume_seconds", "From taking a record to being done with it, its retries included.", bucketsLatency, labelInput)
	m.buried = m.counter("inventory_dead_letters_total", "Records that went to the dead letters.", labelInput, labelCode)
	m.retries = m.counter("inventory_record_retries_total", "Records that were tried again, by what they failed with.", labelInput, labelCode)
	m.lanes = m.gauge("inventory_lanes_in_use", "Lanes of the consumer that work on a record.")
	m.published = m.counter("inventory_published_total", "Events that were published, those that were published again included.", labelOutput)
	m.publish = m.histogram("inventory_publish_seconds", "Time that publishing some events of a topic took.", bucketsLatency, labelOutput)
	m.requests = m.histogram("inventory_http_requests_seconds", "Time that an HTTP request took, by route and answer.", bucketsLatency, labelRoute, labelStatus)
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	info := label{"version", []string{version}}
	name, help := "inventory_build_info", "1, for the version that runs."
	m.add("gauge", name, help, []label{info})
	m.registry.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: prometheus.Labels{info.name: version}}, func() float64 { return 1 }))
}

// maxScrapes bounds the scrapes that are answered at once; others are told 503.
const maxScrapes = 4

// Handler serves the metrics, in the format that the scraper asks for: Prometheus' text or
// protobuf, which has native histograms, or OpenMetrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: maxScrapes})
}

// WatchLedgers has status read at each scrape, for the lags of the ledgers. It replaces
// the one before.
func (m *Metrics) WatchLedgers(status func() []LedgerStatus) { m.ledgers.status.Store(&status) }

// Consumed counts a record that was consumed: outcome is one of the constants of this
// package. Topics may have a prefix, here as in the other methods.
func (m *Metrics) Consumed(topic string, took time.Duration, outcome string) {
	topic = topicOf(labelInput, topic)
	m.consumed.add(1, topic, outcome)
	m.consume.took(took, topic)
}

// Buried counts a record of topic that went to the dead letters; code is the failure's.
func (m *Metrics) Buried(topic, code string) { m.buried.add(1, topicOf(labelInput, topic), code) }

// Retrying counts a record that failed with a code and is tried again.
func (m *Metrics) Retrying(topic, code string) { m.retries.add(1, topicOf(labelInput, topic), code) }

// LanesInUse says that so many more lanes are in use, or fewer.
func (m *Metrics) LanesInUse(delta int) { m.lanes.Add(float64(delta)) }

// Published counts n events of a topic that were published together.
func (m *Metrics) Published(topic string, n int, took time.Duration) {
	topic = topicOf(labelOutput, topic)
	m.published.add(n, topic)
	m.publish.took(took, topic)
}

// HTTP counts a request. route is the pattern that it matched, with or without the method,
// never its path; status is that of the answer, 0 where the handler set none.
func (m *Metrics) HTTP(route string, status int, took time.Duration) {
	m.requests.took(took, routeOf(route), statusOf(status))
}
