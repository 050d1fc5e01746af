package letter

import (
	"slices"

	"inventory/domain/ledger"
)

// Open is the state of a letter that waits for somebody. The others are Applied, Duplicate,
// Superseded, Discarded and Edited.
const Open = "open"

// Book is what follows from the logs: letters, jobs and acts. One goroutine uses it.
type Book struct {
	letters []entry
	byID    map[ledger.UUID]int
	groups  map[Group]int
	kinds   []Group // by index
	acts    map[ledger.UUID]Act
	fates   map[ledger.UUID][]Fate // of letters, in the log's order
	jobs    map[ledger.UUID]*job
	opened  []*job // in the log's order
	audits  []Audit
}

// entry is a letter in the book.
type entry struct {
	Meta
	times int // that it was buried
	group int
}

// NewBook makes an empty book.
func NewBook() *Book {
	return &Book{
		byID: map[ledger.UUID]int{}, groups: map[Group]int{},
		acts: map[ledger.UUID]Act{}, fates: map[ledger.UUID][]Fate{}, jobs: map[ledger.UUID]*job{},
	}
}

// Bury takes a letter in. One that was buried before stays where it was first, and died last
// of what it died of last.
func (b *Book) Bury(m Meta) {
	i, ok := b.byID[m.ID]
	if !ok {
		i = len(b.letters)
		b.letters = append(b.letters, entry{Meta: m})
		b.byID[m.ID] = i
	}
	e := &b.letters[i]
	place, buried, first := e.Place, e.BuriedAt, e.FirstFailure
	e.Meta = m
	e.Place, e.BuriedAt, e.FirstFailure = place, buried, first
	e.times++
	e.group = b.groupOf(&m)
}

func (b *Book) groupOf(m *Meta) int {
	g := GroupOf(m)
	i, ok := b.groups[g]
	if !ok {
		i = len(b.kinds)
		b.groups[g] = i
		b.kinds = append(b.kinds, g)
	}
	return i
}

// Take takes a note in. Notes may come again, and before the letters that they are about.
func (b *Book) Take(n Note) {
	switch n := n.(type) {
	case Fate:
		b.takeFate(n)
	case Act:
		b.acts[n.Letter] = n
	case Audit:
		b.audits = append(b.audits, n)
	case Job:
		b.jobOf(n.ID).open(b, n)
	case Claim:
		b.jobOf(n.Job).claim(n)
	case Progress:
		b.jobOf(n.Job).heard(n)
	case Cancel:
		b.jobOf(n.Job).cancel = &n
	case JobEnd:
		b.jobOf(n.Job).end = &n
	}
}

func (b *Book) takeFate(f Fate) {
	told := b.fates[f.Letter]
	told = slices.DeleteFunc(slices.Clone(told), func(was Fate) bool { return was.Job == f.Job })
	b.fates[f.Letter] = append(told, f)
	b.jobOf(f.Job).fate(f)
}

// Entry is a letter as it stands.
type Entry struct {
	Meta
	Times    int // that it was buried
	Group    Group
	State    string
	Job      ledger.UUID // that has it now; zero: none
	Failures int         // jobs in which it failed
	Fate     *Fate       // the last one
	Act      *Act        // the last one
}

// Letter finds a letter.
func (b *Book) Letter(id ledger.UUID) (Entry, bool) {
	i, ok := b.byID[id]
	if !ok {
		return Entry{}, false
	}
	return b.entry(i), true
}

func (b *Book) entry(i int) Entry {
	e := &b.letters[i]
	t := Entry{Meta: e.Meta, Times: e.times, Group: b.kinds[e.group], State: b.state(e.ID)}
	for _, f := range b.fates[e.ID] {
		if f.Outcome == Failed {
			t.Failures++
		}
		t.Fate = &f
	}
	if act, ok := b.acts[e.ID]; ok {
		t.Act = &act
	}
	if j := b.taker(i); j != nil {
		t.Job = j.ID
	}
	return t
}

// state says what has become of a letter: what a job settled is settled for good.
func (b *Book) state(id ledger.UUID) string {
	for _, f := range b.fates[id] {
		if f.Outcome != Failed {
			return f.Outcome
		}
	}
	if act, ok := b.acts[id]; ok && act.Kind != Restored {
		return act.Kind
	}
	return Open
}

// chosen yields the indices of the letters that a filter chooses, as they were read. It stops
// where yield returns false.
func (b *Book) chosen(f Filter, yield func(i int) bool) {
	ids := map[ledger.UUID]bool{}
	for _, id := range f.IDs {
		ids[id] = true
	}
	fitting := f
	fitting.IDs, fitting.Group = nil, ""
	for i := range b.letters {
		e := &b.letters[i]
		switch {
		case len(ids) > 0 && !ids[e.ID], f.Group != "" && b.kinds[e.group].ID() != f.Group, !fitting.Fits(&e.Meta):
			continue
		}
		if state := b.state(e.ID); slices.Contains(f.States, state) || len(f.States) == 0 && state == Open {
			if !yield(i) {
				return
			}
		}
	}
}
