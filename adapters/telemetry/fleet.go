package telemetry

import (
	"errors"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"inventory/domain/ledger"
	"inventory/ports"
)

// How a fleet changes.
const (
	memberCame   = "came"
	memberLeft   = "left"
	memberSilent = "silent"
)

var (
	labelChange  = label{"change", []string{memberCame, memberLeft, memberSilent}}
	labelForward = label{"outcome", append(ports.ForwardOutcomes(), other)}
)

// fleetMetrics are what a process tells of the others, and of what it has to do with them.
type fleetMetrics struct {
	members            prometheus.Gauge
	changes, handovers counter
	forwarded, retries counter
	handover, forward  histogram

	mu     sync.Mutex
	living map[string]bool // the ids of others that are seen to live
}

func newFleetMetrics(c *catalog) *fleetMetrics {
	f := &fleetMetrics{living: map[string]bool{}}
	f.members = c.gauge("inventory_fleet_members",
		"Members of the fleet that this process sees alive, itself among them. It is the same everywhere, but for moments.")
	f.members.Set(1)
	f.changes = c.counter("inventory_fleet_changes_total",
		"Other members that came, or were seen alive again; that left; and that showed no sign of life any more without having left.", labelChange)
	f.handovers = c.counter("inventory_handovers_total", "Ledgers that this process gave up for another member to take.")
	f.handover = c.histogram("inventory_handover_seconds",
		"From the start of giving a ledger up until another member could take it: what waits is decided, told and written first.", bucketsRecovery)
	f.forwarded = c.counter("inventory_forwarded_total",
		"Commands that another member was to decide: decided ones, whatever it said; no_owner, unreachable and overloaded ones, which were not; unsettled ones, of which nobody knows; failed ones, which it could not decide.",
		labelForward)
	f.forward = c.histogram("inventory_forward_seconds",
		"From the first try to bring a command to another member, which owns its ledger, until its outcome.", bucketsLatency)
	f.retries = c.counter("inventory_forward_retries_total", "Further tries to bring a command to its ledger's owner: it had changed, or was not reached.")
	return f
}

// observe counts an event of the fleet; false where it is none.
func (f *fleetMetrics) observe(e ports.Event) bool {
	switch e := e.(type) {
	case ports.MemberCame:
		f.changed(e.Member.ID, true, memberCame)
	case ports.MemberWent:
		f.changed(e.Member.ID, false, changeOf(e))
	case ports.HandedOver:
		f.handovers.add(1)
		f.handover.took(e.Took)
	case ports.Forwarded:
		f.forwarded.add(1, e.Outcome)
		f.forward.took(e.Took)
		f.retries.add(e.Tries - 1)
	default:
		return false
	}
	return true
}

func (f *fleetMetrics) changed(id string, lives bool, change string) {
	f.changes.add(1, change)
	f.mu.Lock()
	defer f.mu.Unlock()
	if delete(f.living, id); lives {
		f.living[id] = true
	}
	f.members.Set(float64(1 + len(f.living)))
}

func changeOf(e ports.MemberWent) string {
	if e.Left {
		return memberLeft
	}
	return memberSilent
}

// inFleet logs an event of the fleet; false where it is none.
func (o *Observer) inFleet(e ports.Event) bool {
	switch e := e.(type) {
	case ports.MemberCame:
		o.log.Info("member came", memberFields(e.Member)...)
	case ports.MemberWent:
		if e.Left {
			o.log.Info("member left", memberFields(e.Member)...)
			break
		}
		o.log.Warn("member is silent", memberFields(e.Member)...)
	case ports.HandedOver:
		o.log.Info("handed over", ledgerField(e.Ledger), zap.String("to", e.To.Name), zap.Duration("took", e.Took))
	case ports.FleetTrouble:
		o.fleetTrouble(e)
	case ports.Forwarded:
		o.forwarded(e)
	default:
		return false
	}
	return true
}

func memberFields(m ports.Member) []zap.Field {
	fields := []zap.Field{zap.String("member", m.Name), zap.String("id", m.ID)}
	fields = given(fields, "addr", m.Addr)
	return given(fields, "version", m.Version)
}

// fleetTrouble has no ledger: that its text begins alike makes it a repeat. It is an error
// where it does not end by itself.
func (o *Observer) fleetTrouble(e ports.FleetTrouble) {
	level := zapcore.WarnLevel
	if ports.ClassOf(e.Err) == ports.Permanent || errors.Is(e.Err, ledger.ErrCorrupt) {
		level = zapcore.ErrorLevel
	}
	kind, _, _ := strings.Cut(e.Err.Error(), ":")
	o.limitedBy("fleet "+kind, level, "fleet trouble", e.Err)
}

// forwarded tells of one command, which only the level debug does unless it was not decided.
// A process that owns a third of the ledgers has two thirds of all commands decided elsewhere.
func (o *Observer) forwarded(e ports.Forwarded) {
	if e.Outcome != ports.ForwardDecided {
		o.warn("forward trouble", e.Ledger, e.Err, forwardFields(e)...)
		return
	}
	if line := o.log.Check(zapcore.DebugLevel, "forwarded"); line != nil {
		line.Write(append(forwardFields(e), ledgerField(e.Ledger), zap.Error(e.Err))...)
	}
}

func forwardFields(e ports.Forwarded) []zap.Field {
	return append(given(nil, "to", e.To), zap.String("outcome", e.Outcome), zap.Int("tries", e.Tries), zap.Duration("took", e.Took))
}
