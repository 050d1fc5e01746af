package ledger

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
)

// Mail is a message from one ledger to another: part of an entry of the sender, numbered
// from 1 per pair of ledgers without gaps.
type Mail struct {
	To     ID
	Number int64
	Body   []byte
}

// Receipt names mail to a ledger up to a number.
type Receipt struct {
	Ledger ID
	Number int64
}

// Errors of mail that is not the next one from its sender.
var (
	ErrMailTaken = errors.New("mail was taken before")
	ErrMailGap   = errors.New("mail is ahead of its turn")
)

// Peer is a ledger's standing with another one. All numbers start at 0.
type Peer struct {
	Sent  int64 // last number sent there
	Acked int64 // last number known to be in that ledger's journal
	Taken int64 // last number taken from there
}

// Post is a ledger's mail: its standing with each peer, and what was sent and not yet
// acknowledged.
type Post struct {
	peers   *Table[ID, Peer]
	pending *Table[Receipt, []byte]
}

// NewPost returns the mail of a ledger that has sent and taken nothing.
func NewPost() *Post {
	return &Post{peers: NewTable[ID, Peer](), pending: NewTable[Receipt, []byte]()}
}

// Draft returns a post on top of p.
func (p *Post) Draft() *Post {
	return &Post{peers: p.peers.Draft(), pending: p.pending.Draft()}
}

// Merge brings a draft's changes into the post below it, and returns that one.
func (p *Post) Merge() *Post {
	return &Post{peers: p.peers.Merge(), pending: p.pending.Merge()}
}

// Peer is the standing with a ledger.
func (p *Post) Peer(id ID) Peer {
	peer, _ := p.peers.Get(id)
	return peer
}

// Peers lists the ledgers that mail went to or came from, in no order.
func (p *Post) Peers() []ID {
	ids := make([]ID, 0, p.peers.Len())
	for id := range p.peers.All() {
		ids = append(ids, id)
	}
	return ids
}

// Unacknowledged is the number of mails sent to a ledger and not acknowledged by it.
func (p *Post) Unacknowledged(id ID) int64 {
	peer := p.Peer(id)
	return peer.Sent - peer.Acked
}

// Pending lists the unacknowledged mail to a ledger with numbers above after, at most
// limit of them, in order.
func (p *Post) Pending(id ID, after int64, limit int) []Mail {
	peer := p.Peer(id)
	var mail []Mail
	for n := max(after, peer.Acked) + 1; n <= peer.Sent && len(mail) < limit; n++ {
		body, _ := p.pending.Get(Receipt{id, n})
		mail = append(mail, Mail{To: id, Number: n, Body: body})
	}
	return mail
}

// Expect says whether mail is the next from its sender: nil, ErrMailTaken or ErrMailGap.
func (p *Post) Expect(from ID, number int64) error {
	switch taken := p.Peer(from).Taken; {
	case number <= taken:
		return ErrMailTaken
	case number > taken+1:
		return ErrMailGap
	}
	return nil
}

// Outgoing numbers the mail of one decision, following what p has sent.
type Outgoing struct {
	post *Post
	sent map[ID]int64
}

// Outgoing starts the mail of one decision.
func (p *Post) Outgoing() *Outgoing { return &Outgoing{post: p} }

// Send returns the change that sends body to a ledger as its next mail.
func (o *Outgoing) Send(to ID, body []byte) MailSent {
	if o.sent == nil {
		o.sent = map[ID]int64{}
	}
	n, ok := o.sent[to]
	if !ok {
		n = o.post.Peer(to).Sent
	}
	o.sent[to] = n + 1
	return MailSent{Mail{To: to, Number: n + 1, Body: body}}
}

// MailSent is the change that mail leaves this ledger once its entry is durable.
type MailSent struct{ Mail }

// MailTaken is the change that the mail From sent is taken up to a number.
type MailTaken struct {
	From ID
	Upto int64
}

// MailAcked is the change that To has acknowledged mail up to a number, which leaves the
// state.
type MailAcked struct {
	To   ID
	Upto int64
}

const (
	kindMailSent  = 1
	kindMailTaken = 2
	kindMailAcked = 3
)

// ChangeKind implements Change.
func (MailSent) ChangeKind() byte { return kindMailSent }

// ChangeKind implements Change.
func (MailTaken) ChangeKind() byte { return kindMailTaken }

// ChangeKind implements Change.
func (MailAcked) ChangeKind() byte { return kindMailAcked }

// Encode implements Change.
func (c MailSent) Encode(w *Writer) {
	w.String(string(c.To))
	w.Int(c.Number)
	w.Blob(c.Body)
}

// Encode implements Change.
func (c MailTaken) Encode(w *Writer) {
	w.String(string(c.From))
	w.Int(c.Upto)
}

// Encode implements Change.
func (c MailAcked) Encode(w *Writer) {
	w.String(string(c.To))
	w.Int(c.Upto)
}

// decodeShared returns nil for a kind that is not of this package.
func decodeShared(kind byte, r *Reader) Change {
	switch kind {
	case kindForgotten:
		return decodeForgotten(r)
	case kindMailSent:
		return MailSent{Mail{To: ID(r.String()), Number: r.Int(), Body: r.Blob()}}
	case kindMailTaken:
		return MailTaken{From: ID(r.String()), Upto: r.Int()}
	case kindMailAcked:
		return MailAcked{To: ID(r.String()), Upto: r.Int()}
	}
	return nil
}

// Apply makes a change of the post; ok is false for a change that is none of its.
func (p *Post) Apply(c Change) (ok bool, err error) {
	switch c := c.(type) {
	case MailSent:
		return true, p.sent(c)
	case MailTaken:
		return true, p.taken(c)
	case MailAcked:
		return true, p.acked(c)
	}
	return false, nil
}

func (p *Post) sent(c MailSent) error {
	peer := p.Peer(c.To)
	if c.Number != peer.Sent+1 {
		return fmt.Errorf("mail %d to %s: the last one sent is %d", c.Number, c.To, peer.Sent)
	}
	peer.Sent = c.Number
	p.peers.Put(c.To, peer)
	p.pending.Put(Receipt{c.To, c.Number}, c.Body)
	return nil
}

func (p *Post) taken(c MailTaken) error {
	peer := p.Peer(c.From)
	if c.Upto <= peer.Taken {
		return fmt.Errorf("mail from %s taken up to %d: it was up to %d before", c.From, c.Upto, peer.Taken)
	}
	peer.Taken = c.Upto
	p.peers.Put(c.From, peer)
	return nil
}

func (p *Post) acked(c MailAcked) error {
	peer := p.Peer(c.To)
	if c.Upto <= peer.Acked || c.Upto > peer.Sent {
		return fmt.Errorf("mail to %s acknowledged up to %d: expected %d to %d", c.To, c.Upto, peer.Acked+1, peer.Sent)
	}
	for n := peer.Acked + 1; n <= c.Upto; n++ {
		p.pending.Delete(Receipt{c.To, n})
	}
	peer.Acked = c.Upto
	p.peers.Put(c.To, peer)
	return nil
}

// Encode appends the post for a snapshot.
func (p *Post) Encode(w *Writer) {
	w.Int(int64(p.peers.Len()))
	for _, id := range p.peers.Sorted(cmp.Compare) {
		peer := p.Peer(id)
		w.String(string(id))
		w.Int(peer.Sent)
		w.Int(peer.Acked)
		w.Int(peer.Taken)
		for _, m := range p.Pending(id, 0, int(peer.Sent-peer.Acked)) {
			w.Blob(m.Body)
		}
	}
}

// DecodePost reads what Encode wrote.
func DecodePost(r *Reader) *Post {
	p := NewPost()
	for range r.Count(4) {
		id := ID(r.String())
		peer := Peer{Sent: r.Int(), Acked: r.Int(), Taken: r.Int()}
		if peer.Acked < 0 || peer.Taken < 0 || peer.Sent < peer.Acked || peer.Sent-peer.Acked > int64(r.Rest()) {
			r.Fail("mail with %s: sent %d, acknowledged %d, taken %d", id, peer.Sent, peer.Acked, peer.Taken)
			break
		}
		p.peers.Put(id, peer)
		for n := peer.Acked + 1; n <= peer.Sent && r.Err() == nil; n++ {
			p.pending.Put(Receipt{id, n}, bytes.Clone(r.Blob()))
		}
	}
	return p
}

// Check proves that exactly the unacknowledged mail is kept.
func (p *Post) Check() error {
	var unacked int64
	for id, peer := range p.peers.All() {
		unacked += peer.Sent - peer.Acked
		for n := peer.Acked + 1; n <= peer.Sent; n++ {
			if _, ok := p.pending.Get(Receipt{id, n}); !ok {
				return fmt.Errorf("mail %d to %s is unacknowledged and not kept", n, id)
			}
		}
	}
	if int64(p.pending.Len()) != unacked {
		return fmt.Errorf("%d mails are kept, %d are unacknowledged", p.pending.Len(), unacked)
	}
	return nil
}
