package letters

import (
	"context"
	"errors"

	"inventory/app/parallel"
	"inventory/domain/letter"
	"inventory/ports"
)

// fetched is a letter that was read again, or why it can't be.
type fetched struct {
	letter.Entry
	letter letter.Letter
	lost   error // its log has it no more
}

// chunk is how many of the letters are read at once.
func (c Config) chunk(entries []letter.Entry) int {
	bytes := 0
	for n := range entries[:min(c.Chunk, len(entries))] {
		if bytes += entries[n].Size; bytes > c.ChunkBytes {
			return max(n, 1)
		}
	}
	return min(c.Chunk, len(entries))
}

// fetch reads letters again. What its log has no more is told apart from the others. Errors:
// ports.ErrTransient, or that ctx ended.
func (d *Desk) fetch(ctx context.Context, entries []letter.Entry) ([]fetched, error) {
	all := make([]fetched, len(entries))
	for i, e := range entries {
		all[i].Entry = e
	}
	return all, d.fill(ctx, all)
}

// fill reads letters, and halves of them where one is there no more, until that one is found.
func (d *Desk) fill(ctx context.Context, all []fetched) error {
	places := make([]letter.Place, len(all))
	for i := range all {
		places[i] = all[i].Place
	}
	err := d.patiently(ctx, func() error {
		return d.world.Log.Fetch(ctx, places, func(i int, l letter.Letter) { all[i].letter = l })
	})
	switch {
	case err == nil, !errors.Is(err, ports.ErrPermanent):
		return err
	case len(all) == 1:
		return d.elsewhere(ctx, all, err)
	}
	half := len(all) / 2
	if err := d.fill(ctx, all[:half]); err != nil {
		return err
	}
	return d.fill(ctx, all[half:])
}

// elsewhere reads a letter that is no more where it was at the next place where it was buried,
// if there is one.
func (d *Desk) elsewhere(ctx context.Context, one []fetched, lost error) error {
	l, found := &one[0], false
	_ = d.peek(func(b *letter.Book) error {
		var next letter.Place
		if next, found = b.Lost(l.ID, l.Place); found {
			l.Place = next
		}
		return nil
	})
	if !found {
		l.lost = lost
		return nil
	}
	return d.fill(ctx, one)
}

func (d *Desk) fetchOne(ctx context.Context, e letter.Entry) (letter.Letter, error) {
	all, err := d.fetch(ctx, []letter.Entry{e})
	if err != nil {
		return letter.Letter{}, err
	}
	return all[0].letter, all[0].lost
}

// decoded is a letter with its event.
type decoded struct {
	letter.Meta
	event ports.OrderEvent
	fault error // why there is none
}

// order is the id of the order that a letter is about: its key where nobody can read more.
func (l *decoded) order() string {
	if l.event != nil {
		return l.event.About()
	}
	return l.Key
}

// decode reads a letter's event.
func (d *Desk) decode(ctx context.Context, f *fetched) decoded {
	l := decoded{Meta: f.Meta, fault: f.lost}
	if l.fault == nil {
		l.event, l.fault = d.world.Decode.Decode(ctx, f.Topic, f.letter.Value)
	}
	if l.fault != nil {
		l.event = nil
	}
	return l
}

// decodedAtOnce is how many letters are decoded at once: the registry may have to be asked.
const decodedAtOnce = 64

// decodeAll reads the events of letters, many at once.
func (d *Desk) decodeAll(ctx context.Context, all []fetched) []decoded {
	read := make([]decoded, len(all))
	parallel.Each(len(all), decodedAtOnce, func(i int) { read[i] = d.decode(ctx, &all[i]) })
	return read
}

// listed is how many letters are taken from the book at once: sorting them takes time, and
// holding them takes room.
const listed = 200_000

// each hands over the chosen letters, in order, in chunks. Some may have been settled, or
// come, since it began.
func (d *Desk) each(ctx context.Context, f letter.Filter, do func([]fetched) error) error {
	var after letter.Entry
	for more := true; more; {
		var entries []letter.Entry
		err := d.peek(func(b *letter.Book) error {
			entries, more = b.List(f, after.ID, listed)
			return nil
		})
		if err != nil || len(entries) == 0 {
			return err
		}
		after = entries[len(entries)-1]
		for len(entries) > 0 {
			n := d.cfg.chunk(entries)
			all, err := d.fetch(ctx, entries[:n])
			if err == nil {
				err = do(all)
			}
			if err != nil {
				return err
			}
			entries = entries[n:]
		}
	}
	return nil
}
