package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"inventory/app/owner"
	"inventory/ports"
)

// once runs one verb on a service of its own, and prints the answer.
func (p *program) once(ctx context.Context, v verb) (err error) {
	if p.settings.Store == storeMemory {
		return fmt.Errorf("%w: --store=memory is empty again after each command: use it with shell", errUsage)
	}
	s, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	// On Cassandra a verb that is not decided by a ledger reads the tables: it would be wrong to
	// take the ledgers from a service for that. On SQLite nobody else can have them, and the
	// owner's memory is newer.
	if v.decides() || p.settings.Store == storeSQLite {
		if err := s.own(ctx); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, p.settings.Timeout)
	defer cancel()
	found, err := v.run(ctx, s)
	if err != nil {
		return errors.Join(s.failure(), err)
	}
	if err := p.print(found); err != nil {
		return err
	}
	if judged, ok := found.(interface{ verdict() error }); ok {
		return judged.verdict()
	}
	return nil
}

func (p *program) print(a answer) error {
	if !p.json {
		a.text(p.stdout)
		return nil
	}
	return writeLine(p.stdout, a)
}

// writeLine writes a value as one line of JSON.
func writeLine(w io.Writer, value any) error {
	var line bytes.Buffer
	e := json.NewEncoder(&line) // ends the line
	e.SetEscapeHTML(false)      // people read it too
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("writing %T as JSON: %w", value, err)
	}
	_, err := w.Write(line.Bytes())
	return err
}

// own runs the service and waits until it owns the ledgers. It gives up at once where
// another process shows that it is alive, and else when a lease has run out in vain.
func (s *service) own(ctx context.Context) error {
	s.start(func() {})
	now := time.Now()
	w := ownerWatch{s: s, tell: now.Add(time.Second), last: now.Add(2*s.lease + 5*time.Second)}
	return s.await(ctx, func() error { return w.look(ctx) })
}

// ownerWatch watches the owner of the ledgers while this process waits for them.
type ownerWatch struct {
	s    *service
	tell time.Time // when to say that it takes longer
	last time.Time // when to give up
	next time.Time // when to look again
	seen ports.Head
}

func (w *ownerWatch) look(ctx context.Context) error {
	now := time.Now()
	if now.Before(w.next) {
		return nil
	}
	w.next = now.Add(w.s.lease / 50)
	head, err := w.s.leadHead(ctx)
	switch {
	case err != nil:
		return err
	case head.Owner != "" && head.Owner != w.s.id && head.Owner == w.seen.Owner && head.Lease != w.seen.Lease:
		return fmt.Errorf("%w: its owner %s is alive", owner.ErrNotOwner, head.Owner)
	case now.After(w.last):
		return fmt.Errorf("%w: it could not take it over in time", owner.ErrNotOwner)
	}
	if !w.tell.IsZero() && now.After(w.tell) {
		w.s.say(fmt.Sprintf("another process had the ledgers: waiting up to %s for a sign of it", w.s.lease))
		w.tell = time.Time{}
	}
	w.seen = head
	return nil
}
