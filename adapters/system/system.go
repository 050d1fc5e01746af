// Package system is the process's own clock and randomness behind the ports. Only cmd and
// tests use it.
package system

import (
	"crypto/rand"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// Clock is the machine's clock.
type Clock struct{}

var _ ports.Clock = Clock{}

// Now implements ports.Clock.
func (Clock) Now() time.Time { return time.Now() }

// started is read once: what passes since then is measured on the monotonic clock.
var started = time.Now()

// Steady implements ports.Clock.
func (Clock) Steady() time.Duration { return time.Since(started) }

// NewTimer implements ports.Clock.
func (Clock) NewTimer(d time.Duration) ports.Timer { return timer{time.NewTimer(d)} }

type timer struct{ t *time.Timer }

func (t timer) C() <-chan time.Time   { return t.t.C }
func (t timer) Reset(d time.Duration) { t.t.Reset(d) }
func (t timer) Stop()                 { t.t.Stop() }

// NewUUID gives an id that no other call, in any process, gives: UUIDv4.
func NewUUID() ledger.UUID {
	var u ledger.UUID
	rand.Read(u[:]) // never fails
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}
