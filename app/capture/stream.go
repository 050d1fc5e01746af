package capture

import (
	"cmp"
	"slices"
	"time"

	"inventory/app/relay"
	"inventory/ports"
)

// mostWaiting bounds the rows of a ledger that wait for what comes before them.
const mostWaiting = 8192

// stream puts the rows of one ledger back in order. It remembers what is published by one
// version, and nothing else of it.
type stream struct {
	published int64   // all entries up to here are
	waiting   []entry // by version, all above published
	rows      int     // of waiting
	gap       time.Time
	atOnce    int // entries that the publisher gets next
}

// entry is what came of a ledger's entry.
type entry struct {
	version int64
	after   int64 // as of relay.Appended
	of      int
	rows    []relay.Appended // by ordinal
}

func newStream(published int64) *stream { return &stream{published: published, atOnce: mostAtOnce} }

// What became of a row.
type fate int

const (
	kept     fate = iota
	repeated      // it is published, or here already
	dropped       // no room
	ignored       // nothing is to be published of it
)

// take takes a row, in whatever order they come.
func (s *stream) take(a relay.Appended) fate {
	if a.Version <= s.published {
		return repeated
	}
	at, found := slices.BinarySearchFunc(s.waiting, a.Version, func(e entry, v int64) int { return cmp.Compare(e.version, v) })
	if !found {
		if s.rows >= mostWaiting {
			return dropped
		}
		s.waiting = slices.Insert(s.waiting, at, entry{version: a.Version, after: a.After, of: a.Of})
	}
	e := &s.waiting[at]
	e.after = min(e.after, a.After) // both are true, and this one says more
	n, found := slices.BinarySearchFunc(e.rows, a.Ordinal, func(a relay.Appended, n int) int { return cmp.Compare(a.Ordinal, n) })
	if found {
		return repeated
	}
	e.rows = slices.Insert(e.rows, n, a)
	s.rows++
	return kept
}

// ready lists the entries, at most n, that are whole and follow what is published.
func (s *stream) ready(n int) []entry {
	upto := s.published
	for i, e := range s.waiting {
		if i == n || e.after > upto || len(e.rows) < e.of {
			return s.waiting[:i]
		}
		upto = e.version
	}
	return s.waiting
}

// publishedTo notes that all entries up to a version are published. It never goes back.
func (s *stream) publishedTo(version int64) {
	s.published = max(s.published, version)
	n := 0
	for n < len(s.waiting) && s.waiting[n].version <= s.published {
		s.rows -= len(s.waiting[n].rows)
		n++
	}
	s.waiting = slices.Delete(s.waiting, 0, n)
	s.gap = time.Time{}
}

// watch tells since when something waits for what is before it; zero: nothing does.
func (s *stream) watch(now time.Time) time.Time {
	switch {
	case len(s.waiting) == 0 || len(s.ready(1)) > 0:
		s.gap = time.Time{}
	case s.gap.IsZero():
		s.gap = now
	}
	return s.gap
}

// eventsOf lists the events of entries, in order.
func eventsOf(entries []entry) (events []ports.PublicEvent) {
	for _, e := range entries {
		for _, r := range e.rows {
			events = append(events, r.Events...)
		}
	}
	return events
}

// entriesOf puts rows together that are of one entry, in order. Rows that came twice count
// once.
func entriesOf(rows []relay.Appended) (entries []entry) {
	slices.SortFunc(rows, func(a, b relay.Appended) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	rows = slices.CompactFunc(rows, func(a, b relay.Appended) bool { return a.Version == b.Version && a.Ordinal == b.Ordinal })
	for _, r := range rows {
		if n := len(entries); n == 0 || entries[n-1].version != r.Version {
			entries = append(entries, entry{version: r.Version, after: r.After, of: r.Of})
		}
		e := &entries[len(entries)-1]
		e.rows = append(e.rows, r)
	}
	return entries
}
