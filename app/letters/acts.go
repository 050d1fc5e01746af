package letters

import (
	"context"
	"fmt"
	"strings"

	"inventory/domain/ledger"
	"inventory/domain/letter"
)

// Discard puts the chosen open letters away, and tells how many. Who.Why is required. Errors:
// stock.ErrInvalid, letter.ErrNoLetters, letter.ErrTaken, ports.ErrTransient; after an error
// some may be discarded, and the same again discards the others.
func (d *Desk) Discard(ctx context.Context, f letter.Filter, who Who) (int, error) {
	if err := who.validate(true); err != nil {
		return 0, err
	}
	return d.actOn(ctx, f, bulk{"discard", letter.Discarded, who}, letter.Open)
}

// Restore makes chosen letters that were discarded open again, or edited ones where the filter
// names that state, and tells how many. Errors: as of Discard.
func (d *Desk) Restore(ctx context.Context, f letter.Filter, who Who) (int, error) {
	if err := who.validate(false); err != nil {
		return 0, err
	}
	return d.actOn(ctx, f, bulk{"restore", letter.Restored, who}, letter.Discarded, letter.Edited)
}

// bulk is an act on many letters.
type bulk struct {
	name string // of its audit
	kind string // of letter.Act
	who  Who
}

func (d *Desk) actOn(ctx context.Context, f letter.Filter, act bulk, states ...string) (int, error) {
	f, err := only(f, states...)
	if err != nil {
		return 0, err
	}
	var ids []ledger.UUID
	err = d.consult(ctx, func(b *letter.Book) error {
		if err := untaken(b, f); err != nil {
			return err
		}
		ids = idsOf(b, f)
		return nil
	})
	if err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, fmt.Errorf("%w: none that is %s", letter.ErrNoLetters, strings.Join(f.States, " or "))
	}
	f.States = nil
	notes := make([]letter.Note, 0, len(ids)+1)
	notes = append(notes, d.audit(act.name, act.who, textOf(f), len(ids)))
	for _, id := range ids {
		notes = append(notes, letter.Act{Letter: id, Kind: act.kind, By: act.who.By, Why: act.who.Why, At: d.now()})
	}
	if err := d.write(ctx, notes...); err != nil {
		return 0, err
	}
	return len(ids), d.catchUpNotes(ctx)
}

// idsOf lists the chosen letters.
func idsOf(b *letter.Book, f letter.Filter) []ledger.UUID {
	var ids []ledger.UUID
	var after ledger.UUID
	for more := true; more; {
		var entries []letter.Entry
		entries, more = b.List(f, after, listed)
		for i := range entries {
			after = entries[i].ID
			ids = append(ids, after)
		}
	}
	return ids
}
