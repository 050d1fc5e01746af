package app_test

import (
	"context"
	"fmt"
	"sync"

	"inventory/ports"
)

// roads are the ways between the members of a crew, each one of which may be closed.
type roads struct {
	mu     sync.Mutex
	closed map[[2]string]bool
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
	return r.Wire.Call(ctx, addr, request)
}

func (r road) Tell(addr string, message []byte) {
	if !r.roads.isClosed(r.from, addr) {
		r.Wire.Tell(addr, message)
	}
}
