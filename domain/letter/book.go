package letter

import (
	"time"

	"inventory/domain/ledger"
)

// Open is the state of a letter that waits for somebody.
const Open = "open"

// States lists what letters can be.
func States() []string { return []string{Open, Applied, Duplicate, Superseded, Discarded, Edited} }

// Book is what follows from the logs: letters, jobs and acts. It hangs neither on the order in
// which partitions were read nor on notes that newer ones have replaced. One goroutine uses it.
type Book struct {
	letters []*entry               // that were buried
	byID    map[ledger.UUID]*entry // and those that notes alone speak of
	groups  map[Group]int
	kinds   []kind // by index
	threads map[threadKey]*thread
	stale   []*thread
	jobs    map[ledger.UUID]*job
	opened  []*job // the oldest first
	working []*job // that may have open letters, the oldest first
	settled bool   // working follows from opened
	newest  time.Time
	audits  map[ledger.UUID]Audit
}

// kind is a group and its id, which takes time to make.
type kind struct {
	Group
	id string
}

// NewBook makes an empty book.
func NewBook() *Book {
	return &Book{
		byID: map[ledger.UUID]*entry{}, groups: map[Group]int{}, threads: map[threadKey]*thread{},
		jobs: map[ledger.UUID]*job{}, audits: map[ledger.UUID]Audit{},
	}
}

// Bury takes a letter in; one that is read again from the same place changes nothing. One that
// was buried before stays where it was first, and died last of what it died of last. Which
// letters a job was made for hangs on that first place, so it is kept though the log may have
// dropped it: see Lost.
func (b *Book) Bury(m Meta) {
	e := b.entryOf(m.ID)
	switch {
	case !e.buried:
		e.Meta, e.buried = m, true
		b.letters = append(b.letters, e)
		e.group = b.groupOf(&m)
		b.thread(e, true)
	case e.add(&m):
		e.group = b.groupOf(&m)
		b.thread(e, false)
	default:
		b.thread(e, false)
	}
	e.slim()
}

func (b *Book) entryOf(id ledger.UUID) *entry {
	e, ok := b.byID[id]
	if !ok {
		e = &entry{Meta: Meta{ID: id}}
		b.byID[id] = e
	}
	return e
}

func (b *Book) groupOf(m *Meta) int {
	g := GroupOf(m)
	i, ok := b.groups[g]
	if !ok {
		i = len(b.kinds)
		b.groups[g] = i
		b.kinds = append(b.kinds, kind{g, g.ID()})
	}
	return i
}

// Lost tells that a letter is no more at a place, as the log has dropped it. The Place of its
// Entry is then that of the next copy, which Lost gives: false where there is none. Filters and
// jobs go by the first place all the same.
func (b *Book) Lost(id ledger.UUID, at Place) (Place, bool) {
	e, ok := b.byID[id]
	if !ok || !e.buried {
		return Place{}, false
	}
	for i := range e.copies {
		if e.copies[i].Place == at {
			e.copies[i].gone = true
		}
	}
	p, there := e.lies()
	return p, there && p != at
}

// Take takes a note in. Notes may come again, and before what they are about.
func (b *Book) Take(n Note) {
	switch n := n.(type) {
	case Fate:
		b.takeFate(n)
	case Act:
		b.entryOf(n.Letter).act = &n
	case Audit:
		b.audits[n.ID] = n
	case Job:
		b.open(n)
	case Claim:
		b.jobOf(n.Job).claim(n)
	case Progress:
		b.jobOf(n.Job).heard(n)
	case Cancel:
		b.jobOf(n.Job).cancel = &n
	case JobEnd:
		b.jobOf(n.Job).end, b.settled = &n, false
		b.newest = latest(b.newest, n.At)
	}
}

func (b *Book) takeFate(f Fate) {
	e, j := b.entryOf(f.Letter), b.jobOf(f.Job)
	was, counts := e.take(f)
	if !counts {
		return
	}
	j.tally.count(was, -1)
	j.tally.count(f.Outcome, 1)
	b.newest = latest(b.newest, f.At)
	e.slim()
}

// Moment gives now, or a later time that is after all that jobs have done. A job that is made
// then may have the letters that failed in them, although clocks differ.
func (b *Book) Moment(now time.Time) time.Time {
	if now.After(b.newest) {
		return now
	}
	return b.newest.Add(time.Millisecond)
}
