package memory

import (
	"context"
	"slices"
	"sync"

	"inventory/domain/letter"
	"inventory/ports"
)

// Notes keeps notes about dead letters, all of them, for as long as the process lives. Readers
// share it. The zero value is ready.
type Notes struct {
	mu  sync.Mutex
	all []keptNote
	off int // of the next note: some before it may be compacted away
}

type keptNote struct {
	at   int
	note letter.Note
}

// Compact leaves the newest note of each key.
func (n *Notes) Compact() {
	n.mu.Lock()
	defer n.mu.Unlock()
	newest := map[string]int{}
	for _, k := range n.all {
		newest[k.note.Key()] = k.at
	}
	n.all = slices.DeleteFunc(slices.Clone(n.all), func(k keptNote) bool { return newest[k.note.Key()] != k.at })
}

// Reader returns a reader that begins with what is oldest.
func (n *Notes) Reader() *LetterNotes { return &LetterNotes{log: n} }

// LetterNotes is a reader of Notes.
type LetterNotes struct {
	log  *Notes
	next int
}

var _ ports.LetterNotes = (*LetterNotes)(nil)

// Read implements ports.LetterNotes.
func (r *LetterNotes) Read(ctx context.Context, take func(letter.Note)) error {
	r.log.mu.Lock()
	all := r.log.all
	r.log.mu.Unlock()
	from, _ := slices.BinarySearchFunc(all, r.next, func(k keptNote, next int) int { return k.at - next })
	for _, k := range all[from:] {
		if err := ctx.Err(); err != nil {
			return err
		}
		take(k.note)
		r.next = k.at + 1
	}
	return ctx.Err()
}

// Append implements ports.LetterNotes.
func (r *LetterNotes) Append(ctx context.Context, notes []letter.Note) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	for _, note := range notes {
		r.log.all = append(r.log.all, keptNote{r.log.off, note})
		r.log.off++
	}
	return nil
}
