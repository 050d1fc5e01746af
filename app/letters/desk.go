package letters

import (
	"context"
	"sync"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/ports"
)

// World is what a Desk needs of the outside.
type World struct {
	Log      ports.LetterLog
	Notes    ports.LetterNotes
	Clock    ports.Clock
	Observer ports.Observer
	NewID    func() ledger.UUID // one that nobody else has
	Runner   string             // the process's id
	Decode   ports.OrderEventDecoder
	Text     ports.OrderEventText
	Handler  Handler
}

// Config bounds what a Desk does. What is zero has its default.
type Config struct {
	Interval time.Duration // at which Run catches up; 15 s
	Silence  time.Duration // of a job's process until another one takes the job; 10 s
	Beat     time.Duration // at which a job tells how far it is; 1 s
	Patience time.Duration // for what keeps one letter from being decided; 30 s
	Grace    time.Duration // for letters under way when the process ends; 5 s
	Lanes    int           // letters that are handled at once; 1,024
	Chunk    int           // letters that are fetched at once; 10,000
	// ChunkBytes bounds the values of letters that are fetched at once, unless it is one; 16 MiB.
	ChunkBytes int
}

func (c Config) withDefaults() Config {
	setDefault(&c.Interval, 15*time.Second)
	setDefault(&c.Silence, 10*time.Second)
	setDefault(&c.Beat, time.Second)
	setDefault(&c.Patience, 30*time.Second)
	setDefault(&c.Grace, 5*time.Second)
	setDefault(&c.Lanes, 1024)
	setDefault(&c.Chunk, 10_000)
	setDefault(&c.ChunkBytes, 16<<20)
	return c
}

func setDefault[T int | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// Desk is where dead letters are seen to. Its methods may be called from many goroutines.
type Desk struct {
	world World
	cfg   Config

	log, notes turn // of who reads
	mu         sync.Mutex
	book       *letter.Book
	asked      map[ledger.UUID]*asked // jobs that are being made here

	wake  chan struct{} // Run has something to do
	heard map[ledger.UUID]sign
	owned owned
}

// New makes a Desk. It does nothing by itself before Run.
func New(w World, cfg Config) *Desk {
	return &Desk{
		world: w, cfg: cfg.withDefaults(), log: newTurn(), notes: newTurn(), book: letter.NewBook(),
		wake: make(chan struct{}, 1), heard: map[ledger.UUID]sign{}, owned: newOwned(),
		asked: map[ledger.UUID]*asked{},
	}
}

// turn lets one in at a time, and who waits may give up.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t turn) done() { <-t }

// catchUp reads both logs as far as they go: notes first, so that the letters that any known
// job was made for are known too.
func (d *Desk) catchUp(ctx context.Context) error {
	if err := d.catchUpNotes(ctx); err != nil {
		return err
	}
	if err := d.log.take(ctx); err != nil {
		return err
	}
	defer d.log.done()
	return d.world.Log.Read(ctx, func(l letter.Letter) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.book.Bury(l.Meta)
	})
}

func (d *Desk) catchUpNotes(ctx context.Context) error {
	if err := d.notes.take(ctx); err != nil {
		return err
	}
	defer d.notes.done()
	return d.world.Notes.Read(ctx, func(n letter.Note) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if job, ok := n.(letter.Job); ok {
			d.judge(job)
		}
		d.book.Take(n)
	})
}

// consult catches up and looks into the book; nothing else happens to it meanwhile.
func (d *Desk) consult(ctx context.Context, look func(b *letter.Book) error) error {
	if err := d.catchUp(ctx); err != nil {
		return err
	}
	return d.peek(look)
}

// peek looks into the book as it is.
func (d *Desk) peek(look func(b *letter.Book) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return look(d.book)
}

func (d *Desk) now() time.Time { return d.world.Clock.Now() }

func (d *Desk) tell(e ports.Event) { d.world.Observer.Observe(e) }
