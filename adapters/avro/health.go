package avro

import (
	"errors"
	"sync"
	"time"
)

// troubleAge is how long a failure counts: whoever still needs the answer has asked again
// by then.
const troubleAge = time.Minute

// health remembers what the registry failed at last. Its zero value is of one that has not
// failed.
type health struct {
	mu      sync.Mutex
	silent  trouble            // it could not be asked
	missing map[string]trouble // subjects that lack our schema
}

type trouble struct {
	err error
	at  time.Time
}

func (t trouble) now() error {
	if time.Since(t.at) > troubleAge {
		return nil
	}
	return t.err
}

// answered says that the registry answered, whatever it said.
func (h *health) answered() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.silent = trouble{}
}

func (h *health) failed(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.silent = trouble{err, time.Now()}
}

// lacks says that a subject has not our schema (err), or that it has it (nil).
func (h *health) lacks(subject string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		delete(h.missing, subject)
		return
	}
	if h.missing == nil {
		h.missing = make(map[string]trouble)
	}
	h.missing[subject] = trouble{err, time.Now()}
}

func (h *health) ready() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	errs := []error{h.silent.now()}
	for _, t := range h.missing {
		errs = append(errs, t.now())
	}
	return errors.Join(errs...)
}

// Ready returns nil, or why events can't be read or written now: what the registry failed
// at last, until it succeeds or nobody has needed it for a minute. What is known needs no
// registry.
func (c *Codec) Ready() error { return c.health.ready() }
