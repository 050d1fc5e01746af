package scan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inventory/app/owner"
	"inventory/ports"
)

// Errors of scans that were not done. They may be sent again, to any process.
var (
	// ErrCrowded is of a process that has as many clients that scan as it may.
	ErrCrowded = fmt.Errorf("%w: this process has as many clients that scan as it may", owner.ErrOverloaded)
	// ErrClosing is of a process that ends.
	ErrClosing = errors.New("this process takes no more scans")
)

// Config bounds how much of a process scans may take.
type Config struct {
	// Clients bounds those who send scans at once: streams, and bulks.
	Clients int
	// Lanes bounds the scans of a client that are under way: those that are about the same share
	// a lane.
	Lanes int
	// Window bounds the scans of a client that are taken and not answered yet.
	Window int
	// AtOnce bounds the scans of all clients that are asked of ledgers at once. What one owner
	// takes in a batch is many times that.
	AtOnce int
	// Patience is how long a scan is asked for, again and again.
	Patience time.Duration
	// Again is the time between two tries, Drain how long those under way may take when the
	// process ends.
	Again, Drain time.Duration
}

// DefaultConfig has the values for production.
func DefaultConfig() Config {
	return Config{
		Clients: 256, Lanes: 16, Window: 64, AtOnce: 32,
		Patience: 10 * time.Second, Again: time.Second / 5, Drain: 5 * time.Second,
	}
}

// Room is what all who send scans to a process share. It is safe for concurrent use.
type Room struct {
	cfg       Config
	clock     ports.Clock
	retryable func(error) bool
	clients   chan struct{} // has a token for each client
	asking    chan struct{} // has a token for each scan that is asked of a ledger
	ending    context.Context
	end       context.CancelFunc
}

// NewRoom makes an empty room. retryable tells which errors another try may help.
func NewRoom(cfg Config, clock ports.Clock, retryable func(error) bool) *Room {
	ctx, end := context.WithCancel(context.Background())
	return &Room{
		cfg: cfg, clock: clock, retryable: retryable, ending: ctx, end: end,
		clients: make(chan struct{}, cfg.Clients), asking: make(chan struct{}, cfg.AtOnce),
	}
}

// Config is what it was made with.
func (r *Room) Config() Config { return r.cfg }

// End takes no new client, and has each that there is end: its Ending is closed.
func (r *Room) End() { r.end() }

// OnEnd has f called when the process ends, unless forget is called before.
func (r *Room) OnEnd(f func()) (forget func() bool) { return context.AfterFunc(r.ending, f) }

// Ended tells whether the process ends.
func (r *Room) Ended() bool { return r.ending.Err() != nil }

// Ending is closed when the process ends: clients are to send no more.
func (r *Room) Ending() <-chan struct{} { return r.ending.Done() }
