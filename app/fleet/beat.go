package fleet

import (
	"context"
	"fmt"

	"inventory/ports"
)

// beats tells the others that this process lives, and learns of them, until ctx ends.
func (f *Fleet) beats(ctx context.Context) {
	if f.alone() {
		f.mu.Lock()
		f.joined = true
		f.mu.Unlock()
		f.kick()
		return
	}
	for ctx.Err() == nil {
		attempt, cancel := context.WithTimeout(ctx, f.cfg.Owner.Lease/4)
		if f.tellBeat(attempt) && f.learn(attempt) && f.judge() {
			f.tellBeat(attempt)
		}
		cancel()
		_ = ports.Sleep(ctx, f.world.Clock, f.cfg.Owner.Lease/10) // the loop sees the end of ctx
	}
}

// tellBeat tells the others of this process. It takes ledgers only where its clock is right and
// others get there.
func (f *Fleet) tellBeat(ctx context.Context) bool {
	if f.alone() {
		return true
	}
	if err := f.world.Members.Beat(ctx, f.self()); err != nil {
		f.trouble(fmt.Errorf("telling the fleet that this process lives: %w", err))
		return false
	}
	return true
}

// self is what this process says of itself, each time anew.
func (f *Fleet) self() ports.Member {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.beat++
	return ports.Member{
		ID: f.cfg.Owner.Owner, Name: f.cfg.Name, Addr: f.cfg.Addr, Version: f.cfg.Version,
		Beat: f.beat, Willing: !f.ending && f.host.Trust() == nil && !f.reach.isCut(),
	}
}

// learn looks who is there. It tells whether that is known.
func (f *Fleet) learn(ctx context.Context) bool {
	asked := f.world.Clock.Now()
	members, err := f.world.Members.Members(ctx)
	if err != nil {
		f.trouble(fmt.Errorf("asking who is in the fleet: %w", err))
		return false
	}
	events := f.roster.note(members, asked, f.world.Clock.Now())
	for _, e := range events {
		f.world.Observer.Observe(e)
		if came, ok := e.(ports.MemberCame); ok && came.Member.Name == f.cfg.Name {
			f.trouble(fmt.Errorf("another member has this one's name, %s, at %s: give each a --fleet-name of its own", f.cfg.Name, came.Member.Addr))
		}
	}
	f.mu.Lock()
	fresh := !f.joined
	f.joined = true
	f.mu.Unlock()
	if fresh || len(events) > 0 {
		f.kick()
	}
	return true
}
