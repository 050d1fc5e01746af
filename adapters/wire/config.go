package wire

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"inventory/ports"
)

// Defaults of Config.
const (
	DefaultDialTimeout = 2 * time.Second
	DefaultSilence     = 3 * time.Second
	DefaultIdleTimeout = 5 * time.Minute
	DefaultMaxCalls    = 8192
	DefaultMaxAnswers  = 8192
	DefaultMaxFrame    = 32 << 20
	DefaultMaxQueued   = 64 << 20
)

// Config says how members talk to each other; all of a fleet have the same. A zero stands
// for the default.
type Config struct {
	// DialTimeout is how long a call waits for a connection, and how long one attempt to make
	// one may take.
	DialTimeout time.Duration
	// Silence is how long a member may send nothing, not even the answer to a ping, before it is
	// taken for dead. A server needs 2 s at the least.
	Silence time.Duration
	// IdleTimeout is how long a connection that nobody uses is kept.
	IdleTimeout time.Duration

	MaxCalls   int // calls under way to one member, those that wait for a connection among them
	MaxAnswers int // requests of one connection that a server answers at the same time
	MaxFrame   int // bytes of a request, an answer or a message
	// MaxQueued is how many bytes may wait for one member, at least MaxFrame and a little more.
	MaxQueued int

	// TLS has both sides prove who they are; nil: plain text, for networks that nobody else is on.
	TLS *TLSFiles
	// Warn is told, in words for a person, what no caller hears of; nil: nobody is.
	Warn func(message string)
}

// withDefaults fills in what is zero and reports everything that is wrong, at once; the error
// wraps ports.ErrPermanent.
func (c Config) withDefaults() (Config, error) {
	c.DialTimeout = cmp.Or(c.DialTimeout, DefaultDialTimeout)
	c.Silence = cmp.Or(c.Silence, DefaultSilence)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, DefaultIdleTimeout)
	c.MaxCalls = cmp.Or(c.MaxCalls, DefaultMaxCalls)
	c.MaxAnswers = cmp.Or(c.MaxAnswers, DefaultMaxAnswers)
	c.MaxFrame = cmp.Or(c.MaxFrame, DefaultMaxFrame)
	c.MaxQueued = cmp.Or(c.MaxQueued, DefaultMaxQueued)
	if c.Warn == nil {
		c.Warn = func(string) {}
	}
	return c, c.validate()
}

func (c Config) validate() error {
	var faults []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%w: wire: %s", ports.ErrPermanent, fmt.Sprintf(format, args...)))
		}
	}
	check(c.DialTimeout >= 10*time.Millisecond && c.DialTimeout <= time.Minute, "dial timeout %v: expected 10ms to 1m", c.DialTimeout)
	check(c.Silence >= 100*time.Millisecond && c.Silence <= time.Minute, "silence %v: expected 100ms to 1m", c.Silence)
	check(c.IdleTimeout >= 100*time.Millisecond, "idle timeout %v: expected at least 100ms", c.IdleTimeout)
	check(c.MaxCalls >= 1, "limit of %d calls under way: expected at least 1", c.MaxCalls)
	check(c.MaxAnswers >= 1, "limit of %d answers at once: expected at least 1", c.MaxAnswers)
	check(c.MaxFrame >= 1 && c.MaxFrame <= 1<<30, "limit of %d bytes for a request: expected 1 to 1 GiB", c.MaxFrame)
	check(c.MaxQueued >= c.MaxFrame+parcelCost, "limit of %d bytes that wait: expected at least %d, room for the longest request", c.MaxQueued, c.MaxFrame+parcelCost)
	return errors.Join(faults...)
}
