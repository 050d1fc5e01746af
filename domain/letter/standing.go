package letter

import (
	"time"

	"inventory/domain/ledger"
)

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
	claim := j.claims[j.epoch]
	s := JobStanding{Job: j.Job, Epoch: j.epoch, Runner: claim.Runner, SeenAt: claim.At, Cancel: j.cancel, End: j.end, Tally: j.tally}
	progress, told := j.told()
	if told {
		s.SeenAt = latest(s.SeenAt, progress.At)
	}
	switch {
	case j.end != nil:
		s.Tally.Letters = j.end.Tally.Letters
	case told:
		s.Tally.Letters = progress.Tally.Letters
	default:
		s.Tally.Letters = len(b.leftOf(j)) + s.Tally.Done()
	}
	return s
}

// Left gives the letters that a job has still to replay, in order: none where it has ended.
func (b *Book) Left(id ledger.UUID) []Entry {
	j, ok := b.jobs[id]
	if !ok || !j.running() {
		return nil
	}
	left := b.inOrder(b.leftOf(j))
	all := make([]Entry, 0, len(left))
	for _, e := range left {
		all = append(all, b.entry(e))
	}
	return all
}

func (b *Book) leftOf(j *job) []*entry {
	var all []*entry
	b.fitting(&j.sieve, func(e *entry) {
		if b.taker(e) == j {
			all = append(all, e)
		}
	})
	return all
}

// Report gives what a job found for each letter, in the order in which letters are replayed;
// after skips letters up to that one. more says that there are others behind.
func (b *Book) Report(id ledger.UUID, after ledger.UUID, limit int) (fates []Fate, more bool) {
	var all []*entry
	for _, e := range b.letters {
		if e.fateIn(id) >= 0 {
			all = append(all, e)
		}
	}
	all = b.after(b.inOrder(all), after)
	for _, e := range all[:min(limit, len(all))] {
		fates = append(fates, e.fates[e.fateIn(id)])
	}
	return fates, len(all) > limit
}

// Taken counts the letters that a filter chooses and that jobs have already, by job.
func (b *Book) Taken(f Filter) map[ledger.UUID]int {
	taken := map[ledger.UUID]int{}
	if len(b.atWork()) == 0 {
		return taken
	}
	b.chosen(f, func(e *entry) {
		if j := b.taker(e); j != nil {
			taken[j.ID]++
		}
	})
	return taken
}
