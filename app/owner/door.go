package owner

import (
	"context"
	"fmt"

	"inventory/domain/ledger"
)

// Patience says how far an effect must have gone before the answer is given.
type Patience bool

// The answer is given when the decision is durable, or when other ledgers have taken the
// mail that follows from it, so that whoever reads there next sees it.
const (
	Decided   Patience = false
	Effective Patience = true
)

// Ask has a ledger decide a command, and returns its outcome. Errors are the refusals of
// the ledger's domain package, or one of this package, after which the same command may
// be asked again. A deadline of ctx that passes undoes nothing.
func (h *Host) Ask(ctx context.Context, id ledger.ID, cmd ledger.Command, p Patience) (any, error) {
	t := h.tenure(id)
	if t == nil {
		return nil, fmt.Errorf("%w: %s", ErrNotOwner, id)
	}
	h.demand.ask()
	r := &request{ctx: ctx, cmd: cmd, wait: bool(p), reply: make(chan answer, 1)}
	if err := t.box.offer(r); err != nil {
		return nil, fmt.Errorf("%w: %s", err, id)
	}
	select {
	case a := <-r.reply:
		return a.outcome, a.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %s: %w", ErrUnsettled, id, context.Cause(ctx))
	}
}

// View lets see read a ledger's state as it is after the last entry. ok is false where
// this process does not own the ledger. see must be quick, and keep nothing.
func (h *Host) View(id ledger.ID, see func(ledger.Machine)) (ok bool) {
	t := h.tenure(id)
	if t == nil {
		return false
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	see(t.state)
	return true
}

// Memory returns a ledger's whole state, encoded, as it is after the entry at. The ledger
// waits meanwhile. ok is false where this process does not own the ledger.
func (h *Host) Memory(id ledger.ID) (state []byte, at ledger.Stamp, ok bool) {
	w := &ledger.Writer{}
	t := h.tenure(id)
	if t == nil {
		return nil, at, false
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	t.state.Encode(w)
	return w.Bytes(), t.at, true
}

// Status is how a ledger of this process stands.
type Status struct {
	Ledger  ledger.ID
	Epoch   int64
	Version int64 // of the newest entry
	Relayed int64 // of the newest entry that is written to the tables
	Waiting int   // commands and mail in the mailbox
	Mail    int64 // sent to other ledgers and not taken there yet
}

// Status lists the ledgers of this process, in order.
func (h *Host) Status() []Status {
	var all []Status
	for _, id := range h.Owned() {
		if t := h.tenure(id); t != nil {
			s := t.status()
			s.Mail = h.underWay(t)
			all = append(all, s)
		}
	}
	return all
}

// underWay counts the mail of a ledger that its peers have not taken. What they took they
// know themselves, and told the sender's owner: its state learns it only with its next entry.
func (h *Host) underWay(t *tenure) (n int64) {
	sent := map[ledger.ID]ledger.Peer{}
	t.mu.RLock()
	for _, id := range t.state.Post().Peers() {
		peer := t.state.Post().Peer(id)
		peer.Acked = max(peer.Acked, t.acked[id])
		sent[id] = peer
	}
	t.mu.RUnlock()
	for id, peer := range sent {
		taken := peer.Acked
		h.View(id, func(m ledger.Machine) { taken = m.Post().Peer(t.id).Taken })
		n += max(0, peer.Sent-taken)
	}
	return n
}

func (t *tenure) status() Status {
	t.mu.RLock()
	version := t.at.Version
	t.mu.RUnlock()
	return Status{Ledger: t.id, Epoch: t.epoch, Version: version, Relayed: t.relay.done(), Waiting: t.box.waiting()}
}
