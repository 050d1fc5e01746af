package reservation

import (
	"bytes"
	"fmt"
	"testing"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// node is one ledger, run as its owner does. At every step it proves what must always be
// true: deciding changes neither state nor command, a draft and a replay of the entry's
// bytes give the same state, and all invariants hold.
type node struct {
	t       *testing.T
	id      ledger.ID
	m       ledger.Machine
	replica ledger.Machine // made from the encoded entries alone
	own     ledger.ChangeDecoder
	restore func([]byte) (ledger.Machine, error)
	at      ledger.Stamp
	entries [][]byte
	batch   *batch // of decisions that are to share an entry
}

// batch is what an owner decides in one turn.
type batch struct {
	draft   ledger.Machine
	at      ledger.Stamp
	changes []ledger.Change
}

func stockNode(t *testing.T, id ledger.ID) *node {
	restore := func(b []byte) (ledger.Machine, error) { return stock.DecodeState(b) }
	return &node{t: t, id: id, m: stock.New(id), replica: stock.New(id), own: stock.DecodeChange, restore: restore}
}

func reservationNode(t *testing.T, id ledger.ID, cfg Config, levels Stock) *node {
	restore := func(b []byte) (ledger.Machine, error) { return DecodeState(b, cfg, levels) }
	return &node{t: t, id: id, m: New(id, cfg, levels), replica: New(id, cfg, nil), own: DecodeChange, restore: restore}
}

func encode(e interface{ Encode(*ledger.Writer) }) []byte {
	var w ledger.Writer
	e.Encode(&w)
	return w.Bytes()
}

// next is the stamp of the node's next entry.
func (n *node) next(clock int64) ledger.Stamp {
	if n.batch != nil {
		return n.batch.at
	}
	return ledger.Stamp{Version: n.at.Version + 1, At: max(clock, n.at.At+1)}
}

// current is the state that decisions are made on.
func (n *node) current() ledger.Machine {
	if n.batch != nil {
		return n.batch.draft
	}
	return n.m
}

// begin starts a batch, unless one has begun.
func (n *node) begin(clock int64) {
	if n.batch == nil {
		n.batch = &batch{draft: n.m.Draft(), at: n.next(clock)}
	}
}

// end commits the batch as one entry.
func (n *node) end() {
	n.t.Helper()
	b := n.batch
	if n.batch = nil; b == nil || len(b.changes) == 0 {
		return
	}
	drafted := encode(b.draft)
	n.commit(b.changes, b.at.At)
	if !bytes.Equal(drafted, encode(n.m)) {
		n.t.Fatalf("%s: an entry made at once differs from one made change by change", n.id)
	}
}

func (n *node) decide(cmd ledger.Command, r ledger.Recalled, clock int64) ledger.Decision {
	n.t.Helper()
	m := n.current()
	before, said := encode(m), fmt.Sprintf("%+v", cmd)
	d := m.Decide(cmd, r, n.next(clock))
	if !bytes.Equal(before, encode(m)) {
		n.t.Fatalf("%s: deciding %s has changed the state", n.id, said)
	}
	if fmt.Sprintf("%+v", cmd) != said {
		n.t.Fatalf("%s: deciding has changed the command %s to %+v", n.id, said, cmd)
	}
	return d
}

// commit makes one entry of changes, or adds them to the batch.
func (n *node) commit(changes []ledger.Change, clock int64) {
	n.t.Helper()
	if n.batch != nil {
		n.apply(n.batch.draft, changes)
		n.batch.changes = append(n.batch.changes, changes...)
		return
	}
	n.at = n.next(clock)
	before, entry := encode(n.m), encode(&ledger.Entry{Stamp: n.at, Epoch: 1, Changes: changes})
	draft := n.m.Draft()
	n.apply(draft, changes)
	drafted := encode(draft)
	if !bytes.Equal(before, encode(n.m)) {
		n.t.Fatalf("%s: a change of a draft has changed the state below it", n.id)
	}
	e, err := ledger.DecodeEntry(entry, n.own)
	if err != nil {
		n.t.Fatalf("%s: %v", n.id, err)
	}
	n.apply(n.replica, e.Changes)
	n.entries = append(n.entries, entry)
	if n.at.Version%2 == 0 {
		n.m = draft.Merge()
	} else {
		n.apply(n.m, changes)
	}
	if !bytes.Equal(drafted, encode(n.m)) || !bytes.Equal(drafted, encode(n.replica)) {
		n.t.Fatalf("%s: draft, live and replayed state differ:\n%x\n%x\n%x", n.id, drafted, encode(n.m), encode(n.replica))
	}
	if err := n.m.Check(); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) apply(m ledger.Machine, changes []ledger.Change) {
	n.t.Helper()
	for _, c := range changes {
		at := n.at
		if n.batch != nil {
			at = n.batch.at
		}
		if err := m.Apply(c, at); err != nil {
			n.t.Fatalf("%s: %+v: %v", n.id, c, err)
		}
	}
}

// restart goes on from a snapshot.
func (n *node) restart() {
	n.t.Helper()
	n.end()
	before := encode(n.m)
	m, err := n.restore(before)
	if err != nil || !bytes.Equal(before, encode(m)) {
		n.t.Fatalf("%s: after a snapshot the state is another: %v", n.id, err)
	}
	n.m = m
}

// fold makes the state again from nothing but the entries.
func (n *node) fold(m ledger.Machine) {
	n.t.Helper()
	for i, b := range n.entries {
		e, err := ledger.DecodeEntry(b, n.own)
		if err != nil || e.Version != int64(i+1) {
			n.t.Fatalf("%s: entry %d: %v", n.id, i+1, err)
		}
		for _, c := range e.Changes {
			if err := m.Apply(c, e.Stamp); err != nil {
				n.t.Fatalf("%s: entry %d: %v", n.id, i+1, err)
			}
		}
	}
	if !bytes.Equal(encode(m), encode(n.m)) {
		n.t.Errorf("%s: the fold of all entries is another state than the live one", n.id)
	}
}

// changes are those of all entries.
func (n *node) changes() []ledger.Change {
	n.t.Helper()
	var all []ledger.Change
	for _, b := range n.entries {
		e, err := ledger.DecodeEntry(b, n.own)
		if err != nil {
			n.t.Fatal(err)
		}
		all = append(all, e.Changes...)
	}
	return all
}
