package letters

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"inventory/domain/letter"
	"inventory/domain/stock"
	"inventory/ports"
)

const (
	noteBatch = 1000 // that are written at once
	// Tries to write before somebody is told that it can't be done, and the pauses between
	// them, which double.
	writeTries = 5
	firstPause = 50 * time.Millisecond
	longPause  = 2 * time.Second
)

// write writes notes, and again where the log could not be reached or did not say whether it
// took them: the same notes do no harm twice. A claim is not written so.
func (d *Desk) write(ctx context.Context, notes ...letter.Note) error {
	for batch := range slices.Chunk(notes, noteBatch) {
		err := d.patiently(ctx, func() error { return d.world.Notes.Append(ctx, batch) })
		if err != nil {
			return err
		}
	}
	return nil
}

// patiently does what may be done twice until it is done, or has failed too often.
func (d *Desk) patiently(ctx context.Context, do func() error) error {
	pause := firstPause
	for try := 1; ; try++ {
		err := do()
		class := ports.ClassOf(err)
		if class != ports.Transient && class != ports.Unknown || try == writeTries || ctx.Err() != nil {
			return err
		}
		if cause := ports.Sleep(ctx, d.world.Clock, pause); cause != nil {
			return cause
		}
		pause = min(2*pause, longPause)
	}
}

// audit is the record of an act.
func (d *Desk) audit(kind string, who Who, what string, n int) letter.Audit {
	return letter.Audit{ID: d.world.NewID(), Kind: kind, By: who.By, Why: who.Why, What: what, Letters: n, At: d.now()}
}

// The bounds of what people say.
const (
	mostBy  = 200
	mostWhy = 2000
)

// validate names every fault; errors wrap stock.ErrInvalid.
func (w Who) validate(mustSayWhy bool) error {
	switch {
	case len(w.By) > mostBy:
		return fmt.Errorf("%w actor of %d bytes: expected %d at most", stock.ErrInvalid, len(w.By), mostBy)
	case len(w.Why) > mostWhy:
		return fmt.Errorf("%w reason of %d bytes: expected %d at most", stock.ErrInvalid, len(w.Why), mostWhy)
	case mustSayWhy && w.Why == "":
		return fmt.Errorf("%w reason: expected one", stock.ErrInvalid)
	}
	return nil
}

// limit is how many letters a page has.
func (p Page) limit() (int, error) {
	switch {
	case p.Limit < 0 || p.Limit > MostPage:
		return 0, fmt.Errorf("%w limit %d: expected 1 to %d", stock.ErrInvalid, p.Limit, MostPage)
	case p.Limit == 0:
		return DefaultPage, nil
	}
	return p.Limit, nil
}

func checkFilter(f letter.Filter) error {
	if len(f.IDs) > MostPage { // a job's note has them all
		return fmt.Errorf("%w letters: %d are named, expected %d at most", stock.ErrInvalid, len(f.IDs), MostPage)
	}
	for _, s := range f.States {
		if !slices.Contains(letter.States(), s) {
			return fmt.Errorf("%w state %.40q: expected one of %v", stock.ErrInvalid, s, letter.States())
		}
	}
	if f.Topic != "" && !slices.Contains(ports.OrderEventTopics(), f.Topic) {
		return fmt.Errorf("%w topic %.80q: expected one of %v", stock.ErrInvalid, f.Topic, ports.OrderEventTopics())
	}
	return nil
}

// only is a filter for letters in some states, of which the first is meant where it names none;
// one that asks for others is refused.
func only(f letter.Filter, states ...string) (letter.Filter, error) {
	if err := checkFilter(f); err != nil {
		return f, err
	}
	for _, s := range f.States {
		if !slices.Contains(states, s) {
			return f, fmt.Errorf("%w state %q: expected %s letters alone", stock.ErrInvalid, s, strings.Join(states, " or "))
		}
	}
	if len(f.States) == 0 {
		f.States = states[:1]
	}
	return f, nil
}
