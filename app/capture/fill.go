package capture

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"inventory/app/parallel"
	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/ports"
)

const (
	// mostAtOnce bounds the entries that the publisher gets at once.
	mostAtOnce = 512
	// mostRows is how many rows of the outbox are looked at, at once.
	mostRows = 64
	// mostOverlapping bounds the rows of the outbox among which one is looked for that begins
	// where publishing is: where a ledger changed owners, several stand for the same entries.
	mostOverlapping = 4096
	// mostJoined bounds the entries that are read from there together, all rows of which are in
	// memory then. Under load an entry has some fifty.
	mostJoined = 64
	// partsAtOnce is how many partitions of inventory.events are read at once.
	partsAtOnce = 8
)

// World is what publishing needs of its surroundings.
type World struct {
	Outbox    ports.Outbox
	Books     ports.Books
	Publisher ports.Publisher
	Clock     ports.Clock
	Observer  ports.Observer
}

// Settle publishes all that a ledger's relay left to capture until now, and is not published
// yet. It is for an owner that is about to publish itself.
func (w World) Settle(ctx context.Context, id ledger.ID) error {
	published, err := w.Outbox.Published(ctx, id)
	if err != nil {
		return err
	}
	s := newStream(published)
	if _, err := w.fill(ctx, id, s, func(ports.OutboxRow) bool { return true }); err != nil {
		return fmt.Errorf("publishing what was left to capture of %s: %w", id, err)
	}
	if s.published == published {
		return nil
	}
	return w.Outbox.NotePublished(ctx, id, s.published)
}

// pending is what a ledger's outbox has that is not published.
type pending struct {
	rows   int
	oldest time.Time
}

// fill goes through a ledger's outbox in order. What a row stands for, and did not come, is
// read from inventory.events where the row is due. It ends with the first that is not.
func (w World) fill(ctx context.Context, id ledger.ID, s *stream, due func(ports.OutboxRow) bool) (p pending, err error) {
	for {
		rows, err := w.Outbox.Pending(ctx, id, s.published, mostRows)
		if err != nil || len(rows) == 0 {
			return pending{}, err
		}
		row, ok := following(rows, s.published)
		if !ok {
			if row, err = w.jump(ctx, id, s); err != nil {
				return p, err
			}
		}
		if err := w.flow(ctx, id, s); err != nil {
			return p, err
		}
		if s.published >= row.Last {
			continue
		}
		if !due(row) {
			return pending{len(rows), oldest(rows, s.published)}, nil
		}
		if err := w.read(ctx, s, joined(rows, row, due)); err != nil {
			return pending{len(rows), oldest(rows, s.published)}, err
		}
	}
}

// following finds a row that stands for the entry after a version: nothing is left out
// between the two.
func following(rows []ports.OutboxRow, version int64) (ports.OutboxRow, bool) {
	for _, r := range rows {
		if r.First <= version+1 && r.Last > version {
			return r, true
		}
	}
	return ports.OutboxRow{}, false
}

// joined puts the rows that follow one, and are due as well, together with it: they are of much
// the same partitions, which are read once for all of them.
func joined(rows []ports.OutboxRow, row ports.OutboxRow, due func(ports.OutboxRow) bool) ports.OutboxRow {
	parts := map[ports.OutboxPart]bool{}
	for first := row; ; {
		for _, p := range row.Parts {
			parts[p] = true
		}
		next, ok := following(rows, row.Last)
		if !ok || !due(next) || next.Last-first.First >= mostJoined {
			row.Since, row.Parts = first.Since, slices.Collect(maps.Keys(parts))
			return row
		}
		if next.Since.Before(first.Since) {
			first.Since = next.Since
		}
		if next.Until.Before(row.Until) {
			next.Until = row.Until
		}
		row = next
	}
}

// jump passes over entries that no row stands for: an owner published them itself. It reads
// again before it believes that: a row that was written before one that was seen is seen by
// a read that begins after it. It returns the row that comes next.
func (w World) jump(ctx context.Context, id ledger.ID, s *stream) (next ports.OutboxRow, err error) {
	rows, err := w.Outbox.Pending(ctx, id, s.published, mostOverlapping)
	if err != nil || len(rows) == 0 {
		return next, err
	}
	if row, ok := following(rows, s.published); ok {
		return row, nil
	}
	next = rows[0]
	for _, r := range rows {
		if r.First < next.First {
			next = r
		}
	}
	s.publishedTo(next.First - 1)
	return next, nil
}

func oldest(rows []ports.OutboxRow, published int64) (at time.Time) {
	for _, r := range rows {
		if r.Last > published && (at.IsZero() || r.Since.Before(at)) {
			at = r.Since
		}
	}
	return at
}

// flow publishes what came and is in order.
func (w World) flow(ctx context.Context, id ledger.ID, s *stream) error {
	for {
		entries := s.ready(s.atOnce)
		if len(entries) == 0 {
			return nil
		}
		if err := w.publish(ctx, id, s, ports.ByCapture, entries); err != nil {
			return err
		}
	}
}

// publish publishes the first entries of some, at most as many as the publisher gets next:
// after a failure half as many, in the end one, so that one that can't be published does not
// bring those before it again and again.
func (w World) publish(ctx context.Context, id ledger.ID, s *stream, by string, entries []entry) error {
	events := eventsOf(entries)
	if err := w.Publisher.Publish(ctx, events); err != nil {
		s.atOnce = max(1, len(entries)/2)
		return fmt.Errorf("entries %d to %d: %w", entries[0].version, entries[len(entries)-1].version, err)
	}
	s.atOnce = min(2*s.atOnce, mostAtOnce)
	last := entries[len(entries)-1].version
	first := events[0].Header().OccurredAt
	s.publishedTo(last)
	w.Observer.Observe(ports.CapturePublished{Ledger: id, By: by, Events: len(events), Oldest: w.Clock.Now().Sub(first)})
	return nil
}

// read publishes from inventory.events what a row of the outbox stands for and is not
// published. Rows there that have nothing to be published were written again by an owner
// that had published it itself.
func (w World) read(ctx context.Context, s *stream, row ports.OutboxRow) error {
	var mu sync.Mutex
	var found []relay.Appended
	from := s.published
	err := parallel.Do(len(row.Parts), partsAtOnce, func(i int) error {
		part := row.Parts[i]
		return w.Books.EventsBetween(ctx, part.SKU, part.WarehouseID, row.Since.Add(-time.Millisecond), row.Until, func(r ports.EventRow) error {
			a, ok, err := relay.ReadAppended(r.Metadata)
			if err != nil {
				return fmt.Errorf("event %s of sku %s in %s: %w", r.EventID, r.SKU, r.WarehouseID, err)
			}
			if ok && a.Ledger == row.Ledger && a.Version > from && a.Version <= row.Last {
				mu.Lock()
				found = append(found, a)
				mu.Unlock()
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	for entries := entriesOf(found); len(entries) > 0; {
		n := min(s.atOnce, len(entries))
		if err := w.publish(ctx, row.Ledger, s, ports.ByTable, entries[:n]); err != nil {
			return err
		}
		entries = entries[n:]
	}
	s.publishedTo(row.Last)
	return nil
}
