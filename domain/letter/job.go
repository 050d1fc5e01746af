package letter

import (
	"slices"
	"time"

	"inventory/domain/ledger"
)

// job is a job in the book. Its notes may come in any order.
type job struct {
	Job
	opened   bool
	sieve    sieve
	bounds   map[lane]int64
	claims   map[int64]Claim // that count, by epoch
	epoch    int64           // the highest
	progress map[runner]Progress
	cancel   *Cancel
	end      *JobEnd
	tally    Tally // of its fates
}

type lane struct {
	topic     string
	partition int32
}

// runner is a process with a claim, or that says so.
type runner struct {
	epoch int64
	name  string
}

func (b *Book) jobOf(id ledger.UUID) *job {
	j, ok := b.jobs[id]
	if !ok {
		j = &job{Job: Job{ID: id}, bounds: map[lane]int64{}, claims: map[int64]Claim{}, progress: map[runner]Progress{}}
		b.jobs[id] = j
	}
	return j
}

func (b *Book) open(n Job) {
	j := b.jobOf(n.ID)
	if j.opened {
		b.opened = slices.DeleteFunc(b.opened, func(other *job) bool { return other == j })
	}
	j.Job, j.opened, j.sieve = n, true, newSieve(n.Filter)
	clear(j.bounds)
	for _, p := range n.Bounds {
		j.bounds[lane{p.Topic, p.Partition}] = p.Offset
	}
	at, _ := slices.BinarySearchFunc(b.opened, j, compareJobs)
	b.opened = slices.Insert(b.opened, at, j)
	b.settled, b.newest = false, latest(b.newest, n.At)
}

// compareJobs has the older one first. The log's order is not for this: a note that was
// written twice comes later once the log has dropped the first.
func compareJobs(a, b *job) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return compareIDs(a.ID, b.ID)
}

func (j *job) claim(n Claim) {
	if _, taken := j.claims[n.Epoch]; taken || n.Epoch < j.epoch {
		return
	}
	j.claims[n.Epoch] = n
	j.epoch = n.Epoch
	for r := range j.progress {
		if r.epoch < j.epoch {
			delete(j.progress, r)
		}
	}
}

// heard takes what a process tells. Whether it has the claim is asked when the job is looked
// at: the claim's note may come later.
func (j *job) heard(n Progress) {
	if n.Epoch >= j.epoch {
		j.progress[runner{n.Epoch, n.Runner}] = n
	}
}

// told is what the process with the claim told last.
func (j *job) told() (Progress, bool) {
	p, ok := j.progress[runner{j.epoch, j.claims[j.epoch].Runner}]
	return p, ok
}

func (j *job) running() bool { return j.opened && j.end == nil }

// wants tells whether a letter is one of those that fit the job, whatever has become of it.
func (j *job) wants(b *Book, e *entry) bool {
	return e.Offset < j.bounds[lane{e.Topic, e.Place.Partition}] && j.sieve.fits(&e.Meta, b.kinds[e.group].id)
}

// leaves is when a job has done with a letter that it had: when it gave it a fate, or ended
// without. false: it still has it.
func (j *job) leaves(e *entry) (time.Time, bool) {
	if i := e.fateIn(j.ID); i >= 0 {
		at := e.fates[i].At
		if j.end != nil && j.end.At.Before(at) {
			at = j.end.At
		}
		return at, true
	}
	if j.end != nil {
		return j.end.At, true
	}
	return time.Time{}, false
}

// taker is the job that is to give an open letter its fate. A job has the letters that fit it
// and that no older job had when it was made: one that failed in a job, or that a job left when
// it ended, is for jobs made after that, and never for one that was made before.
func (b *Book) taker(e *entry) *job {
	jobs := b.atWork()
	if len(jobs) == 0 || e.state() != Open {
		return nil
	}
	var until time.Time // when the last job that had it was done with it
	for _, j := range jobs {
		if j.At.Before(until) || !j.wants(b, e) {
			continue
		}
		left, done := j.leaves(e)
		if !done {
			return j
		}
		until = latest(until, left)
	}
	return nil
}

// atWork gives the jobs that have to be asked about open letters: all since the last moment
// at which no job was running.
func (b *Book) atWork() []*job {
	if b.settled {
		return b.working
	}
	b.settled, b.working = true, nil
	from, running := 0, false
	var free time.Time
	for i, j := range b.opened {
		if !running && !j.At.Before(free) {
			from = i
		}
		if j.running() {
			running = true
		} else {
			free = latest(free, j.end.At)
		}
	}
	if running {
		b.working = b.opened[from:]
	}
	return b.working
}
