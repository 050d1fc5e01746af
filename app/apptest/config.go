package apptest

import (
	"testing"
	"time"

	"inventory/app"
	"inventory/ports"
	"inventory/ports/porttest"
)

// Config says what a history is made of. Zero chances and times mean: never.
type Config struct {
	// Open gives a handle on a store, as a process of its own has it. All handles of one
	// history are on one store, which nobody else uses.
	Open  func(t testing.TB) app.Store
	Clock ports.Clock
	Seed  uint64

	Commands  int
	Clients   int
	Processes int
	// Lease is the owner's; most other times of the owner follow from it.
	Lease time.Duration
	// Latency bounds what a call to the store takes on its way there, and on its way back.
	Latency time.Duration
	// Patience is how long a client waits for an answer before it asks again.
	Patience time.Duration
	Calls    porttest.Chances
	Mail     MailChances
	// OwnerChange is the mean time between a process being killed, frozen or stopped at one
	// of its next calls.
	OwnerChange time.Duration
	// Interrupt kills or freezes a process at one of its calls.
	Interrupt Interrupt
	// Story is what is done instead of Commands; nil: they are random.
	Story *Story
	// Audit is the time between passes of the processes' auditors.
	Audit time.Duration
	// Tune may set what else there is to set.
	Tune func(*app.Config)
}

// Interrupt is what happens to the process of a Slot at its Nth call to the store, to another
// member or delivery of mail, counted before and after the call, from 1; 0: nothing.
type Interrupt struct {
	Nth    int
	Slot   int
	Freeze bool // for long enough to lose the lease; else it is killed
}

// MailChances are the probabilities, 0 to 1, of what happens to a delivery of mail or of
// an acknowledgement.
type MailChances struct {
	Lose     float64
	Repeat   float64
	Delay    float64
	MaxDelay time.Duration // after which others have overtaken it
}

// Calm is a history without any trouble.
func Calm(open func(testing.TB) app.Store, clock ports.Clock, seed uint64) Config {
	return Config{
		Open: open, Clock: clock, Seed: seed,
		Commands: 1000, Clients: 16, Processes: 3,
		Lease: 120 * time.Millisecond, Latency: 2 * time.Millisecond, Patience: 400 * time.Millisecond,
	}
}

// Stormy is a history in which everything goes wrong that can.
func Stormy(open func(testing.TB) app.Store, clock ports.Clock, seed uint64) Config {
	cfg := Calm(open, clock, seed)
	cfg.Calls = porttest.Chances{
		FailBefore: 0.03, DoneUnknown: 0.03, LateUnknown: 0.03, DeliveredTwice: 0.03, FailRead: 0.03, LateCalls: 150,
	}
	cfg.Mail = MailChances{Lose: 0.05, Repeat: 0.1, Delay: 0.2, MaxDelay: 30 * time.Millisecond}
	cfg.OwnerChange = 250 * time.Millisecond
	return cfg
}

// app is the configuration of one process; its Owner is still to be set.
func (c Config) app() app.Config {
	a := app.DefaultConfig()
	a.ReservationLedgers = 2
	a.TTL = time.Second
	a.DirectoryRefresh = c.Lease * 10
	a.Reservation.PlanPatience = 3 * c.Lease
	a.Reservation.Warning, a.Reservation.ParkPatience = longest/2, 8*c.Lease
	a.Audit.Interval = c.Audit
	o := &a.Owner
	o.Lease, o.CommitTimeout = c.Lease, 2*c.Lease
	a.Member.Patience = c.Lease
	o.MaxSkew, o.ClockCheck = skew, 2*c.Lease
	o.Resend, o.Idle = c.Lease/4, c.Lease/8
	o.Batch, o.MailRoom, o.EntryBytes, o.RelayLag = 32, 256, 16<<10, 64
	o.SnapshotBytes = 1 << 40 // never
	if c.Tune != nil {
		c.Tune(&a)
	}
	return a
}
