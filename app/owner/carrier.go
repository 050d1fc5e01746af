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

// send hands an entry's mail to the carrier, once the entry is durable.
func (t *tenure) send(changes []ledger.Change) {
	byPeer := map[ledger.ID][]ledger.Mail{}
	for _, c := range changes {
		if sent, ok := c.(ledger.MailSent); ok {
			byPeer[sent.To] = append(byPeer[sent.To], sent.Mail)
		}
	}
	for to, mail := range byPeer {
		t.carrier.Deliver(t.id, to, mail)
	}
}

// resend sends again what has been unacknowledged since the last time, to each peer from
// where it stands.
func (t *tenure) resend() {
	for _, peer := range t.state.Post().Peers() {
		acked := t.ackedBy(peer)
		if acked == t.stuck[peer] {
			t.resendFrom(peer, acked)
		}
		t.stuck[peer] = acked
	}
}

// resendTo sends again what peers have not acknowledged.
func (t *tenure) resendTo(peers map[ledger.ID]bool) {
	for peer := range peers {
		t.resendFrom(peer, t.ackedBy(peer))
	}
}

func (t *tenure) resendFrom(peer ledger.ID, acked int64) {
	if post := t.state.Post(); acked < post.Peer(peer).Sent {
		t.carrier.Deliver(t.id, peer, post.Pending(peer, acked, t.cfg.MailRoom/4))
	}
}
