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
	bounds   map[lane]int64
	claims   map[int64]string // runners by epoch
	epoch    int64
	claimed  time.Time
	progress *Progress
	cancel   *Cancel
	end      *JobEnd
	fates    map[ledger.UUID]Fate
}

type lane struct {
	topic     string
	partition int32
}

func (b *Book) jobOf(id ledger.UUID) *job {
	j, ok := b.jobs[id]
	if !ok {
		j = &job{Job: Job{ID: id}, bounds: map[lane]int64{}, claims: map[int64]string{}, fates: map[ledger.UUID]Fate{}}
		b.jobs[id] = j
	}
	return j
}

func (j *job) open(b *Book, n Job) {
	if j.opened {
		return
	}
	j.Job, j.opened = n, true
	for _, p := range n.Bounds {
		j.bounds[lane{p.Topic, p.Partition}] = p.Offset
	}
	b.opened = append(b.opened, j)
}

func (j *job) claim(n Claim) {
	if _, taken := j.claims[n.Epoch]; taken {
		return
	}
	j.claims[n.Epoch] = n.Runner
	if n.Epoch >= j.epoch {
		j.epoch, j.claimed = n.Epoch, n.At
	}
}

// heard takes what the process with the claim tells; another one's word does not count.
func (j *job) heard(n Progress) {
	if n.Epoch == j.epoch && j.claims[n.Epoch] == n.Runner {
		j.progress = &n
	}
}

func (j *job) fate(f Fate) { j.fates[f.Letter] = f }

func (j *job) running() bool { return j.opened && j.end == nil }

// wants tells whether a letter is one of those that the job was made for, whatever has become
// of it.
func (j *job) wants(e *entry, g Group) bool {
	f := j.Filter
	if f.Group != "" && f.Group != g.ID() {
		return false
	}
	f.Group = ""
	return e.Place.Offset < j.bounds[lane{e.Topic, e.Place.Partition}] && f.Fits(&e.Meta)
}

// taker is the job that is to give an open letter its fate: the first that was made for it.
func (b *Book) taker(i int) *job {
	e := &b.letters[i]
	if b.state(e.ID) != Open {
		return nil
	}
	for _, j := range b.opened {
		if _, had := j.fates[e.ID]; j.running() && !had && j.wants(e, b.kinds[e.group]) {
			return j
		}
	}
	return nil
}

// JobStanding is how a job stands.
type JobStanding struct {
	Job
	Tally  Tally // of its letters that have an outcome, and of all
	Epoch  int64 // 0: nobody has claimed it
	Runner string
	SeenAt time.Time // when its process was last heard of
	Cancel *Cancel
	End    *JobEnd
}

// Running tells whether the job has not ended.
func (j JobStanding) Running() bool { return j.End == nil }

// Job finds a job.
func (b *Book) Job(id ledger.UUID) (JobStanding, bool) {
	j, ok := b.jobs[id]
	if !ok || !j.opened {
		return JobStanding{}, false
	}
	return b.standing(j), true
}

// Jobs gives all jobs, the oldest first.
func (b *Book) Jobs() []JobStanding {
	all := make([]JobStanding, 0, len(b.opened))
	for _, j := range b.opened {
		all = append(all, b.standing(j))
	}
	return all
}

func (b *Book) standing(j *job) JobStanding {
	s := JobStanding{Job: j.Job, Epoch: j.epoch, Runner: j.claims[j.epoch], SeenAt: j.claimed, Cancel: j.cancel, End: j.end, Tally: j.tally()}
	if j.progress != nil && j.progress.At.After(s.SeenAt) {
		s.SeenAt = j.progress.At
	}
	switch {
	case j.end != nil:
		s.Tally.Letters = j.end.Tally.Letters
	case j.progress != nil:
		s.Tally.Letters = j.progress.Tally.Letters
	default:
		s.Tally.Letters = len(b.leftOf(j)) + s.Tally.Done()
	}
	return s
}

func (j *job) tally() Tally {
	var t Tally
	for _, f := range j.fates {
		t.Add(f.Outcome)
	}
	return t
}

// Add counts one more letter with an outcome.
func (t *Tally) Add(outcome string) {
	switch outcome {
	case Applied:
		t.Applied++
	case Duplicate:
		t.Duplicate++
	case Superseded:
		t.Superseded++
	case Failed:
		t.Failed++
	}
}

// Left gives the letters that a job has still to replay, in order: none where it has ended.
func (b *Book) Left(id ledger.UUID) []Entry {
	j, ok := b.jobs[id]
	if !ok || !j.running() {
		return nil
	}
	var all []Entry
	for _, i := range b.inOrder(b.leftOf(j)) {
		all = append(all, b.entry(i))
	}
	return all
}

func (b *Book) leftOf(j *job) []int {
	var all []int
	for i := range b.letters {
		if b.taker(i) == j {
			all = append(all, i)
		}
	}
	return all
}

// Report gives what a job found for each letter, in the order in which the letters lie in the
// book; after skips letters up to that one. more says that there are others behind.
func (b *Book) Report(id ledger.UUID, after ledger.UUID, limit int) (fates []Fate, more bool) {
	j, ok := b.jobs[id]
	if !ok {
		return nil, false
	}
	from := 0
	if at, ok := b.byID[after]; ok {
		from = at + 1
	}
	for i := from; i < len(b.letters); i++ {
		f, ok := j.fates[b.letters[i].ID]
		switch {
		case !ok:
		case len(fates) == limit:
			return fates, true
		default:
			fates = append(fates, f)
		}
	}
	return fates, false
}

// Taken counts the letters that a filter chooses and that jobs have already, by job.
func (b *Book) Taken(f Filter) map[ledger.UUID]int {
	taken := map[ledger.UUID]int{}
	if !slices.ContainsFunc(b.opened, (*job).running) {
		return taken
	}
	b.chosen(f, func(i int) bool {
		if j := b.taker(i); j != nil {
			taken[j.ID]++
		}
		return true
	})
	return taken
}
