package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"inventory/domain/ledger"
	"inventory/ports"
)

// labelRole has what a process may do; cmd gives no others.
var labelRole = label{"role", []string{"core", "cdc", "aggregator", "projector", other}}

// standMetrics are what a process asks others for, and what it is.
type standMetrics struct {
	backlog, unowned, roles                   *prometheus.GaugeVec
	backlogFamily, unownedFamily, rolesFamily family
}

func newStandMetrics(c *catalog) *standMetrics {
	s := &standMetrics{}
	s.backlog, s.backlogFamily = c.gauges("inventory_consumer_lag_records",
		"Records that the consumer group has not done yet, those in flight and those that no process reads among them. It is the same everywhere, but for moments: of a fleet take the maximum. Not there while the brokers can't be asked.",
		labelInput)
	s.unowned, s.unownedFamily = c.gauges("inventory_unowned_ledgers",
		"Ledgers that nobody is known to own, and that take no commands, as this process sees the fleet: a second or two while one moves. Not there while the store can't be asked.",
		labelKind)
	s.roles, s.rolesFamily = c.gauges("inventory_role_info", "1 for each role that this process has.", labelRole)
	return s
}

// Roles says what this process does: `inventory_role_info` has it, for other metrics to be joined with.
func (m *Metrics) Roles(roles ...string) {
	for _, role := range roles {
		m.stand.roles.WithLabelValues(m.stand.rolesFamily.closed([]string{role})...).Set(1)
	}
}

// observe takes what was found when it was asked how things stand; false where it is something
// else.
func (s *standMetrics) observe(e ports.Event) bool {
	switch e := e.(type) {
	case ports.IntakeStands:
		for topic, n := range e.Records {
			s.backlog.WithLabelValues(s.backlogFamily.closed([]string{topicOf(labelInput, topic)})...).Set(float64(n))
		}
	case ports.OwnersStand:
		counts := map[string]float64{string(ledger.KindStock): 0, string(ledger.KindReservation): 0}
		for _, id := range e.Unowned {
			counts[labelKind.of(kindOf(id))]++
		}
		for kind, n := range counts {
			s.unowned.WithLabelValues(kind).Set(n)
		}
	default:
		return false
	}
	return true
}

// unknown takes back what is out of date: better no number than one that is wrong.
func (s *standMetrics) unknown(of string) {
	if of == ports.OfOwners {
		s.unowned.Reset()
		return
	}
	s.backlog.Reset()
}

// stands logs how things stand; false where an event is of something else.
func (o *Observer) stands(e ports.Event) bool {
	switch e := e.(type) {
	case ports.IntakeStands:
		o.log.Debug("order events wait", zap.Any("records", e.Records))
	case ports.OwnersStand:
		o.log.Debug("ledgers without an owner", zap.Int("ledgers", len(e.Unowned)))
	case ports.StandTrouble:
		o.limitedBy("standing "+e.Of, zap.WarnLevel, "how things stand is not known", e.Err, zap.String("of", e.Of))
	default:
		return false
	}
	return true
}
