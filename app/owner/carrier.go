package owner

import "inventory/domain/ledger"

// Carrier brings mail, and the word that it was taken, from one ledger to another. It may
// lose, repeat, delay and reorder: mail is numbered, and sent again until it is
// acknowledged.
type Carrier interface {
	// Deliver brings committed mail of from; all of it is for to. It does not wait.
	Deliver(from, to ledger.ID, mail []ledger.Mail)
	// Acknowledge tells to that the journal of from has its mail up to a number. It does
	// not wait.
	Acknowledge(from, to ledger.ID, upto int64)
}

// Deliver implements Carrier for the ledgers of this process.
func (h *Host) Deliver(from, to ledger.ID, mail []ledger.Mail) {
	if t := h.tenure(to); t != nil {
		t.box.receive(from, mail)
	}
}

// Acknowledge implements Carrier for the ledgers of this process.
func (h *Host) Acknowledge(from, to ledger.ID, upto int64) {
	if t := h.tenure(to); t != nil {
		t.box.acknowledge(from, upto)
	}
}

// window bounds the mail that is on its way to one peer: enough for it to have a batch to decide
// while the word that it took the last one is under way.
func (c Config) window() int64 { return int64(max(1, min(c.MailRoom/4, 2*c.Batch))) }

// send hands an entry's mail to the carrier, once the entry is durable.
func (t *tenure) send(changes []ledger.Change) {
	peers := map[ledger.ID]bool{}
	for _, c := range changes {
		if sent, ok := c.(ledger.MailSent); ok && !peers[sent.To] {
			peers[sent.To] = true
			t.sendMore(sent.To)
		}
	}
}

// sendMore sends what a peer was not sent yet, as far as the window goes. The rest follows what
// the peer acknowledges: a backlog moves as fast as it is taken.
func (t *tenure) sendMore(peer ledger.ID) {
	acked := t.ackedBy(peer)
	after := max(acked, t.sent[peer])
	mail := t.state.Post().Pending(peer, after, int(acked+t.cfg.window()-after))
	if len(mail) > 0 {
		t.sent[peer] = after + int64(len(mail))
		t.carrier.Deliver(t.id, peer, mail)
	}
}

// resend sends again what has been unacknowledged since the last time, to each peer from
// where it stands.
func (t *tenure) resend() {
	for _, peer := range t.state.Post().Peers() {
		acked := t.ackedBy(peer)
		if acked == t.stuck[peer] {
			t.sendAgain(peer)
		}
		t.stuck[peer] = acked
	}
}

// resendTo sends again what peers have not acknowledged.
func (t *tenure) resendTo(peers map[ledger.ID]bool) {
	for peer := range peers {
		t.sendAgain(peer)
	}
}

func (t *tenure) sendAgain(peer ledger.ID) {
	t.sent[peer] = 0
	t.sendMore(peer)
}
