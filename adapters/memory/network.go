package memory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"inventory/ports"
)

// Network carries requests and messages between members that are all in this process.
type Network struct {
	mu      sync.Mutex
	members map[string]*networkMember
}

// NewNetwork returns a network that nobody has joined.
func NewNetwork() *Network { return &Network{members: map[string]*networkMember{}} }

// Join has a member reached at addr, and returns its way to the others. Whoever was there
// before leaves.
func (n *Network) Join(addr string, h ports.WireHandler) ports.Wire {
	m := &networkMember{network: n, handler: h}
	m.ctx, m.leave = context.WithCancelCause(context.Background())
	n.mu.Lock()
	last := n.members[addr]
	n.members[addr] = m
	n.mu.Unlock()
	last.end()
	return m
}

// Leave has nobody reached at addr any more. What is under way from and to that member is cut
// off, as by a crash; answers that it is making go on until they see that their context has
// ended.
func (n *Network) Leave(addr string) {
	n.mu.Lock()
	last := n.members[addr]
	delete(n.members, addr)
	n.mu.Unlock()
	last.end()
}

// at returns who is at addr; nil: nobody.
func (n *Network) at(addr string) *networkMember {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.members[addr]
}

// maxUnheard is how many messages may wait for a member; those beyond are lost.
const maxUnheard = 1 << 16

var errLeft = errors.New("a member has left the network")

// networkMember is a member, as the others reach it and as it reaches them.
type networkMember struct {
	network *Network
	handler ports.WireHandler
	ctx     context.Context // ends when it leaves
	leave   context.CancelCauseFunc

	mu      sync.Mutex
	unheard [][]byte
	hearing bool
}

var _ ports.Wire = (*networkMember)(nil)

func (m *networkMember) end() {
	if m != nil {
		m.leave(errLeft)
	}
}

// Call implements ports.Wire.
func (m *networkMember) Call(ctx context.Context, addr string, request []byte) ([]byte, error) {
	to := m.network.at(addr)
	switch {
	case to == nil:
		return nil, fmt.Errorf("%w: member %s: nobody is there", ports.ErrTransient, addr)
	case m.ctx.Err() != nil:
		return nil, fmt.Errorf("%w: member %s: not sent: the sender has left the network", ports.ErrTransient, addr)
	case ctx.Err() != nil: // not wrapped: a context's error means unknown
		return nil, fmt.Errorf("%w: member %s: not sent: %v", ports.ErrTransient, addr, ctx.Err()) //nolint:errorlint // see above
	}
	answer := make(chan []byte, 1)
	go to.answer(ctx, m.ctx, bytes.Clone(request), answer)
	var why error
	select {
	case body := <-answer:
		return body, nil
	case <-ctx.Done():
		why = ctx.Err()
	case <-to.ctx.Done():
		why = context.Cause(to.ctx)
	case <-m.ctx.Done():
		why = context.Cause(m.ctx)
	}
	return nil, fmt.Errorf("%w: member %s: sent, but not answered: %w", ports.ErrUnknown, addr, why)
}

// answer answers a request within the caller's deadline, which is all that is known of the
// caller, and while both are in the network.
func (m *networkMember) answer(caller, from context.Context, request []byte, answer chan<- []byte) {
	ctx, cancel := context.WithCancel(m.ctx)
	defer cancel()
	if deadline, ok := caller.Deadline(); ok {
		var end context.CancelFunc
		ctx, end = context.WithDeadline(ctx, deadline)
		defer end()
	}
	defer context.AfterFunc(from, cancel)()
	answer <- append([]byte{}, m.handler.Answer(ctx, request)...)
}

// Tell implements ports.Wire.
func (m *networkMember) Tell(addr string, message []byte) {
	if to := m.network.at(addr); to != nil && m.ctx.Err() == nil {
		to.take(message)
	}
}

// take leaves a message for the one goroutine that hears them, in order, while there are any.
func (m *networkMember) take(message []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.unheard) >= maxUnheard {
		return
	}
	m.unheard = append(m.unheard, message)
	if !m.hearing {
		m.hearing = true
		go m.hear()
	}
}

func (m *networkMember) hear() {
	for {
		m.mu.Lock()
		messages := m.unheard
		m.unheard = nil
		m.hearing = len(messages) > 0
		m.mu.Unlock()
		if len(messages) == 0 {
			return
		}
		for _, message := range messages {
			if m.ctx.Err() != nil {
				break // what is left is lost
			}
			m.handler.Hear(message)
		}
	}
}
