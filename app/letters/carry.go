package letters

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/stock"
	"inventory/ports"
)

// Export hands over the chosen letters with their bytes, in the order in which they are
// replayed; those that their logs have no more are left out. It ends with the first error of
// take. Errors: stock.ErrInvalid, ports.ErrTransient.
func (d *Desk) Export(ctx context.Context, f letter.Filter, take func(letter.Entry, letter.Letter) error) error {
	if err := checkFilter(f); err != nil {
		return err
	}
	if err := d.catchUp(ctx); err != nil {
		return err
	}
	return d.each(ctx, f, func(all []fetched) error {
		for i := range all {
			if all[i].lost != nil {
				continue
			}
			if err := take(all[i].Entry, all[i].letter); err != nil {
				return err
			}
		}
		return nil
	})
}

// carried is how many letters are imported at once.
const carried = 500

// Import takes letters in, until next gives io.EOF; those that are here already are left as they
// are. A letter keeps what is told of its record's origin, as it says what comes before what.
// Errors: next's, stock.ErrInvalid, ports.ErrTransient, ports.ErrPermanent where a letter is
// too large; letters before the one with the error may have been taken in, and Imported counts
// them.
func (d *Desk) Import(ctx context.Context, who Who, next func() (letter.Letter, error)) (t Imported, err error) {
	if err := who.validate(false); err != nil {
		return t, err
	}
	if err := d.catchUp(ctx); err != nil {
		return t, err
	}
	met := map[ledger.UUID]bool{}
	for more := true; more && err == nil; {
		var batch []letter.Letter
		batch, more, err = nextOf(next, t.Letters+t.Known)
		if failed := d.importBatch(ctx, batch, met, &t); failed != nil {
			err = failed
		}
	}
	if t.Letters == 0 {
		return t, err
	}
	noted := d.write(ctx, d.audit("import", who, fmt.Sprintf("%d letters, %d known before", t.Letters+t.Known, t.Known), t.Letters))
	return t, errors.Join(err, noted, d.catchUp(ctx))
}

// nextOf reads some letters; more says that there may be others. Those before an error count.
func nextOf(next func() (letter.Letter, error), before int) (batch []letter.Letter, more bool, err error) {
	for len(batch) < carried {
		l, err := next()
		if errors.Is(err, io.EOF) {
			return batch, false, nil
		}
		if err == nil {
			err = checkCarried(&l)
		}
		if err != nil {
			return batch, false, fmt.Errorf("letter %d: %w", before+len(batch)+1, err)
		}
		batch = append(batch, l)
	}
	return batch, true, nil
}

func checkCarried(l *letter.Letter) error {
	switch {
	case l.ID == ledger.UUID{}:
		return fmt.Errorf("%w letter: expected an id", stock.ErrInvalid)
	case !slices.Contains(ports.OrderEventTopics(), l.Topic):
		return fmt.Errorf("%w topic %.80q: expected one of %v", stock.ErrInvalid, l.Topic, ports.OrderEventTopics())
	case l.Key != "" && !l.HasKey:
		return fmt.Errorf("%w key %.80q of a letter that has none", stock.ErrInvalid, l.Key)
	}
	return nil
}

func (d *Desk) importBatch(ctx context.Context, batch []letter.Letter, met map[ledger.UUID]bool, t *Imported) error {
	var fresh []letter.Letter
	_ = d.peek(func(b *letter.Book) error {
		for _, l := range batch {
			if _, known := b.Letter(l.ID); known || met[l.ID] {
				t.Known++
				continue
			}
			met[l.ID] = true
			fresh = append(fresh, l)
		}
		return nil
	})
	if len(fresh) == 0 {
		return nil
	}
	if err := d.patiently(ctx, func() error { return d.world.Log.Append(ctx, fresh) }); err != nil {
		return err
	}
	t.Letters += len(fresh)
	return nil
}
