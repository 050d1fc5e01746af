package cassandra_test

import (
	"errors"
	"testing"
	"time"

	"inventory/adapters/cassandra"
	"inventory/domain/ledger"
	"inventory/ports"
)

// openLinked opens a store behind a link, that waits for answers no longer than a test
// should. It has one connection, so that what is released arrives in its order.
func openLinked(t *testing.T, change ...func(*cassandra.Config)) (*cassandra.Store, *link) {
	t.Helper()
	l := newLink()
	s := open(t, append(change, func(c *cassandra.Config) {
		c.Dialer, c.NumConns = l, 1
		c.Timeout, c.LWTTimeout = 400*time.Millisecond, 400*time.Millisecond
	})...)
	return s, l
}

func (o *owner) release(l *link) {
	o.Helper()
	if err := l.release(); err != nil {
		o.Fatal(err)
	}
}

func TestACommitWhoseAnswerIsLostIsUnknownAndSettledByARepeat(t *testing.T) {
	s, l := openLinked(t)
	o := newOwner(t, s)
	c := o.next()
	l.holdAnswers()
	o.wantError(s.Commit(t.Context(), o.id, c), ports.ErrUnknown)
	o.release(l)
	o.commit(c)
	o.append(1)
	o.wantHead()
	if got, err := o.versions(0, 2); got != "1 2" || err != nil {
		t.Errorf("got entries %s, %v", got, err)
	}
}

func TestACommitThatLandsAfterATakeOverIsRefused(t *testing.T) {
	s, l := openLinked(t)
	old := newOwner(t, s)
	old.append(1)
	c := old.next()
	l.holdRequests()
	old.wantError(s.Commit(t.Context(), old.id, c), ports.ErrUnknown)
	young := old.by(open(t))
	young.takeOver("second", old.head)
	old.release(l)
	old.wantError(settle(t.Context(), func() error { return s.Commit(t.Context(), old.id, c) }), ports.ErrConflict)
	young.append(1)
	young.wantHead()
}

func TestARenewalThatLandsLatePutsNothingBack(t *testing.T) {
	s, l := openLinked(t)
	o := newOwner(t, s)
	o.append(5)
	late := o.renewal()
	late.Relayed = 1
	l.holdRequests()
	o.wantError(s.Commit(t.Context(), o.id, late), ports.ErrUnknown)
	here := o.by(open(t)) // the same owner, on a way that is open
	newer := here.renewal()
	newer.Lease, newer.Relayed = newer.Lease+1, 5
	here.commit(newer)
	o.release(l)
	o.wantError(settle(t.Context(), func() error { return s.Commit(t.Context(), o.id, late) }), ports.ErrConflict)
	here.wantHead()
}

func TestATrimThatLandsLatePutsNothingBack(t *testing.T) {
	s, l := openLinked(t)
	o := newOwner(t, s)
	o.append(6)
	late := o.snapshot(3, 2)
	l.holdRequests()
	o.wantError(s.Trim(t.Context(), o.id, late), ports.ErrUnknown)
	here := o.by(open(t))
	here.trim(here.snapshot(6, 5))
	o.release(l)
	o.wantError(settle(t.Context(), func() error { return s.Trim(t.Context(), o.id, late) }), ports.ErrConflict)
	here.wantHead()
}

func TestATakeOverWhoseAnswerIsLostIsFoundAgain(t *testing.T) {
	s, l := openLinked(t)
	for _, first := range []bool{true, false} {
		o := newOwner(t, s)
		if first {
			o.id += "0" // a ledger that is not there yet
			o.head = ports.Head{}
		}
		seen := o.head
		l.holdAnswers()
		_, err := s.TakeOver(t.Context(), o.id, "second", seen)
		o.wantError(err, ports.ErrUnknown)
		o.release(l)
		o.takeOver("second", seen)
		if o.head.Epoch != seen.Epoch+1 || o.head.Owner != "second" {
			t.Errorf("head is %+v", o.head)
		}
		_, err = s.TakeOver(t.Context(), o.id, "third", seen)
		o.wantError(err, ports.ErrConflict)
		o.append(1)
		o.wantHead()
	}
}

func TestATakeOverThatLandsAfterTheOwnerWentOnIsRefused(t *testing.T) {
	s, l := openLinked(t)
	o := newOwner(t, s)
	o.takeOver("again", o.head) // what is held up later is not that this is prepared
	o = o.by(open(t))
	seen := o.head
	l.holdRequests()
	_, err := s.TakeOver(t.Context(), o.id, "second", seen)
	o.wantError(err, ports.ErrUnknown)
	o.append(1)
	o.release(l)
	o.wantError(settle(t.Context(), func() error {
		_, err := s.TakeOver(t.Context(), o.id, "second", seen)
		return err
	}), ports.ErrConflict)
	o.append(1)
	o.wantHead()
}

func TestAConnectionThatBreaksLosesNothing(t *testing.T) {
	s, l := openLinked(t)
	o := newOwner(t, s)
	o.append(2)
	l.cut()
	o.append(2)
	o.wantHead()
	if got, err := o.versions(0, 4); got != "1 2 3 4" || err != nil {
		t.Errorf("got entries %s, %v", got, err)
	}
}

func TestRowsWhoseAnswerIsLostAreWrittenAgainWithoutHarm(t *testing.T) {
	s, l := openLinked(t)
	at := time.UnixMilli(time.Now().UnixMilli()).UTC()
	var rows ports.Rows
	for i := range 30 {
		id := newUUID()
		rows.Reservations = append(rows.Reservations, ports.ReservationRow{
			ReservationID: id, OrderID: id.String(), Status: "HELD", At: at, Version: int64(i), Body: id[:4],
		})
	}
	l.holdAnswers()
	if err := s.Write(t.Context(), rows); ports.ClassOf(err) != ports.Unknown {
		t.Errorf("got error %v", err)
	}
	if err := l.release(); err != nil {
		t.Fatal(err)
	}
	if err := settle(t.Context(), func() error { return s.Write(t.Context(), rows) }); err != nil {
		t.Fatal(err)
	}
	var keys []ledger.UUID
	for _, r := range rows.Reservations {
		keys = append(keys, r.ReservationID)
	}
	found, err := open(t).Recall(t.Context(), ledger.KindReservation, keys)
	if err != nil || len(found) != len(keys) {
		t.Errorf("%d rows of %d are there, %v", len(found), len(keys), err)
	}
}

// An entry a few bytes too large would be accepted by Paxos and never committed, and no
// transaction of the ledger would succeed again.
func TestAnEntryNearTheServersLimitIsRefusedBeforeItIsSent(t *testing.T) {
	o := newOwner(t, open(t))
	for _, size := range []int{16<<20 - 1000, 16<<20 - 600, 16<<20 - 300, 16 << 20, 17 << 20} {
		c := o.next()
		c.Entry.Body = make([]byte, size)
		if err := o.store.Commit(t.Context(), o.id, c); !errors.Is(err, ports.ErrPermanent) {
			t.Fatalf("%d bytes: got error %v", size, err)
		}
	}
	o.append(1)
	o.wantHead()
}
