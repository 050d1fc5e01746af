package fleet

import (
	"context"
	"fmt"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/ports"
)

var (
	_ owner.Carrier     = (*Fleet)(nil)
	_ ports.WireHandler = (*Fleet)(nil)
)

// Deliver implements owner.Carrier.
func (f *Fleet) Deliver(from, to ledger.ID, mail []ledger.Mail) {
	switch {
	case len(mail) == 0:
	case f.host.Owns(to):
		f.host.Deliver(from, to, mail)
	default:
		f.tellOwner(to, wire.Mail{From: from, To: to, Mail: mail})
	}
}

// Acknowledge implements owner.Carrier.
func (f *Fleet) Acknowledge(from, to ledger.ID, upto int64) {
	if f.host.Owns(to) {
		f.host.Acknowledge(from, to, upto)
		return
	}
	f.tellOwner(to, wire.Ack{From: from, To: to, Upto: upto})
}

// tellOwner tells the owner of a ledger something. Where it is not known the store is asked, and
// the message is lost: mail is sent again.
func (f *Fleet) tellOwner(id ledger.ID, message wire.Message) {
	if m, ok := f.ownerOf(id, true); ok {
		f.tell(m, message)
	}
	if f.routes.of(id) == "" {
		f.lookUp(id)
	}
}

// lookUp asks the store who owns a ledger, and has mail for it sent again where that is news.
func (f *Fleet) lookUp(id ledger.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.running == nil || f.running.Err() != nil || f.ending || f.alone() || f.looking[id] {
		return
	}
	f.looking[id] = true
	f.working.Go(func() {
		ctx, cancel := context.WithTimeout(f.running, f.cfg.Owner.Lease/4)
		defer cancel()
		if f.seek(ctx, id) == nil && f.routes.of(id) != "" {
			f.host.Resend(id)
		} else {
			_ = ports.Sleep(ctx, f.world.Clock, f.cfg.Owner.Lease/20) // so often, and no more
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.looking, id)
	})
}

func (f *Fleet) tell(m ports.Member, message wire.Message) {
	if f.world.Wire == nil || m.Addr == "" {
		return
	}
	b, err := f.codec.Encode(message)
	if err != nil {
		f.trouble(fmt.Errorf("%w: a message to %s: %w", owner.ErrDefect, m.Name, err))
		return
	}
	f.world.Wire.Tell(m.Addr, b)
}

// tellAll tells all other members.
func (f *Fleet) tellAll(message wire.Message) {
	for _, m := range f.roster.living() {
		f.tell(m, message)
	}
}

// Hear implements ports.WireHandler.
func (f *Fleet) Hear(message []byte) {
	m, err := f.codec.Decode(message)
	if err != nil {
		f.trouble(fmt.Errorf("a message of another member: %w", err))
		return
	}
	switch m := m.(type) {
	case wire.Mail:
		if f.host.Owns(m.To) {
			f.host.Deliver(m.From, m.To, m.Mail)
			return
		}
		f.misdirected(m.From, m.To)
	case wire.Ack:
		f.host.Acknowledge(m.From, m.To, m.Upto) // nobody waits for one that is lost
	case wire.Took:
		if f.routes.set(m.Ledger, m.Owner, m.Epoch) {
			f.host.Resend(m.Ledger)
			f.board.kick()
		}
	case wire.Moved:
		f.movedTo(m)
	}
}

// misdirected tells the owner of a ledger that what it sent went to the wrong member.
func (f *Fleet) misdirected(from, to ledger.ID) {
	owned := f.routes.of(to)
	f.mu.Lock()
	if owned == "" || owned == f.cfg.Owner.Owner {
		owned = f.plan[to]
	}
	f.mu.Unlock()
	if owned != f.cfg.Owner.Owner { // else it is being taken, and everybody will be told
		f.tellOwner(from, wire.Moved{Ledger: to, To: owned})
	}
}

// movedTo follows the word that a ledger is not where it was.
func (f *Fleet) movedTo(m wire.Moved) {
	if m.To == f.cfg.Owner.Owner {
		f.invited(m.Ledger)
		return
	}
	f.mu.Lock()
	_, planned := f.plan[m.Ledger]
	if !planned {
		f.stale = true // not heard of yet
		f.kick()
	}
	f.mu.Unlock()
	if owned := f.routes.of(m.Ledger); owned != m.To && owned != f.cfg.Owner.Owner {
		f.routes.drop(m.Ledger, owned)
	}
}
