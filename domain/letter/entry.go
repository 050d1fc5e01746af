package letter

import (
	"cmp"
	"slices"
	"time"

	"inventory/domain/ledger"
)

// entry is a letter in the book.
type entry struct {
	Meta            // of its first burial; what it died of is of the last
	buried bool     // false: notes alone speak of it
	copies []burial // where it was buried, in order; none: once
	group  int
	slot   slot
	fates  []Fate // one for each job, the oldest first
	best   string // of the outcomes that settle it; "": none
	act    *Act
}

// burial is one of the places where a letter lies.
type burial struct {
	Place
	buried time.Time
	gone   bool
}

func compareBurials(a, b burial) int {
	return cmp.Or(a.buried.Compare(b.buried), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Offset, b.Offset))
}

// add takes another burial in, and tells whether it is the last one by now.
func (e *entry) add(m *Meta) bool {
	if e.copies == nil {
		if m.Place == e.Place {
			return false
		}
		e.copies = []burial{{Place: e.Place, buried: e.BuriedAt}}
	}
	another := burial{Place: m.Place, buried: m.BuriedAt}
	if slices.ContainsFunc(e.copies, func(c burial) bool { return c.Place == m.Place }) {
		return false
	}
	at, _ := slices.BinarySearchFunc(e.copies, another, compareBurials)
	e.copies = slices.Insert(e.copies, at, another)
	e.Place, e.BuriedAt = e.copies[0].Place, e.copies[0].buried
	if e.FirstFailure.IsZero() || !m.FirstFailure.IsZero() && m.FirstFailure.Before(e.FirstFailure) {
		e.FirstFailure = m.FirstFailure
	}
	if at < len(e.copies)-1 {
		return false
	}
	e.Code, e.Error, e.Attempts, e.LastFailure = m.Code, m.Error, m.Attempts, m.LastFailure
	e.Trace, e.Version, e.Schema, e.Size = m.Trace, m.Version, m.Schema, m.Size
	return true
}

// lies is the first place where the letter may be read; false: the log has dropped all.
func (e *entry) lies() (Place, bool) {
	for _, c := range e.copies {
		if !c.gone {
			return c.Place, true
		}
	}
	return e.Place, e.copies == nil
}

// slim drops the text of an error that nobody has to act on any more: there may be many, for
// years. The group keeps what it was like.
func (e *entry) slim() {
	if e.best != "" {
		e.Error = ""
	}
}

// rank orders outcomes: the best first, as they are declared.
func rank(outcome string) int {
	return slices.Index([]string{Applied, Duplicate, Superseded, Failed}, outcome)
}

// take takes a fate in, unless the job has found a better one. It gives the outcome that it
// takes the place of, if any.
func (e *entry) take(f Fate) (was string, counts bool) {
	if rank(f.Outcome) < 0 {
		return "", false
	}
	if i := e.fateIn(f.Job); i >= 0 {
		was = e.fates[i].Outcome
		if rank(was) < rank(f.Outcome) {
			return was, false
		}
		e.fates = slices.Delete(e.fates, i, i+1)
	}
	at, _ := slices.BinarySearchFunc(e.fates, f, func(a, b Fate) int {
		return cmp.Or(a.At.Compare(b.At), compareIDs(a.Job, b.Job))
	})
	e.fates = slices.Insert(e.fates, at, f)
	if f.Outcome != Failed && (e.best == "" || rank(f.Outcome) < rank(e.best)) {
		e.best = f.Outcome
	}
	return was, true
}

// fateIn finds the fate that a job gave; -1: none.
func (e *entry) fateIn(job ledger.UUID) int {
	for i := range e.fates {
		if e.fates[i].Job == job {
			return i
		}
	}
	return -1
}

// state says what has become of a letter: what a job settled is settled for good.
func (e *entry) state() string {
	switch {
	case e.best != "":
		return e.best
	case e.act != nil && e.act.Kind != Restored:
		return e.act.Kind
	}
	return Open
}

// Entry is a letter as it stands.
type Entry struct {
	Meta         // its Error is empty where a job has settled it
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
	e, ok := b.byID[id]
	if !ok || !e.buried {
		return Entry{}, false
	}
	return b.entry(e), true
}

// Fates gives what jobs found for a letter, the oldest first, one for each job.
func (b *Book) Fates(id ledger.UUID) []Fate {
	e, ok := b.byID[id]
	if !ok {
		return nil
	}
	return slices.Clone(e.fates)
}

func (b *Book) entry(e *entry) Entry {
	t := Entry{Meta: e.Meta, Times: max(1, len(e.copies)), Group: b.kinds[e.group].Group, State: e.state()}
	t.Place, _ = e.lies()
	for i := range e.fates {
		if e.fates[i].Outcome == Failed {
			t.Failures++
		}
	}
	if n := len(e.fates); n > 0 {
		last := e.fates[n-1]
		t.Fate = &last
	}
	if e.act != nil {
		act := *e.act
		t.Act = &act
	}
	if j := b.taker(e); j != nil {
		t.Job = j.ID
	}
	return t
}
