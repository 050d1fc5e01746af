package fleet

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"inventory/ports"
)

// reach is what this process knows of the ways between it and the others: each member hails all
// others with each beat. Time is counted in rounds, one a look at who there is, and not by a
// clock: when this process was paused, or nobody could ask the store, only one round has passed,
// and who was in reach before still is.
type reach struct {
	mu      sync.Mutex
	ways    map[string]*way // by the other member's id
	fresh   bool            // this process has not taken part yet
	cut     bool            // it takes no ledgers, as others would not get there
	against int             // rounds in a row in which what was seen spoke against cut
	out     int             // rounds for which others did not get here, while it is cut
}

// way is the way to another member, and back.
type way struct {
	heard   int // rounds since it last reached this process
	reached int // rounds since this process last reached it
	failed  int // tries in a row that did not
	fault   error
}

const (
	// recent is for how many rounds a way counts that was open: half of the lease.
	recent = 5
	// patience is in how many rounds a process stands back, or takes part again: the lease.
	patience = 10
	never    = 1 << 30
)

// newReach begins out of reach: whoever joins others takes ledgers when one of them gets there.
func newReach() *reach { return &reach{ways: map[string]*way{}, fresh: true, cut: true} }

// way finds the way to a member; r.mu is held.
func (r *reach) way(id string) *way {
	w := r.ways[id]
	if w == nil {
		w = &way{heard: never, reached: never}
		r.ways[id] = w
	}
	return w
}

// heardOf notes that a member reached this process.
func (r *reach) heardOf(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.way(id).heard = 0
}

// tried notes whether this process reached a member. It gives what is to be told: that it has not
// for as long as a living one takes to answer.
func (r *reach) tried(id string, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.way(id)
	w.fault = err
	if err == nil {
		w.reached, w.failed = 0, 0
		return nil
	}
	if w.failed++; w.failed <= recent {
		return nil
	}
	return fmt.Errorf("this process does not reach another member, which takes no ledgers where nobody does: %w", err)
}

// judge ends a round, and tells whether it changed anything. peers are those whose word counts: all
// others that live and take ledgers. A process stands back where none of them gets here, and later
// where it gets to none of them: where two can't reach each other, whoever is placed worse
// goes first, and the other has nobody to stand back for. first is by name, and breaks the tie.
func (r *reach) judge(living, peers []ports.Member, first bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.age(living)
	if r.out++; !r.cut {
		r.out = 0
	}
	heard, reached := r.open(peers)
	wait := patience
	if !r.cut && first {
		wait += patience
	}
	if !r.cut && heard {
		wait += 2 * patience
	}
	switch {
	case len(peers) == 0 || r.fresh && heard:
		return r.set(false)
	case r.fresh || r.cut == (!heard || !reached):
		r.against = 0
	default:
		if r.against++; r.against >= wait {
			return r.set(!r.cut)
		}
	}
	return false
}

// set has this process stand back, or take part; r.mu is held.
func (r *reach) set(cut bool) bool {
	changed := r.cut != cut
	if r.fresh, r.against, r.cut = false, 0, cut; cut {
		r.out = patience
	}
	return changed
}

// age has a round pass on all ways, and forgets those to members that are gone; r.mu is held.
func (r *reach) age(living []ports.Member) {
	for id, w := range r.ways {
		if !slices.ContainsFunc(living, func(m ports.Member) bool { return m.ID == id }) {
			delete(r.ways, id)
			continue
		}
		w.heard, w.reached = min(never, w.heard+1), min(never, w.reached+1)
	}
}

// open tells whether one of the members has reached this process lately, and whether it has
// reached one of them; r.mu is held.
func (r *reach) open(peers []ports.Member) (heard, reached bool) {
	for _, m := range peers {
		if w := r.ways[m.ID]; w != nil {
			heard, reached = heard || w.heard <= recent, reached || w.reached <= recent
		}
	}
	return heard, reached
}

// isCut tells whether this process takes no ledgers.
func (r *reach) isCut() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cut
}

// isLong tells that others had time enough to get here, and did not.
func (r *reach) isLong() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cut && r.out >= patience
}

// why says why this process stands back, and what to do.
func (r *reach) why(addr string, peers []ports.Member) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	heard, reached := r.open(peers)
	if heard && reached {
		return errors.New("others reach this process again: it takes ledgers if that lasts for the lease")
	}
	var names []string
	var faults []error
	for _, m := range peers {
		names = append(names, m.Name)
		if w := r.ways[m.ID]; w != nil && w.fault != nil {
			faults = append(faults, w.fault)
		}
	}
	says := fmt.Sprintf("none of %s reaches this process at %s", strings.Join(names, ", "), addr)
	if heard {
		says = fmt.Sprintf("this process at %s reaches none of %s", addr, strings.Join(names, ", "))
	}
	err := fmt.Errorf("%s: it takes no ledgers. Give --fleet-advertise an address that they can connect to, let connections pass both ways, and give all certificates of one CA", says)
	return errors.Join(append([]error{err}, faults...)...)
}
