package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"inventory/ports"
)

var (
	labelDifference = label{"kind", append(ports.DifferenceKinds(), other)}
	labelPass       = label{"outcome", []string{"done", "failed"}}
	labelRepair     = label{"outcome", []string{"done", "failed"}}
)

// auditMetrics are what an auditor tells, and what is done about it.
type auditMetrics struct {
	present       *prometheus.GaugeVec
	passes        counter
	lastPass      prometheus.Gauge
	took          histogram
	reads         counter
	republished   counter
	repairs       counter
	kinds         label
	presentFamily family
}

func newAuditMetrics(c *catalog) *auditMetrics {
	a := &auditMetrics{kinds: labelDifference}
	name, help := "inventory_audit_differences",
		"What differs from the journals, as the last pass of this process's auditor found it three times in a row. It looks at the ledgers that the process owns, and at all with the owner of the first reservation ledger: of a fleet take the maximum. 0 where this process does not audit."
	a.presentFamily = c.add("gauge", name, help, []label{labelDifference})
	a.present = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, a.presentFamily.labelNames())
	c.registry.MustRegister(a.present)
	a.set(nil)
	a.passes = c.counter("inventory_audit_passes_total", "Passes of the auditor that came to their end, and failures: of a pass, which was given up, or of reading the topic in one.", labelPass)
	a.lastPass = c.gauge("inventory_audit_last_pass_timestamp_seconds", "When the auditor's last pass ended; 0 where this process does not audit.")
	a.took = c.histogram("inventory_audit_pass_seconds", "Time that a pass of the auditor took: most of the interval, on purpose.", bucketsRecovery)
	a.reads = c.counter("inventory_audit_reads_total", "Reads of the tables by the auditor.")
	a.republished = c.counter("inventory_levels_republished_total", "Stock levels that the topic lacked, and that the auditor published again.")
	a.repairs = c.counter("inventory_repairs_total", "Labelled corrections that somebody applied.", labelDifference, labelRepair)
	return a
}

func (a *auditMetrics) set(different map[string]int) {
	for _, kind := range a.kinds.values {
		a.present.WithLabelValues(kind).Set(0)
	}
	for kind, n := range different {
		a.present.WithLabelValues(a.kinds.of(kind)).Add(float64(n))
	}
}

// observe counts an event of auditing; false where it is none.
func (a *auditMetrics) observe(e ports.Event) bool {
	switch e := e.(type) {
	case ports.Audited:
		a.set(e.Different)
		a.passes.add(1, "done")
		a.lastPass.Set(float64(e.At.UnixMilli()) / 1000)
		a.took.took(e.Took)
		a.reads.add(e.Reads)
	case ports.AuditTrouble:
		a.passes.add(1, "failed")
	case ports.AuditStopped:
		a.set(nil)
		a.lastPass.Set(0)
	case ports.DifferenceFound, ports.DifferenceGone: // the gauge has them
	case ports.LevelRepublished:
		a.republished.add(1)
	case ports.Repaired:
		outcome := "done"
		if e.Err != nil {
			outcome = "failed"
		}
		a.repairs.add(1, e.Kind, outcome)
	default:
		return false
	}
	return true
}

// audited logs an event of auditing; false where it is none.
func (o *Observer) audited(e ports.Event) bool {
	switch e := e.(type) {
	case ports.Audited:
		if line := o.log.Check(zapcore.DebugLevel, "audited"); line != nil {
			line.Write(zap.Duration("took", e.Took), zap.Int("reads", e.Reads))
		}
	case ports.AuditStopped:
		o.log.Debug("audits no more")
	case ports.AuditTrouble:
		o.warn("audit trouble", "", e.Err)
	case ports.DifferenceFound:
		o.log.Error("difference found", zap.String("kind", e.Kind), ledgerField(e.Ledger), zap.String("subject", e.Subject),
			zap.String("what", e.What), zap.String("journal", e.Journal), zap.String("found", e.Found))
	case ports.DifferenceGone:
		o.log.Info("difference gone", zap.String("kind", e.Kind), ledgerField(e.Ledger), zap.String("subject", e.Subject), zap.String("what", e.What))
	case ports.LevelRepublished:
		o.log.Warn("level published again", ledgerField(e.Ledger), zap.String("sku", e.SKU), zap.String("warehouse_id", e.WarehouseID),
			zap.Int64("version", e.Version), zap.String("found", e.Found))
	case ports.Repaired:
		o.repaired(e)
	default:
		return false
	}
	return true
}

func (o *Observer) repaired(e ports.Repaired) {
	fields := []zap.Field{
		zap.String("kind", e.Kind), ledgerField(e.Ledger), zap.String("subject", e.Subject), zap.String("step", e.Step), zap.String("actor", e.Actor),
	}
	fields = given(fields, "reason", e.Reason)
	if e.Err != nil {
		o.log.Error("repair failed", append(fields, zap.Error(e.Err))...)
		return
	}
	o.log.Warn("repaired", fields...)
}
