package owner

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"inventory/domain/ledger"
	"inventory/ports"
)

// batch is what one turn decides: on a draft, without any effect on the tenure, so that
// it can be thrown away and made again.
type batch struct {
	t       *tenure
	at      ledger.Stamp
	draft   ledger.Machine
	changes []ledger.Change
	encoded *ledger.Writer // the changes, as the entry will have them

	commands  int // decided, of every sort
	deadlines int // of them
	verdicts  []verdict
	taken     map[ledger.ID]int64 // mail taken, by sender
	repeated  map[ledger.ID]bool  // senders of mail that was taken before
	recalls   []*request
	overdue   []*request // their caller has gone
	failed    []*request // their look-up failed
	troubles  []error    // decisions on mail that should not happen
	left      turnWork   // what the entry had no room for
}

// verdict is a command's decision, made when the batch had upto changes.
type verdict struct {
	r    *request
	d    ledger.Decision
	upto int
}

// turnWork is all that one turn is to decide.
type turnWork struct {
	letters  []letter
	due      []ledger.UUID
	requests []*request
	forget   []ledger.UUID
}

func (w turnWork) empty() bool {
	return len(w.letters)+len(w.due)+len(w.requests)+len(w.forget) == 0
}

// defect is a command whose changes would break an invariant.
type defect struct {
	r   *request
	err error
}

func (d *defect) Error() string { return fmt.Sprintf("%v: %v", ErrDefect, d.err) }

func (d *defect) Unwrap() error { return ErrDefect }

// decide makes the batch of a turn at the time now, in Unix milliseconds. A *defect names a command that must be left out.
func (t *tenure) decide(w turnWork, now int64) (*batch, error) {
	b := &batch{
		t: t, draft: t.state.Draft(), at: ledger.Stamp{Version: t.head.Version + 1, At: max(now, t.at.At+1)},
		taken: map[ledger.ID]int64{}, repeated: map[ledger.ID]bool{}, encoded: &t.scratch,
	}
	t.scratch.Reset()
	if err := b.acknowledged(t.acked); err != nil {
		return nil, err
	}
	for _, step := range []func(turnWork) error{b.letters, b.due, b.requests, b.forget} {
		if err := step(w); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// one decides a command and makes its changes on the draft.
func (b *batch) one(cmd ledger.Command, recalled ledger.Recalled) (ledger.Decision, error) {
	d := b.draft.Decide(cmd, recalled, b.at)
	b.commands++
	for _, c := range d.Changes {
		if err := b.change(c); err != nil {
			return d, err
		}
	}
	return d, nil
}

// change makes a change on the draft and adds it to the entry.
func (b *batch) change(c ledger.Change) error {
	ledger.EncodeChange(b.encoded, c)
	b.changes = append(b.changes, c)
	return b.draft.Apply(c, b.at)
}

// full tells whether the entry has grown to its bound, or to so many quarters of it.
func (b *batch) full(quarters int) bool { return b.encoded.Len() >= b.t.cfg.EntryBytes*quarters/4 }

// Of an entry's bytes mail has half, mail and deadlines have three quarters: each sort of work
// gets somewhere in every entry, however much of another there is.
const (
	mailQuarters = 2
	dueQuarters  = 3
	allQuarters  = 4
)

// acknowledged lets mail that peers have taken leave the state with this entry.
func (b *batch) acknowledged(acked map[ledger.ID]int64) error {
	for _, peer := range slices.Sorted(maps.Keys(acked)) {
		if acked[peer] <= b.draft.Post().Peer(peer).Acked {
			continue
		}
		if err := b.change(ledger.MailAcked{To: peer, Upto: acked[peer]}); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) letters(w turnWork) error {
	for i, l := range w.letters {
		if i > 0 && b.full(mailQuarters) {
			b.left.letters = w.letters[i:]
			break
		}
		err := b.draft.Post().Expect(l.from, l.mail.Number)
		if err != nil {
			b.repeated[l.from] = b.repeated[l.from] || errors.Is(err, ledger.ErrMailTaken)
			continue // ahead of its turn: the sender sends again from where we stand
		}
		if err := b.letter(l); err != nil {
			return fmt.Errorf("%w: mail %d from %s: %w", ErrDefect, l.mail.Number, l.from, err)
		}
	}
	return nil
}

func (b *batch) letter(l letter) error {
	d, err := b.one(ledger.Received{From: l.from, Number: l.mail.Number, Body: l.mail.Body}, ledger.Recalled{})
	if err != nil {
		return err
	}
	if d.Err != nil {
		b.troubles = append(b.troubles, d.Err)
	}
	b.taken[l.from] = l.mail.Number
	return b.draft.Apply(ledger.MailTaken{From: l.from, Upto: l.mail.Number}, b.at)
}

func (b *batch) due(w turnWork) error {
	for i, key := range w.due {
		if i > 0 && b.full(dueQuarters) {
			b.left.due = w.due[i:]
			break
		}
		if _, err := b.one(ledger.Due{Key: key}, ledger.Recalled{}); err != nil {
			return fmt.Errorf("%w: deadline of %s: %w", ErrDefect, key, err)
		}
		b.deadlines++
	}
	return nil
}

func (b *batch) requests(w turnWork) error {
	for i, r := range w.requests {
		switch {
		case i > 0 && b.full(allQuarters):
			b.left.requests = w.requests[i:]
			return nil
		case r.err != nil:
			b.failed = append(b.failed, r)
			continue
		case r.ctx.Err() != nil:
			b.overdue = append(b.overdue, r)
			continue
		}
		d, err := b.one(r.cmd, r.recalled)
		switch {
		case err != nil:
			return &defect{r, err}
		case d.Recall != ledger.UUID{}:
			b.recalls = append(b.recalls, r)
			r.pin = d.Recall
		default:
			b.verdicts = append(b.verdicts, verdict{r, d, len(b.changes)})
		}
	}
	return nil
}

func (b *batch) forget(w turnWork) error {
	if len(w.forget) == 0 {
		return nil
	}
	_, err := b.one(ledger.Forget{Keys: w.forget, Relayed: b.t.relay.done()}, ledger.Recalled{})
	return err
}

// worthAnEntry tells whether anything was decided that must be kept. Acknowledgements
// alone wait for the next entry.
func (b *batch) worthAnEntry() bool {
	if len(b.taken) > 0 {
		return true
	}
	return slices.ContainsFunc(b.changes, func(c ledger.Change) bool {
		_, ack := c.(ledger.MailAcked)
		return !ack
	})
}

// entry closes the batch: mail that was taken comes last, one change per sender.
func (b *batch) entry() (*ledger.Entry, *ports.Record) {
	changes := b.changes
	for _, from := range slices.Sorted(maps.Keys(b.taken)) {
		c := ledger.MailTaken{From: from, Upto: b.taken[from]}
		ledger.EncodeChange(b.encoded, c)
		changes = append(changes, c)
	}
	e := &ledger.Entry{Stamp: b.at, Epoch: b.t.epoch, Commit: b.t.world.CommitID(), Changes: changes}
	var w ledger.Writer
	e.EncodeWith(&w, b.encoded.Bytes())
	return e, &ports.Record{Version: e.Version, Commit: e.Commit, Body: w.Bytes()}
}
