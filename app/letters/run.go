package letters

import (
	"context"
	"sync"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/ports"
)

// sign is the last sign of life of a job's process, and when it was noticed by the clock that
// nobody sets: the clocks of two processes need not agree.
type sign struct {
	epoch int64
	at    time.Time
	met   time.Duration
}

// owned are the jobs that this process works at, or is to.
type owned struct {
	mu   sync.Mutex
	jobs map[ledger.UUID]*ownJob
}

// ownJob is one of them.
type ownJob struct {
	epoch   int64
	started bool
	stirred chan struct{} // there is news of it
}

func newOwned() owned { return owned{jobs: map[ledger.UUID]*ownJob{}} }

func (o *owned) has(id ledger.UUID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.jobs[id] != nil
}

func (o *owned) put(id ledger.UUID, epoch int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.jobs[id] = &ownJob{epoch: epoch, stirred: make(chan struct{}, 1)}
}

func (o *owned) drop(id ledger.UUID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.jobs, id)
}

// starting gives the jobs that nobody works at yet, each once.
func (o *owned) starting() map[ledger.UUID]*ownJob {
	o.mu.Lock()
	defer o.mu.Unlock()
	jobs := map[ledger.UUID]*ownJob{}
	for id, j := range o.jobs {
		if !j.started {
			j.started, jobs[id] = true, j
		}
	}
	return jobs
}

// start has Run work at a job, if this process has claimed it.
func (d *Desk) start(id ledger.UUID, epoch int64) {
	if mine, err := d.holds(id, epoch); err != nil || !mine || d.owned.has(id) {
		return
	}
	d.owned.put(id, epoch)
	poke(d.wake)
}

// stir tells who works at a job, if that is this process, that there is news of it.
func (d *Desk) stir(id ledger.UUID) {
	d.owned.mu.Lock()
	defer d.owned.mu.Unlock()
	if j := d.owned.jobs[id]; j != nil {
		poke(j.stirred)
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// holds tells whether the book says that this process works at a job with a claim.
func (d *Desk) holds(id ledger.UUID, epoch int64) (mine bool, err error) {
	err = d.peek(func(b *letter.Book) error {
		j, err := jobIn(b, id)
		mine = err == nil && d.mine(j, epoch)
		return err
	})
	return mine, err
}

// mine tells whether this process works at a job with a claim.
func (d *Desk) mine(j letter.JobStanding, epoch int64) bool {
	return j.Running() && j.Epoch == epoch && j.Runner == d.world.Runner
}

// Run catches up again and again, tells how letters stand, and works at jobs that this process
// made or whose processes fell silent. When ctx ends it waits for letters under way, and
// returns nil; it is called once.
func (d *Desk) Run(ctx context.Context) error {
	var working sync.WaitGroup
	defer working.Wait()
	for {
		pause := d.tend(ctx)
		for id, j := range d.owned.starting() {
			working.Go(func() {
				defer poke(d.wake)
				defer d.owned.drop(id)
				d.work(ctx, id, j)
			})
		}
		if ports.SleepUnless(ctx, d.world.Clock, pause, d.wake) != nil {
			return nil
		}
	}
}

// tend looks after everything once, and says when to look again.
func (d *Desk) tend(ctx context.Context) time.Duration {
	if err := d.catchUp(ctx); err != nil {
		d.trouble(ctx, err)
		return d.cfg.Interval
	}
	var running []letter.JobStanding
	_ = d.peek(func(b *letter.Book) error {
		for _, j := range b.Jobs() {
			if j.Running() {
				running = append(running, j)
			}
		}
		d.tell(standing(b, len(running)))
		return nil
	})
	for _, j := range d.orphans(running) {
		if err := d.takeOver(ctx, j); err != nil {
			d.trouble(ctx, err)
		}
	}
	if len(running) > 0 {
		return min(d.cfg.Interval, d.cfg.Silence/4)
	}
	return d.cfg.Interval
}

// trouble tells of an error that ends by itself, unless everything ends.
func (d *Desk) trouble(ctx context.Context, err error) {
	if ctx.Err() == nil {
		d.tell(ports.LetterTrouble{Err: err})
	}
}

// orphans gives the jobs of others from which no sign of life came for too long.
func (d *Desk) orphans(running []letter.JobStanding) []letter.JobStanding {
	now := d.world.Clock.Steady()
	heard := map[ledger.UUID]sign{}
	var orphans []letter.JobStanding
	for _, j := range running {
		if d.owned.has(j.ID) {
			continue
		}
		s, ok := d.heard[j.ID]
		switch {
		case !ok:
			s = sign{j.Epoch, j.SeenAt, now - d.agoOf(j)}
		case s.epoch != j.Epoch || !s.at.Equal(j.SeenAt):
			s = sign{j.Epoch, j.SeenAt, now}
		}
		heard[j.ID] = s
		if now-s.met >= d.cfg.Silence {
			orphans = append(orphans, j)
		}
	}
	d.heard = heard
	return orphans
}

// clockSlack is how far the clocks of two processes may be apart, with room to spare.
const clockSlack = 5 * time.Second

// agoOf is how long ago, at least, a job that was not seen before showed its last sign of life.
func (d *Desk) agoOf(j letter.JobStanding) time.Duration {
	last := j.At
	if j.SeenAt.After(last) {
		last = j.SeenAt
	}
	return max(0, d.now().Sub(last)-clockSlack)
}

func (d *Desk) takeOver(ctx context.Context, orphan letter.JobStanding) error {
	j, err := d.claim(ctx, orphan.ID, orphan.Epoch)
	if err != nil {
		return err
	}
	d.start(orphan.ID, j.Epoch)
	return nil
}

// standing is how letters stand.
func standing(b *letter.Book, jobs int) ports.LettersStand {
	type kind struct{ topic, code string }
	open := map[kind]*ports.OpenLetters{}
	stand := ports.LettersStand{Jobs: jobs}
	for _, g := range b.Groups(letter.Filter{}) {
		k := kind{g.Topic, g.Code}
		o, ok := open[k]
		if !ok {
			o = &ports.OpenLetters{Topic: g.Topic, Code: g.Code, Oldest: g.First}
			open[k] = o
		}
		o.Letters += g.Letters
		if g.First.Before(o.Oldest) {
			o.Oldest = g.First
		}
	}
	for _, o := range open {
		stand.Open = append(stand.Open, *o)
	}
	return stand
}
