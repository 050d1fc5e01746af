package letter

import (
	"cmp"
	"slices"
	"time"

	"inventory/domain/ledger"
)

// maxEdits bounds how far a copy of a copy is followed back.
const maxEdits = 100

// thread is the letters of one topic and key, which are replayed in the order of their
// records: when each is due follows from all of them, whichever a filter chooses.
type thread struct {
	letters []*entry
	stale   bool // it has to be put in order again
}

type threadKey struct{ topic, key string }

// slot is where a letter's record was among those of its topic. One that was nowhere comes
// behind those that were somewhere, by when it was buried.
type slot struct {
	nowhere   bool
	partition int32
	offset    int64
	buried    time.Time // of the letter that it is a copy of, or its own
	due       time.Time
}

// thread puts a letter among those of its key, which have to be put in order again.
func (b *Book) thread(e *entry, isNew bool) {
	k := threadKey{e.Topic, e.Key}
	t, ok := b.threads[k]
	if !ok {
		t = &thread{}
		b.threads[k] = t
	}
	if isNew {
		t.letters = append(t.letters, e)
	}
	if !t.stale {
		t.stale = true
		b.stale = append(b.stale, t)
	}
}

// inOrder sorts letters as they are replayed: by when their records were written, but those of
// a key never against the order of its partition, and an edited copy where its original was.
func (b *Book) inOrder(all []*entry) []*entry {
	b.schedule()
	slices.SortFunc(all, compareDue)
	return all
}

// schedule says of each letter when it is due.
func (b *Book) schedule() {
	for _, t := range b.stale {
		b.put(t)
	}
	b.stale = b.stale[:0]
}

// put says when the letters of a key are due: never before one that goes before it.
func (b *Book) put(t *thread) {
	t.stale = false
	for _, e := range t.letters {
		e.slot = b.slotOf(e)
	}
	slices.SortFunc(t.letters, compareSlots)
	var newest, ofAll time.Time
	for i, e := range t.letters {
		switch {
		case e.slot.nowhere:
			newest = ofAll
		case i > 0 && e.slot.partition != t.letters[i-1].slot.partition:
			newest = time.Time{}
		}
		newest = latest(newest, e.slot.due)
		ofAll = latest(ofAll, newest)
		e.slot.due = newest
	}
}

// slotOf finds where a letter's record was: of an edited copy, where that of its original was.
func (b *Book) slotOf(e *entry) slot {
	o := e
	for range maxEdits {
		if o.Origin.Offset >= 0 {
			break
		}
		of, ok := b.byID[o.EditOf]
		if !ok || !of.buried || of.Topic != e.Topic || of.Key != e.Key {
			break
		}
		o = of
	}
	if o.Origin.Offset < 0 {
		return slot{nowhere: true, buried: o.BuriedAt, due: o.BuriedAt}
	}
	return slot{partition: o.Origin.Partition, offset: o.Origin.Offset, buried: o.BuriedAt, due: o.Origin.Timestamp}
}

func compareSlots(a, b *entry) int {
	if a.slot.nowhere != b.slot.nowhere {
		if a.slot.nowhere {
			return 1
		}
		return -1
	}
	return cmp.Or(
		cmp.Compare(a.slot.partition, b.slot.partition), cmp.Compare(a.slot.offset, b.slot.offset),
		a.slot.buried.Compare(b.slot.buried), a.BuriedAt.Compare(b.BuriedAt), compareIDs(a.ID, b.ID),
	)
}

// compareDue is an order of all letters, the same for everybody.
func compareDue(a, b *entry) int {
	if c := a.slot.due.Compare(b.slot.due); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Topic, b.Topic); c != 0 {
		return c
	}
	return compareSlots(a, b)
}

// behind gives the part of sorted letters that comes behind one, whether or not it is among them.
func behind(all []*entry, e *entry) []*entry {
	at, found := slices.BinarySearchFunc(all, e, compareDue)
	if found {
		at++
	}
	return all[at:]
}

func compareIDs(a, b ledger.UUID) int { return slices.Compare(a[:], b[:]) }

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
