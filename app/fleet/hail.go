package fleet

import (
	"context"
	"errors"

	"inventory/app/wire"
	"inventory/ports"
)

// hail shows the others that this process gets to them.
func (f *Fleet) hail(others []ports.Member) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.running == nil || f.running.Err() != nil || f.ending {
		return
	}
	for _, m := range others {
		if m.Addr == "" || f.hailing[m.ID] {
			continue
		}
		f.hailing[m.ID] = true
		f.working.Go(func() {
			f.hailOne(m)
			f.mu.Lock()
			defer f.mu.Unlock()
			delete(f.hailing, m.ID)
		})
	}
}

func (f *Fleet) hailOne(m ports.Member) {
	ctx, cancel := context.WithTimeout(f.running, f.cfg.Owner.Lease/4)
	defer cancel()
	_, err := ask[wire.Hailed](ctx, f, m, wire.Hail{From: f.cfg.Owner.Owner})
	if errors.Is(err, wire.ErrUnknownMessage) { // an older version, which hails nobody: what works one way has to do
		f.reach.heardOf(m.ID)
		err = nil
	}
	if fault := f.reach.tried(m.ID, err); fault != nil && f.running.Err() == nil {
		f.trouble(fault)
	}
}

// judge looks whether others get to this process, and it to them. It tells whether that changes
// what this process does.
func (f *Fleet) judge() bool {
	living := f.roster.living()
	f.hail(living)
	peers := willing(living)
	changed := f.reach.judge(living, peers, firstOf(f.cfg.Name, peers))
	if changed {
		f.kick()
	}
	f.tellCut(peers)
	return changed
}

// firstOf tells whether a name comes before those of the others.
func firstOf(name string, others []ports.Member) bool {
	for _, m := range others {
		if m.Name <= name {
			return false
		}
	}
	return true
}

// tellCut tells that this process stands back, unless it has only just come.
func (f *Fleet) tellCut(peers []ports.Member) {
	if f.reach.isLong() && f.standsBack() {
		f.trouble(f.reach.why(f.cfg.Addr, peers))
	}
}

// peers lists the other members that live and take ledgers.
func (f *Fleet) peers() []ports.Member { return willing(f.roster.living()) }

// standsBack tells whether this process leaves all ledgers to others, who are known to live, since
// it is out of reach.
func (f *Fleet) standsBack() bool {
	if !f.reach.isCut() {
		return false
	}
	for _, m := range f.peers() {
		if _, sure, _ := f.roster.member(m.ID); sure {
			return true
		}
	}
	return false
}
