package cache

import (
	"errors"
	"fmt"
	"time"
)

// Config says how the cache is used.
type Config struct {
	// TTL is how long a level is in the cache at most, Lease how long a claim is: as the cache
	// itself has it. A process that answers later than Lease fills nothing in.
	TTL   time.Duration
	Lease time.Duration
	// Hot is how often a SKU is read in a second, about, in one process, for its levels to be
	// looked for in the cache.
	Hot int
	// Timeout is how long the cache may take for an answer while somebody waits.
	Timeout time.Duration
}

// DefaultConfig has the values of the design.
func DefaultConfig() Config {
	return Config{TTL: 5 * time.Second, Lease: time.Second, Hot: 10, Timeout: 50 * time.Millisecond}
}

// Validate names every fault.
func (c Config) Validate() error {
	var err error
	if c.TTL < MinTTL || c.TTL > MaxTTL {
		err = fmt.Errorf("time to live %s: expected %s to %s", c.TTL, MinTTL, MaxTTL)
	}
	if c.Lease < time.Millisecond || c.Timeout < time.Millisecond || c.Hot < 1 {
		err = errors.Join(err, fmt.Errorf("lease %s, time-out %s, %d reads/s: expected 1ms, 1ms and 1 or more", c.Lease, c.Timeout, c.Hot))
	}
	return err
}

// The bounds of a time to live.
const (
	MinTTL = 100 * time.Millisecond
	MaxTTL = 5 * time.Minute
)

// lasts is how long after it was asked an owner may be told of by the cache, and a second more:
// no two clocks run alike.
func (c Config) lasts() time.Duration { return c.TTL + c.Lease + time.Second }
