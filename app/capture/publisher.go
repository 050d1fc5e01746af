package capture

import (
	"context"
	"errors"
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

// Config sets when events are published that capture did not bring.
type Config struct {
	// Lateness is how long after its entry an event is published at the latest, whatever
	// capture does, while the store and the brokers answer. 0: nothing captures, so that
	// nothing is waited for.
	Lateness time.Duration
}

// DefaultLateness is well above what capture takes when it is well.
const DefaultLateness = 10 * time.Second

// Of the lateness half is left to capture, which takes a second when it is well; the rest is for noticing, reading and
// publishing. What is missing between rows that came is read sooner: capture has passed it.
const (
	shareOfCapture = 0.5
	looksAhead     = 10 // the outbox is looked at so often in the lateness
	gapPatience    = time.Second
	leastLook      = 100 * time.Millisecond
)

func (c Config) look() time.Duration { return max(leastLook, c.Lateness/looksAhead) }

func (c Config) due(age time.Duration) bool {
	return age >= time.Duration(shareOfCapture*float64(c.Lateness))
}

// relist is how often ledgers are listed: a new warehouse's are heard of by what is captured.
func (c Config) relist() time.Duration { return max(time.Second, c.Lateness/4) }

func (c Config) gapTime() time.Duration { return min(gapPatience, c.Lateness/looksAhead) }

const (
	ledgersAtOnce = 8
	// mostHeard is how many records are taken before what is in order is published.
	mostHeard = 2048
	// noteTime bounds the last note of a process that publishes no longer.
	noteTime = 2 * time.Second
)

// Publisher publishes while it is the one that is to.
type Publisher struct {
	world   World
	capture ports.Capture
	list    func(context.Context) ([]ledger.ID, error)
	cfg     Config
}

// New makes a Publisher of the ledgers that list lists.
func New(w World, c ports.Capture, list func(context.Context) ([]ledger.ID, error), cfg Config) *Publisher {
	return &Publisher{w, c, list, cfg}
}

// Run publishes until ctx ends. An error says what a person has to see to.
func (p *Publisher) Run(ctx context.Context) error {
	err := p.capture.Follow(ctx, func(ctx context.Context, records <-chan string) {
		p.world.Observer.Observe(ports.CaptureLed{Leads: true})
		defer p.world.Observer.Observe(ports.CaptureLed{})
		l := &lead{Publisher: p, followed: map[ledger.ID]*followed{}}
		l.run(ctx, records)
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// lead is one time of being the one that publishes. It begins with what was noted.
type lead struct {
	*Publisher
	followed map[ledger.ID]*followed
	listed   time.Time // when ledgers were listed last
}

// followed is a ledger whose events are published.
type followed struct {
	*stream
	id    ledger.ID
	noted int64
}

func (l *lead) run(ctx context.Context, records <-chan string) {
	timer := l.world.Clock.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			l.rest(ctx)
			return
		case text, ok := <-records:
			if !ok {
				records = nil
				continue
			}
			l.hear(ctx, text, records)
		case <-timer.C():
			l.look(ctx)
			timer.Reset(l.cfg.look())
		}
	}
}

// hear takes a record, and those that came with it, and publishes what is in order.
func (l *lead) hear(ctx context.Context, text string, more <-chan string) {
	touched := map[*followed]bool{}
	repeats, drops := 0, 0
	for n := 1; ; n++ {
		f, fate := l.take(ctx, text)
		switch fate {
		case kept:
			touched[f] = true
		case repeated:
			repeats++
		case dropped:
			drops++
		case ignored:
		}
		if n == mostHeard {
			break
		}
		select {
		case next, ok := <-more:
			if ok {
				text = next
				continue
			}
		default:
		}
		break
	}
	if repeats > 0 {
		l.world.Observer.Observe(ports.CaptureRepeated{Rows: repeats})
	}
	if drops > 0 {
		l.world.Observer.Observe(ports.CaptureDropped{Rows: drops})
	}
	l.each(slices.Collect(maps.Keys(touched)), func(f *followed) error { return l.world.flow(ctx, f.id, f.stream) })
}

// take takes a record. One that is not the relay's is left out: what it may have been is in
// the table.
func (l *lead) take(ctx context.Context, text string) (*followed, fate) {
	a, ok, err := relay.ReadAppended(text)
	if err != nil {
		l.trouble(ctx, "", fmt.Errorf("a captured row: %w", err))
	}
	if err != nil || !ok {
		return nil, ignored
	}
	f, err := l.follow(ctx, a.Ledger)
	if err != nil {
		l.trouble(ctx, a.Ledger, err)
		return nil, dropped
	}
	taken := f.take(a)
	return f, taken
}

// follow gives the ledger, from where it was noted to be.
func (l *lead) follow(ctx context.Context, id ledger.ID) (*followed, error) {
	if f, ok := l.followed[id]; ok {
		return f, nil
	}
	published, err := l.world.Outbox.Published(ctx, id)
	if err != nil {
		return nil, err
	}
	f := &followed{newStream(published), id, published}
	l.followed[id] = f
	return f, nil
}

// look goes through the outboxes of all ledgers, and notes what is published.
func (l *lead) look(ctx context.Context) {
	l.relist(ctx)
	var mu sync.Mutex
	var all pending
	l.each(slices.Collect(maps.Values(l.followed)), func(f *followed) error {
		p, err := l.lookAt(ctx, f)
		mu.Lock()
		defer mu.Unlock()
		all.rows += p.rows
		if !p.oldest.IsZero() && (all.oldest.IsZero() || p.oldest.Before(all.oldest)) {
			all.oldest = p.oldest
		}
		return err
	})
	stands := ports.CaptureStands{Pending: all.rows}
	if !all.oldest.IsZero() {
		stands.Lag = max(0, l.world.Clock.Now().Sub(all.oldest))
	}
	l.world.Observer.Observe(stands)
}

// relist takes up the ledgers that are new.
func (l *lead) relist(ctx context.Context) {
	now := l.world.Clock.Now()
	if !l.listed.IsZero() && now.Sub(l.listed) < l.cfg.relist() {
		return
	}
	ids, err := l.list(ctx)
	if err != nil {
		l.trouble(ctx, "", err)
		return
	}
	l.listed = now
	for _, id := range ids {
		if _, err := l.follow(ctx, id); err != nil {
			l.trouble(ctx, id, err)
			l.listed = time.Time{}
		}
	}
}

func (l *lead) lookAt(ctx context.Context, f *followed) (pending, error) {
	now := l.world.Clock.Now()
	since := f.watch(now)
	gap := !since.IsZero() && now.Sub(since) >= l.cfg.gapTime()
	p, err := l.world.fill(ctx, f.id, f.stream, func(r ports.OutboxRow) bool {
		return l.cfg.due(now.Sub(r.Since)) || gap && len(f.waiting) > 0
	})
	return p, errors.Join(err, l.note(ctx, f))
}

// note notes what is published, so that whoever publishes next begins there.
func (l *lead) note(ctx context.Context, f *followed) error {
	if f.noted == f.published {
		return nil
	}
	upto := f.published
	if err := l.world.Outbox.NotePublished(ctx, f.id, upto); err != nil {
		return err
	}
	f.noted = upto
	return nil
}

// rest notes, after ctx has ended, what was published since the last look.
func (l *lead) rest(ctx context.Context) {
	ctx, end := ports.Lasting(ctx, l.world.Clock, noteTime)
	defer end()
	l.each(slices.Collect(maps.Values(l.followed)), func(f *followed) error { return l.note(ctx, f) })
}

// each does something with ledgers, some at once. What fails is done again the next time.
func (l *lead) each(all []*followed, do func(*followed) error) {
	parallel.Each(len(all), ledgersAtOnce, func(i int) {
		if err := do(all[i]); err != nil {
			l.troubled(all[i].id, err)
		}
	})
}

func (l *lead) trouble(ctx context.Context, id ledger.ID, err error) {
	if ctx.Err() == nil {
		l.troubled(id, err)
	}
}

func (l *lead) troubled(id ledger.ID, err error) {
	if !errors.Is(err, context.Canceled) {
		l.world.Observer.Observe(ports.CaptureTrouble{Ledger: id, Err: err})
	}
}
