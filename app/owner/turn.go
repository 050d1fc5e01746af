package owner

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"inventory/domain/ledger"
	"inventory/ports"
)

// turn decides what waits, commits it as one entry, and lets the world know. An error
// means that the tenure is over.
func (t *tenure) turn(ctx context.Context) (committed bool, err error) {
	b, err := t.gather()
	if b == nil || err != nil {
		return false, err
	}
	t.sortOut(b)
	switch {
	case b.worthAnEntry():
		committed, err = true, t.commit(ctx, b)
	case len(b.verdicts) > 0 && !t.sure():
		// What changes nothing has no commit to fence it: make sure of the lease first.
		committed, err = true, t.settle(ctx, t.commitOf(nil))
	}
	if err != nil {
		b.refuse(err)
		return committed, err
	}
	t.conclude(b)
	return committed, nil
}

// gather takes what waits and decides it; a command that would break an invariant is
// refused, and the batch made again without it. The batch is nil where nothing waits. An
// error that is ports.ErrClock comes before anything is taken.
func (t *tenure) gather() (*batch, error) {
	now, err := t.time.now()
	if err != nil {
		return nil, err
	}
	in := t.box.take()
	t.takeAcks(in.acks)
	t.resendTo(in.resend)
	w := turnWork{
		letters: in.letters, requests: in.requests,
		due:    t.due(now.UnixMilli()),
		forget: t.retired.take(t.relay.done(), 2*t.cfg.Batch),
	}
	if w.empty() {
		return nil, nil
	}
	for {
		b, err := t.decide(w, now.UnixMilli())
		var bad *defect
		if !errors.As(err, &bad) {
			if err != nil {
				answerAll(w.requests, notTheirs(err))
				t.world.Observer.Observe(ports.Refused{Ledger: t.id, Err: err})
			}
			return b, err
		}
		t.world.Observer.Observe(ports.Refused{Ledger: t.id, Err: fmt.Errorf("%T: %w", bad.r.cmd, bad.err)})
		bad.r.answer(nil, bad)
		w.requests = without(w.requests, bad.r)
	}
}

func without(rs []*request, bad *request) []*request {
	var left []*request
	for _, r := range rs {
		if r != bad {
			left = append(left, r)
		}
	}
	return left
}

func (t *tenure) takeAcks(acks map[ledger.ID]int64) {
	moved := false
	for peer, upto := range acks {
		// A peer can't have taken what was never sent, whatever a carrier says.
		if upto > t.acked[peer] && upto <= t.state.Post().Peer(peer).Sent {
			t.mu.Lock()
			t.acked[peer], moved = upto, true
			t.mu.Unlock()
			t.sendMore(peer)
		}
	}
	if moved {
		t.waiters.acknowledged(t.taken)
	}
}

// ackedBy is the number of the last mail to a peer that is known to be taken there.
func (t *tenure) ackedBy(peer ledger.ID) int64 {
	return max(t.acked[peer], t.state.Post().Peer(peer).Acked)
}

func (t *tenure) taken(mail []ledger.Receipt) bool {
	return !slices.ContainsFunc(mail, func(r ledger.Receipt) bool { return t.ackedBy(r.Ledger) < r.Number })
}

// sortOut sees to what the batch did not decide.
func (t *tenure) sortOut(b *batch) {
	for _, err := range b.troubles {
		t.world.Observer.Observe(ports.Refused{Ledger: t.id, Err: err})
	}
	t.box.putBack(b.left.letters)
	t.box.giveBack(b.left.requests...)
	for _, key := range b.left.due {
		t.agenda.set(key, b.at.At)
	}
	for _, r := range b.overdue {
		t.decided(r)
		r.answer(nil, fmt.Errorf("%w: %w", ErrOverloaded, context.Cause(r.ctx)))
	}
	for _, r := range b.failed {
		err := fmt.Errorf("looking up what %T is about: %w", r.cmd, r.err)
		t.decided(r)
		r.answer(nil, err)
	}
	for _, v := range b.verdicts {
		t.decided(v.r)
	}
	if len(b.recalls) > 0 {
		for _, r := range b.recalls {
			t.retired.pin(r.pin)
		}
		t.recall.ask(b.recalls)
	}
}

// decided lets go of what a command was looked up for; decided again, it is looked up
// again.
func (t *tenure) decided(r *request) {
	if r.recalled.Asked {
		t.retired.unpin(r.pin)
	}
	r.recalled, r.pin, r.err = ledger.Recalled{}, ledger.UUID{}, nil
}

// commit makes the batch durable and applies it.
func (t *tenure) commit(ctx context.Context, b *batch) error {
	entry, record := b.entry()
	began := t.world.Clock.Now()
	if err := t.settle(ctx, t.commitOf(record)); err != nil {
		return err
	}
	if err := t.apply(entry); err != nil {
		return err
	}
	took := t.world.Clock.Now().Sub(began)
	t.pace.note(b.commands, took)
	t.dueShare.note(b.deadlines, took, t.cfg.Batch)
	t.world.Observer.Observe(ports.Committed{
		Ledger: t.id, Version: entry.Version, Commands: b.commands, Changes: len(entry.Changes), Bytes: len(record.Body), Took: took,
	})
	if t.world.Watch != nil {
		t.world.Watch(t.id, entry)
	}
	t.relay.add(entry)
	t.send(entry.Changes)
	t.snapshotGrown(ctx, len(record.Body))
	return nil
}

// apply makes an entry's changes on the state, as they were made on the draft and will be
// on replay.
func (t *tenure) apply(e *ledger.Entry) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := applyTo(t.state, e); err != nil {
		return fmt.Errorf("%s: %w", t.id, err)
	}
	t.at = e.Stamp
	return nil
}

// conclude acknowledges mail and answers callers, in the order of the decisions.
func (t *tenure) conclude(b *batch) {
	for from := range b.taken {
		b.repeated[from] = true
	}
	for from, again := range b.repeated {
		if again {
			t.carrier.Acknowledge(t.id, from, t.state.Post().Peer(from).Taken)
		}
	}
	next := 0
	for i, c := range b.changes {
		for ; next < len(b.verdicts) && b.verdicts[next].upto <= i; next++ {
			t.answer(b.verdicts[next])
		}
		t.progress(c, b.at.Version)
	}
	for _, v := range b.verdicts[next:] {
		t.answer(v)
	}
}

// answer tells a caller, or lets it wait.
func (t *tenure) answer(v verdict) {
	switch {
	case v.d.Wait != nil:
		key := v.d.Wait.Key
		t.waiters.settling[key] = append(t.waiters.settling[key], waiter{v.r, v.d.Wait.Answer})
	case v.r.wait && !t.taken(v.d.After):
		t.waiters.taking = append(t.waiters.taking, taker{v.r, v.d})
	default:
		v.r.answer(v.d.Outcome, v.d.Err)
	}
}

// progress follows a change with deadlines, answers and forgetting.
func (t *tenure) progress(c ledger.Change, version int64) {
	moved, ok := c.(ledger.Progressing)
	if !ok {
		return
	}
	p := moved.Progress()
	t.agenda.set(p.Key, p.Due)
	if p.Ended {
		t.retired.add(p.Key, version)
	}
	if p.Settled {
		t.settled(p.Key, c)
	}
}

// settled sees to those who wait for a record that a change settles.
func (t *tenure) settled(key ledger.UUID, c ledger.Change) {
	for _, w := range t.waiters.settled(key) {
		if w.answer == nil {
			t.box.giveBack(w.r)
			continue
		}
		t.answer(verdict{r: w.r, d: w.answer(c)})
	}
}

// refuse answers all whose decisions were not made durable, or not for sure.
func (b *batch) refuse(err error) {
	for _, v := range b.verdicts {
		v.r.answer(nil, notTheirs(err))
	}
}

// notTheirs is what callers are told of an error that ends the tenure: a defect is not of
// their commands, which may be asked again once a person has seen to it.
func notTheirs(err error) error {
	if errors.Is(err, ErrDefect) {
		return fmt.Errorf("%w: %s", ErrUnsettled, err.Error())
	}
	return err
}
