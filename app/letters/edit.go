package letters

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"inventory/domain/ledger"
	"inventory/domain/letter"
)

// Edit makes a letter with another value that stands for an open one, and gives it. The same edit
// of a letter gives the same one again. Errors: letter.ErrUnknownLetter, letter.ErrSettled,
// letter.ErrTaken, stock.ErrInvalid; ports.ErrUnreadable where the event can't be written, which
// names each fault; ports.ErrTransient, and ports.ErrPermanent where the letter's log has it
// no more.
func (d *Desk) Edit(ctx context.Context, req EditRequest) (letter.Entry, error) {
	if err := req.validate(false); err != nil {
		return letter.Entry{}, err
	}
	var was letter.Entry
	err := d.consult(ctx, func(b *letter.Book) (err error) { was, err = letterIn(b, req.Letter); return err })
	if err != nil {
		return letter.Entry{}, err
	}
	value, err := d.world.Text.FromText(ctx, was.Topic, req.Event)
	if err != nil {
		return letter.Entry{}, err
	}
	id := editOf(req.Letter, value)
	if err := editable(was, id); err != nil {
		return letter.Entry{}, err
	}
	if err := d.appendEdit(ctx, was, id, value); err != nil {
		return letter.Entry{}, err
	}
	if was.State == letter.Open {
		act := letter.Act{Letter: was.ID, Kind: letter.Edited, By: req.By, Why: req.Why, Edit: id, At: d.now()}
		audit := d.audit("edit", req.Who, fmt.Sprintf("letter %s, for which %s stands", was.ID, id), 1)
		if err := d.write(ctx, act, audit); err != nil {
			return letter.Entry{}, err
		}
	}
	var now letter.Entry
	err = d.consult(ctx, func(b *letter.Book) (err error) { now, err = letterIn(b, id); return err })
	return now, err
}

// editOf is the id of a letter with a value that stands for another one.
func editOf(was ledger.UUID, value []byte) ledger.UUID {
	sum := sha256.Sum256(value)
	return ledger.NewUUIDv5(ledger.Namespace, "edit:"+was.String()+hex.EncodeToString(sum[:]))
}

// editable tells whether a letter may have a letter that stands for it, or has it.
func editable(was letter.Entry, id ledger.UUID) error {
	switch {
	case was.Job != ledger.UUID{}:
		return fmt.Errorf("%w: %s has letter %s", letter.ErrTaken, was.Job, was.ID)
	case was.State == letter.Edited && was.Act != nil && was.Act.Edit == id, was.State == letter.Open:
		return nil
	case was.State == letter.Edited && was.Act != nil:
		return fmt.Errorf("%w: letter %s stands for letter %s: edit that one", letter.ErrSettled, was.Act.Edit, was.ID)
	}
	return fmt.Errorf("%w: letter %s is %s", letter.ErrSettled, was.ID, was.State)
}

// appendEdit writes a letter that stands for another one, unless it is there.
func (d *Desk) appendEdit(ctx context.Context, was letter.Entry, id ledger.UUID, value []byte) error {
	var there bool
	_ = d.peek(func(b *letter.Book) error { _, there = b.Letter(id); return nil })
	if there {
		return nil
	}
	l, err := d.fetchOne(ctx, was)
	if err != nil {
		return err
	}
	l.Meta = was.Meta
	l.ID, l.EditOf, l.Value, l.Size = id, was.ID, value, len(value)
	l.Origin.Partition, l.Origin.Offset = -1, -1
	return d.patiently(ctx, func() error { return d.world.Log.Append(ctx, []letter.Letter{l}) })
}
