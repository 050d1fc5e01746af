package app_test

import (
	"context"
	"fmt"
	"sync"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/reservation"
	"inventory/ports"
)

// roads are the ways between the members of a crew, each one of which may be closed.
type roads struct {
	mu      sync.Mutex
	closed  map[[2]string]bool
	older   string         // a member of a version that knows of no orders whose outcome is awaited, nor of many SKUs,
	refused int            // and how many of them it did not understand
	silent  string         // a member that answers no questions about levels
	levels  map[string]int // questions about levels, by the member that was asked
}

// understands tells whether a member knows what it is asked.
func (r *roads) understands(member string, request []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, err := owner.NewCodec().Decode(request)
	switch m.(type) {
	case wire.AskLevel, wire.AskShelves:
		r.levels[member]++
	}
	if err != nil || member != r.older {
		return true
	}
	if _, many := m.(wire.AskShelves); many {
		r.refused++
		return false
	}
	ask, ok := m.(wire.Ask)
	if !ok {
		return true
	}
	if order, ok := ask.Command.(reservation.Reserve); !ok || !order.Await {
		return true
	}
	r.refused++
	return false
}

// isSilent tells whether a member says nothing of levels.
func (r *roads) isSilent(member string, request []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, err := owner.NewCodec().Decode(request)
	_, levels := m.(wire.AskLevel)
	return err == nil && levels && member == r.silent
}

// set closes, or opens, the ways from some to others.
func (r *roads) set(closed bool, from, to []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range from {
		for _, t := range to {
			r.closed[[2]string{f, t}] = closed
		}
	}
}

// apart closes, or opens, the ways between some and others, both ways.
func (r *roads) apart(closed bool, some, others []string) {
	r.set(closed, some, others)
	r.set(closed, others, some)
}

func (r *roads) isClosed(from, to string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed[[2]string{from, to}]
}

// road is a member's way to the others.
type road struct {
	ports.Wire
	from  string
	roads *roads
}

func (r road) Call(ctx context.Context, addr string, request []byte) ([]byte, error) {
	if r.roads.isClosed(r.from, addr) {
		return nil, fmt.Errorf("%w: member %s: the way is closed", ports.ErrTransient, addr)
	}
	if r.roads.isSilent(addr, request) {
		<-ctx.Done()
		return nil, fmt.Errorf("%w: %w", ports.ErrUnknown, ctx.Err())
	}
	if !r.roads.understands(addr, request) {
		return owner.NewCodec().Encode(wire.Refused{Err: wire.ErrUnknownMessage})
	}
	return r.Wire.Call(ctx, addr, request)
}

func (r road) Tell(addr string, message []byte) {
	if !r.roads.isClosed(r.from, addr) {
		r.Wire.Tell(addr, message)
	}
}
