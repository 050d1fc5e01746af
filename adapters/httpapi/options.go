package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"inventory/app/scan"
)

// Options are what a deployment sets. Log and Scans must be set; the zero value of each other field
// is its default.
type Options struct {
	// Timeout bounds a request, from when its headers were read: 10 s.
	Timeout time.Duration
	// ReconcileTimeout bounds a reconciliation, which reads all that is stored: 5 min.
	ReconcileTimeout time.Duration
	// MaxBody bounds a request's body, in bytes: 1 MiB.
	MaxBody int64
	// MaxRequests bounds the requests that are worked at at once, but for those about health and
	// metrics: 1024. Beyond it clients are told at once to come again: who waits takes memory.
	MaxRequests int
	// Checks are what /readyz asks, all at the same time. Without any it is always ready.
	Checks []Check
	// Metrics serves /metrics; nil: there is none.
	Metrics http.Handler
	// Observe, where set, is told of every answer. route is one of a small set, such as
	// "GET /inventory/{sku}", and "unmatched" where no route matched.
	Observe func(route string, status int, took time.Duration)
	// Letters is the desk of dead letters; nil: there is none, nor its paths.
	Letters Letters
	// Totals tells of stock by SKU and region; nil: there is none, nor its paths.
	Totals Totals
	// Scans is what bulks share with others who scan.
	Scans *scan.Room
	// Log is told what a client is not: why something is broken.
	Log func(Trouble)
}

// Check is something that must be well for this process to be ready.
type Check struct {
	Name  string
	Probe func(context.Context) error // nil: well; it returns when its context ends
}

// Trouble is a failure whose text is not for clients.
type Trouble struct {
	Route     string // as told to Observe
	RequestID string // which the client was given
	Err       error
	Stack     []byte // of a panic, else nil
}

// The defaults of Options.
const (
	DefaultTimeout          = 10 * time.Second
	DefaultReconcileTimeout = 5 * time.Minute
	DefaultMaxBody          = 1 << 20
	DefaultMaxRequests      = 1024
)

// validate names every fault.
func (o Options) validate() error {
	var faults []error
	if o.Log == nil {
		faults = append(faults, errors.New("no Log: expected a function, or failures are told to nobody"))
	}
	if o.Scans == nil {
		faults = append(faults, errors.New("no Scans: expected the room that all who scan share"))
	}
	if o.Timeout < 0 || o.ReconcileTimeout < 0 {
		faults = append(faults, fmt.Errorf("timeouts %s and %s: expected none below zero", o.Timeout, o.ReconcileTimeout))
	}
	if o.MaxBody < 0 {
		faults = append(faults, fmt.Errorf("MaxBody %d: expected bytes", o.MaxBody))
	}
	if o.MaxRequests < 0 {
		faults = append(faults, fmt.Errorf("MaxRequests %d: expected a number of requests", o.MaxRequests))
	}
	known := map[string]bool{}
	for _, check := range o.Checks {
		if check.Name == "" || check.Probe == nil || known[check.Name] {
			faults = append(faults, fmt.Errorf("check %q: expected a name of its own and a function", check.Name))
		}
		known[check.Name] = true
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("options of the HTTP API: %w", err)
	}
	return nil
}

func (o Options) withDefaults() Options {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.ReconcileTimeout == 0 {
		o.ReconcileTimeout = DefaultReconcileTimeout
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.MaxRequests == 0 {
		o.MaxRequests = DefaultMaxRequests
	}
	if o.Observe == nil {
		o.Observe = func(string, int, time.Duration) {}
	}
	return o
}
