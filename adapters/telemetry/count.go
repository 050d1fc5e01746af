package telemetry

import (
	"errors"

	"inventory/domain/reservation"
	"inventory/ports"
)

// Observe implements ports.Observer.
func (m *Metrics) Observe(e ports.Event) {
	switch e := e.(type) {
	case ports.Committed:
		m.committed(e)
	case ports.CommitTrouble:
		m.commitTrouble(e)
	case ports.TookOver:
		m.takeovers.add(1)
		m.takeover.took(e.Took)
	case ports.Lost:
		m.lostOne(e)
	case ports.Refused:
		m.defects.add(1)
	case ports.RelayTrouble:
		m.trouble.add(1, "relay")
	case ports.SnapshotTaken:
		m.snapshot.took(e.Took)
	case ports.SnapshotTrouble:
		m.trouble.add(1, "snapshot")
	case ports.DirectoryTrouble:
		m.trouble.add(1, "directory")
	case ports.FleetTrouble:
		m.trouble.add(1, "fleet")
	case ports.LetterTrouble:
		m.trouble.add(1, "letters")
	case ports.WatchTrouble:
		m.trouble.add(1, "watch")
	case ports.GlobalTrouble:
		m.trouble.add(1, "global")
	case ports.CaptureTrouble:
		m.trouble.add(1, "capture")
	case ports.StandTrouble:
		m.trouble.add(1, "standing")
		m.stand.unknown(e.Of)
	case ports.CacheTrouble:
		m.cache.errors.add(1, e.Call)
		m.trouble.add(1, "cache")
	case ports.OrderDecided:
		m.orderDecided(e)
	case ports.AdjustmentDecided:
		outcome := outcomeOf(e.Outcome, outcomeDone)
		m.adjustments.add(1, e.Type, outcome)
		m.adjust.took(e.Took, outcome)
	case ports.HoldsExpired:
		m.holdsExpired(e)
	case ports.PickBuried:
		m.Buried(ports.FulfilmentPickedTopic, e.Code)
	case ports.ClockCompared:
		m.clockCompared(e)
	default:
		if m.audit.observe(e) || m.fleet.observe(e) || m.letters.observe(e) || m.global.observe(e) || m.capture.observe(e) || m.watches.observe(e) || m.stand.observe(e) || m.cache.observe(e) {
			return
		}
		m.trouble.add(1, other) // the log says which event it is that nobody counts
	}
}

func (m *Metrics) committed(e ports.Committed) {
	kind := kindOf(e.Ledger)
	m.commits.add(1, "applied")
	m.batch.observe(float64(e.Commands), kind)
	m.commitTime.took(e.Took, kind)
	m.entry.observe(float64(e.Bytes), kind)
}

// commitTrouble tells attempts to write from what precedes owning a ledger, which is not
// numbered.
func (m *Metrics) commitTrouble(e ports.CommitTrouble) {
	if e.Try == 0 {
		m.trouble.add(1, "takeover")
		return
	}
	m.commits.add(1, class(ports.ClassOf(e.Err)).String())
}

// lostOne counts a ledger that is owned no longer. Without an epoch it never was: taking
// the lead failed, and will be tried again.
func (m *Metrics) lostOne(e ports.Lost) {
	switch {
	case e.Err == nil:
		m.lost.add(1, "given_up")
	case e.Epoch == 0:
		m.trouble.add(1, "takeover")
	case errors.Is(e.Err, ports.ErrClock):
		m.lost.add(1, "clock")
	case errors.Is(e.Err, ports.ErrConflict):
		m.lost.add(1, "conflict")
		m.commits.add(1, "conflict")
	case errors.Is(e.Err, ports.ErrPermanent):
		m.lost.add(1, "error")
		m.commits.add(1, "permanent")
	default:
		m.lost.add(1, "error")
	}
}

func (m *Metrics) orderDecided(e ports.OrderDecided) {
	if e.Command != ports.ReserveCommand {
		m.orders.add(1, e.Command, e.Via, outcomeOf(e.Outcome, outcomeDone))
		return
	}
	m.reserve.took(e.Took, e.Via, reserveOutcome(e))
	if !e.Repeated && e.Outcome == reservation.Rejected.String() && e.Via == ports.ViaKafka {
		m.rejected.add(1, e.Reason)
	}
}

// reserveOutcome keeps repeats apart: they say nothing of how orders fare.
func reserveOutcome(e ports.OrderDecided) string {
	if e.Repeated {
		return outcomeRepeated
	}
	if e.Outcome == reservation.Held.String() {
		return outcomeHeld
	}
	return outcomeOf(e.Outcome, outcomeError)
}

func (m *Metrics) clockCompared(e ports.ClockCompared) {
	m.clock.Set(e.Offset.Seconds())
	if e.Err != nil {
		m.trouble.add(1, "clock")
	}
}

func (m *Metrics) holdsExpired(e ports.HoldsExpired) {
	m.expired.add(len(e.Late))
	for _, late := range e.Late {
		m.lateness.took(late)
	}
}
