package ledger

import (
	"errors"
	"slices"
	"testing"
)

const (
	here  = ID("reservation/eu/0")
	there = ID("stock/W1/0")
	other = ID("stock/W2/0")
)

// sendTo applies one more mail to a ledger with each body.
func sendTo(t *testing.T, p *Post, to ID, bodies ...string) {
	t.Helper()
	out := p.Outgoing()
	for _, b := range bodies {
		apply(t, p, out.Send(to, []byte(b)))
	}
}

func apply(t *testing.T, p *Post, c Change) {
	t.Helper()
	if ok, err := p.Apply(c); !ok || err != nil {
		t.Fatalf("%+v: got %t, %v", c, ok, err)
	}
	if err := p.Check(); err != nil {
		t.Fatalf("after %+v: %v", c, err)
	}
}

func pendingBodies(p *Post, after int64, limit int) []string {
	var bodies []string
	for _, m := range p.Pending(there, after, limit) {
		bodies = append(bodies, string(m.Body))
	}
	return bodies
}

func TestMailIsNumberedPerLedgerWithoutGaps(t *testing.T) {
	p := NewPost()
	sendTo(t, p, there, "a")
	out := p.Outgoing()
	var got []Receipt
	for _, to := range []ID{there, other, there, other} {
		c := out.Send(to, nil)
		got = append(got, Receipt{c.To, c.Number})
	}
	want := []Receipt{{there, 2}, {other, 1}, {there, 3}, {other, 2}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if p.Peer(there).Sent != 1 {
		t.Errorf("numbering mail has sent it: %+v", p.Peer(there))
	}
}

func TestMailIsKeptUntilItIsAcknowledged(t *testing.T) {
	p := NewPost()
	sendTo(t, p, there, "a", "b", "c", "d")
	sendTo(t, p, other, "x")
	apply(t, p, MailAcked{To: there, Upto: 2})
	if got := pendingBodies(p, 0, 10); !slices.Equal(got, []string{"c", "d"}) {
		t.Errorf("pending: %q", got)
	}
	if got := pendingBodies(p, 3, 10); !slices.Equal(got, []string{"d"}) {
		t.Errorf("pending after 3: %q", got)
	}
	if got := pendingBodies(p, 0, 1); !slices.Equal(got, []string{"c"}) {
		t.Errorf("pending, one at most: %q", got)
	}
	if p.Unacknowledged(there) != 2 || p.Unacknowledged(other) != 1 || p.Unacknowledged(here) != 0 {
		t.Errorf("unacknowledged: %d, %d, %d", p.Unacknowledged(there), p.Unacknowledged(other), p.Unacknowledged(here))
	}
	if m := p.Pending(there, 0, 1)[0]; m.To != there || m.Number != 3 {
		t.Errorf("got %+v", m)
	}
}

func TestOnlyTheNextMailIsExpected(t *testing.T) {
	p := NewPost()
	apply(t, p, MailTaken{From: there, Upto: 3})
	for number, want := range map[int64]error{-1: ErrMailTaken, 0: ErrMailTaken, 3: ErrMailTaken, 4: nil, 5: ErrMailGap, 99: ErrMailGap} {
		if got := p.Expect(there, number); !errors.Is(got, want) {
			t.Errorf("mail %d after 3: got %v, want %v", number, got, want)
		}
	}
	if err := p.Expect(other, 1); err != nil {
		t.Errorf("the first mail of another ledger: %v", err)
	}
}

func TestMailThatBreaksTheNumberingIsNoChange(t *testing.T) {
	p := NewPost()
	sendTo(t, p, there, "a", "b", "c")
	apply(t, p, MailAcked{To: there, Upto: 1})
	apply(t, p, MailTaken{From: there, Upto: 5})
	before := encoded(p)
	for _, c := range []Change{
		MailSent{Mail{To: there, Number: 3}},
		MailSent{Mail{To: there, Number: 5}},
		MailSent{Mail{To: other, Number: 0}},
		MailTaken{From: there, Upto: 5},
		MailTaken{From: there, Upto: 4},
		MailAcked{To: there, Upto: 1},
		MailAcked{To: there, Upto: 4},
		MailAcked{To: other, Upto: 1},
	} {
		if ok, err := p.Apply(c); !ok || err == nil {
			t.Errorf("%+v: got %t, %v; want an error", c, ok, err)
		}
	}
	if string(encoded(p)) != string(before) {
		t.Error("a refused change has changed the post")
	}
	if ok, err := p.Apply(Forgotten{}); ok || err != nil {
		t.Errorf("a change of another kind: got %t, %v", ok, err)
	}
}

func TestPeersAreThoseMailWentToOrCameFrom(t *testing.T) {
	p := NewPost()
	sendTo(t, p, there, "a")
	apply(t, p, MailTaken{From: other, Upto: 1})
	got := p.Peers()
	slices.Sort(got)
	if !slices.Equal(got, []ID{there, other}) {
		t.Errorf("got %v", got)
	}
}

func TestADraftedPostLeavesTheOneBelowAlone(t *testing.T) {
	p := NewPost()
	sendTo(t, p, there, "a", "b")
	before := encoded(p)
	draft := p.Draft()
	sendTo(t, draft, there, "c")
	apply(t, draft, MailAcked{To: there, Upto: 2})
	apply(t, draft, MailTaken{From: other, Upto: 1})
	if string(encoded(p)) != string(before) {
		t.Error("a draft has changed the post below it")
	}
	after := encoded(draft)
	if merged := draft.Merge(); merged.Check() != nil || string(encoded(merged)) != string(after) {
		t.Errorf("merged: %v, %x; want %x", merged.Check(), encoded(merged), after)
	}
}

// busyPost has mail of every kind.
func busyPost(t *testing.T) *Post {
	p := NewPost()
	sendTo(t, p, there, "a", "b", "", "d")
	apply(t, p, MailAcked{To: there, Upto: 2})
	apply(t, p, MailTaken{From: there, Upto: 300})
	sendTo(t, p, other, "x")
	apply(t, p, MailTaken{From: here, Upto: 1})
	return p
}

func encoded(e interface{ Encode(*Writer) }) []byte {
	var w Writer
	e.Encode(&w)
	return w.Bytes()
}

func TestAPostIsTheSameAfterASnapshot(t *testing.T) {
	p := busyPost(t)
	r := NewReader(encoded(p))
	got := DecodePost(r)
	if err := errors.Join(r.Close(), got.Check()); err != nil {
		t.Fatal(err)
	}
	if string(encoded(got)) != string(encoded(p)) {
		t.Errorf("got %x, want %x", encoded(got), encoded(p))
	}
	if got.Peer(there) != (Peer{Sent: 4, Acked: 2, Taken: 300}) || !slices.Equal(pendingBodies(got, 0, 9), []string{"", "d"}) {
		t.Errorf("got %+v, %q", got.Peer(there), pendingBodies(got, 0, 9))
	}
}

func TestASnapshotWithImpossibleNumbersIsCorrupt(t *testing.T) {
	for name, peer := range map[string]Peer{
		"acknowledged more than sent": {Sent: 1, Acked: 2},
		"acknowledged below zero":     {Sent: 1, Acked: -1},
		"taken below zero":            {Taken: -1},
		"more mail than bytes":        {Sent: 1 << 60},
	} {
		var w Writer
		w.Int(1)
		w.String(string(there))
		w.Int(peer.Sent)
		w.Int(peer.Acked)
		w.Int(peer.Taken)
		w.Blob(nil)
		r := NewReader(w.Bytes())
		if DecodePost(r); !errors.Is(r.Close(), ErrCorrupt) {
			t.Errorf("%s: got %v, want ErrCorrupt", name, r.Close())
		}
	}
}

func TestCheckFindsMailThatIsLostOrLeftOver(t *testing.T) {
	lost := busyPost(t)
	lost.pending.Delete(Receipt{there, 3})
	if lost.Check() == nil {
		t.Error("unacknowledged mail that is not kept goes unnoticed")
	}
	left := busyPost(t)
	left.pending.Put(Receipt{there, 1}, nil)
	if left.Check() == nil {
		t.Error("acknowledged mail that is kept goes unnoticed")
	}
}
