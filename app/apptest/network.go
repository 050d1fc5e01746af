package apptest

import (
	"context"
	"fmt"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/ports"
)

// network is a process's way to the others. It loses, delays and repeats what goes that way,
// and a process that is killed or frozen neither sends nor takes anything.
type network struct{ process *process }

var _ ports.Wire = (*network)(nil)

// addr is where the others reach a process: an incarnation of its slot.
func (p *process) addr() string { return p.in.MemberID() }

// at finds the incarnation that runs at an address.
func (c *cluster) at(addr string) *process {
	for _, s := range c.slots {
		if p := s.now(); p != nil && p.addr() == addr {
			return p
		}
	}
	return nil
}

// Call implements ports.Wire.
func (n *network) Call(ctx context.Context, addr string, request []byte) ([]byte, error) {
	c := n.process.slot.c
	way := n.process.link.wayOf(request)
	if err := way(ctx); err != nil {
		return nil, fmt.Errorf("%w: the way out: %w", ports.ErrUnknown, err)
	}
	to := c.at(addr)
	if to == nil {
		return nil, fmt.Errorf("%w: nobody is at %s", ports.ErrTransient, addr)
	}
	if c.dice.chance(c.mail().Lose) {
		return nil, fmt.Errorf("%w: the connection broke", ports.ErrUnknown)
	}
	if c.dice.chance(c.mail().Repeat) {
		c.spawn(func() { _, _ = to.answer(context.WithoutCancel(ctx), request) }) // it came twice
	}
	answer, err := to.answer(ctx, request)
	if err == nil && c.dice.chance(c.mail().Lose) {
		err = fmt.Errorf("%w: the connection broke, too late", ports.ErrUnknown)
	}
	if back := way(ctx); back != nil {
		err = fmt.Errorf("%w: the way back: %w", ports.ErrUnknown, back)
	}
	return answer, err
}

var codec = owner.NewCodec()

// wayOf is how a request goes. Nothing is decided by hails, of which there are many: they are no
// points.
func (l *link) wayOf(request []byte) func(context.Context) error {
	if m, err := codec.Decode(request); err == nil {
		if _, hail := m.(wire.Hail); hail {
			return l.way
		}
	}
	return l.pass
}

// answer has a process answer a request that got there.
func (p *process) answer(ctx context.Context, request []byte) ([]byte, error) {
	answer, err := thereAndBack(ctx, p.link.wayOf(request), func() ([]byte, error) { return p.in.Wire().Answer(ctx, request), nil })
	if err != nil {
		return nil, fmt.Errorf("%w: the other member: %w", ports.ErrUnknown, err)
	}
	return answer, nil
}

// Tell implements ports.Wire. What is told may overtake what was told before, as over a
// connection that broke between them.
func (n *network) Tell(addr string, message []byte) {
	c := n.process.slot.c
	n.process.atPoint()
	if n.process.link.killed() {
		return
	}
	deliver := func() {
		if to := c.at(addr); to != nil && to.link.pass(context.Background()) == nil {
			to.in.Wire().Hear(message)
		}
	}
	if c.dice.chance(c.mail().Lose) {
		return
	}
	c.running.Go(func() {
		if n.process.link.pass(context.Background()) == nil { // frozen, it sends later
			deliver()
		}
	})
}
