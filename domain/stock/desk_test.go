package stock

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"inventory/domain/ledger"
)

var seed = flag.Int64("seed", rand.Int64(), "seed of the random tests")

const (
	w1     = ledger.ID("stock/W1/0")
	orders = ledger.ID("reservation/eu/0")
)

// desk runs one stock ledger as its owner does. At every step it proves what must always
// be true: deciding changes nothing, a draft and a replay give the same state, and all
// invariants hold.
type desk struct {
	t       *testing.T
	s       *State
	replica *State // made from the encoded entries alone
	at      ledger.Stamp
	archive map[ledger.UUID][]byte
	entries [][]byte
}

func newDesk(t *testing.T) *desk {
	return &desk{t: t, s: New(w1), replica: New(w1), at: ledger.Stamp{At: noon}, archive: map[ledger.UUID][]byte{}}
}

func encode(e interface{ Encode(*ledger.Writer) }) []byte {
	var w ledger.Writer
	e.Encode(&w)
	return w.Bytes()
}

// do decides a command, looks up what the decision asks for, and commits.
func (d *desk) do(cmd ledger.Command) ledger.Decision {
	d.t.Helper()
	return d.commit(d.recall(cmd))
}

func (d *desk) recall(cmd ledger.Command) ledger.Decision {
	d.t.Helper()
	dec := d.decide(cmd, ledger.Recalled{})
	if dec.Recall == (ledger.UUID{}) {
		return dec
	}
	if !reflect.DeepEqual(dec, ledger.Decision{Recall: dec.Recall}) {
		d.t.Fatalf("a decision that asks for a look-up decides something too: %+v", dec)
	}
	return d.decide(cmd, ledger.Recalled{Asked: true, Body: d.archive[dec.Recall]})
}

func (d *desk) decide(cmd ledger.Command, r ledger.Recalled) ledger.Decision {
	d.t.Helper()
	before := encode(d.s)
	dec := d.s.Decide(cmd, r, d.next())
	if !bytes.Equal(before, encode(d.s)) {
		d.t.Fatalf("deciding %+v has changed the state", cmd)
	}
	return dec
}

func (d *desk) next() ledger.Stamp { return ledger.Stamp{Version: d.at.Version + 1, At: d.at.At + 1} }

// commit makes an entry of the changes: on a draft that is merged, and on the replica
// from the entry's bytes.
func (d *desk) commit(dec ledger.Decision) ledger.Decision {
	d.t.Helper()
	if len(dec.Changes) == 0 {
		return dec
	}
	d.at = d.next()
	before, entry := encode(d.s), encode(&ledger.Entry{Stamp: d.at, Epoch: 1, Changes: dec.Changes})
	draft := d.s.Draft()
	d.apply(draft, dec.Changes)
	drafted := encode(draft)
	if !bytes.Equal(before, encode(d.s)) {
		d.t.Fatal("a change of a draft has changed the state below it")
	}
	d.replay(entry)
	d.s = draft.Merge().(*State)
	if !bytes.Equal(drafted, encode(d.s)) || !bytes.Equal(drafted, encode(d.replica)) {
		d.t.Fatalf("draft, merged and replayed state differ:\n%x\n%x\n%x", drafted, encode(d.s), encode(d.replica))
	}
	if err := d.s.Check(); err != nil {
		d.t.Fatal(err)
	}
	d.keep(dec.Changes)
	return dec
}

func (d *desk) apply(m ledger.Machine, changes []ledger.Change) {
	d.t.Helper()
	for _, c := range changes {
		if err := m.Apply(c, d.at); err != nil {
			d.t.Fatalf("%+v: %v", c, err)
		}
	}
}

func (d *desk) replay(entry []byte) {
	d.t.Helper()
	e, err := ledger.DecodeEntry(entry, DecodeChange)
	if err != nil {
		d.t.Fatal(err)
	}
	d.apply(d.replica, e.Changes)
	d.entries = append(d.entries, entry)
}

// keep does what the relay does: adjustments go to the archive.
func (d *desk) keep(changes []ledger.Change) {
	for _, c := range changes {
		if a, ok := c.(AdjustmentMade); ok && a.Key != "" {
			d.archive[a.ID] = encode(a.Adjustment)
		}
	}
}

// mail brings the next mail of the reservation ledger, and returns the answer, if any.
func (d *desk) mail(m Message) (Answer, error) {
	d.t.Helper()
	got := ledger.Received{From: orders, Number: d.s.Post().Peer(orders).Taken + 1, Body: EncodeMessage(m)}
	dec := d.decide(got, ledger.Recalled{})
	dec.Changes = append([]ledger.Change{ledger.MailTaken{From: got.From, Upto: got.Number}}, dec.Changes...)
	d.commit(dec)
	for _, c := range dec.Changes {
		sent, ok := c.(ledger.MailSent)
		if !ok {
			continue
		}
		answer, err := DecodeMessage(sent.Body)
		if a, ok := answer.(Answer); ok && err == nil && a.Number == got.Number && sent.To == orders {
			return a, dec.Err
		}
		d.t.Fatalf("%+v is answered by %+v, %v", m, answer, err)
	}
	return Answer{}, dec.Err
}

// tell brings mail that must be well and needs no answer.
func (d *desk) tell(m Message) {
	d.t.Helper()
	if _, err := d.mail(m); err != nil {
		d.t.Fatal(err)
	}
}

// hold asks for items and tells whether they are held.
func (d *desk) hold(order OrderID, items ...Item) bool {
	d.t.Helper()
	a, err := d.mail(Hold{Order: order, Items: items})
	if err != nil {
		d.t.Fatal(err)
	}
	return a.Held
}

// adjusted makes an adjustment that must succeed, under a key of its own.
func (d *desk) adjusted(sku SKU, kind AdjustmentType, q int64) Adjustment {
	d.t.Helper()
	cmd := Adjust{Ledger: w1, Actor: "anna", Key: fmt.Sprint("auto-", len(d.entries)), SKU: sku, Type: kind, Quantity: q}
	dec := d.do(cmd)
	if dec.Err != nil {
		d.t.Fatal(dec.Err)
	}
	return dec.Outcome.(Adjustment)
}

// expectLevel compares a level with what a user sees of it.
func (d *desk) expectLevel(sku SKU, onHand, held, available, short int64) {
	d.t.Helper()
	l, _ := d.s.Level(sku)
	if l.OnHand() != onHand || l.Held() != held || l.Available() != available || l.Short() != short {
		d.t.Errorf("%s: got on hand %d, held %d, available %d, short %d; want %d, %d, %d, %d",
			sku, l.OnHand(), l.Held(), l.Available(), l.Short(), onHand, held, available, short)
	}
}

func expectErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got error %v, want %v", what, got, want)
	}
}
