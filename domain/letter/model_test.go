package letter

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/domain/ledger"
)

var seed = flag.Int64("seed", rand.Int64(), "seed of the random tests")

// naive is what follows from the notes that a log keeps, in the fewest words.
type naive struct {
	letters []Meta
	notes   []Note
}

func (n naive) fate(letter, job ledger.UUID) (best Fate, found bool) {
	for _, outcome := range []string{Failed, Superseded, Duplicate, Applied} {
		for _, note := range n.notes {
			if f, ok := note.(Fate); ok && f.Letter == letter && f.Job == job && f.Outcome == outcome {
				best, found = f, true
			}
		}
	}
	return best, found
}

func (n naive) state(letter ledger.UUID) string {
	state := Open
	for _, note := range n.notes {
		if a, ok := note.(Act); ok && a.Letter == letter && a.Kind != Restored {
			state = a.Kind
		}
	}
	for _, outcome := range []string{Superseded, Duplicate, Applied} {
		for _, note := range n.notes {
			if f, ok := note.(Fate); ok && f.Letter == letter && f.Outcome == outcome {
				state = outcome
			}
		}
	}
	return state
}

// jobs gives the jobs, the oldest first, and how they ended.
func (n naive) jobs() ([]Job, map[ledger.UUID]JobEnd) {
	var jobs []Job
	ends := map[ledger.UUID]JobEnd{}
	for _, note := range n.notes {
		switch note := note.(type) {
		case Job:
			jobs = append(jobs, note)
		case JobEnd:
			ends[note.Job] = note
		}
	}
	slices.SortFunc(jobs, func(a, b Job) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.ID.String(), b.ID.String())
	})
	return jobs, ends
}

// taker walks through the whole history of a letter: who had it, and until when.
func (n naive) taker(m Meta) (has ledger.UUID) {
	jobs, ends := n.jobs()
	if n.state(m.ID) != Open {
		return has
	}
	until, never := time.Time{}, sec(1<<30)
	for _, j := range jobs {
		if j.At.Before(until) || m.Offset >= j.Bounds[0].Offset || !j.Filter.Fits(&m) {
			continue
		}
		until, has = never, j.ID
		if end, ok := ends[j.ID]; ok {
			until, has = end.At, ledger.UUID{}
		}
		if f, ok := n.fate(m.ID, j.ID); ok {
			has = ledger.UUID{}
			if f.At.Before(until) {
				until = f.At
			}
		}
	}
	return has
}

// runner gives the claim that counts, and when its process was heard of.
func (n naive) runner(job ledger.UUID) (epoch int64, name string, seen time.Time) {
	for _, note := range n.notes {
		if c, ok := note.(Claim); ok && c.Job == job && c.Epoch > epoch {
			epoch, name, seen = c.Epoch, c.Runner, c.At
		}
	}
	for _, note := range n.notes {
		if p, ok := note.(Progress); ok && p.Job == job && p.Epoch == epoch && p.Runner == name && p.At.After(seen) {
			seen = p.At
		}
	}
	return epoch, name, seen
}

// told is what the model tests compare, in words.
func (n naive) told() string {
	var out strings.Builder
	for _, m := range n.letters {
		fmt.Fprintln(&out, m.ID, n.state(m.ID), n.taker(m))
	}
	jobs, ends := n.jobs()
	for _, j := range jobs {
		epoch, name, seen := n.runner(j.ID)
		var tally Tally
		for _, m := range n.letters {
			if f, ok := n.fate(m.ID, j.ID); ok {
				tally.Add(f.Outcome)
			}
		}
		fmt.Fprintln(&out, j.ID, epoch, name, seen, tally, ends[j.ID].Ending)
	}
	return out.String()
}

func told(b *Book, letters []Meta) string {
	var out strings.Builder
	for _, m := range letters {
		e, _ := b.Letter(m.ID)
		fmt.Fprintln(&out, m.ID, e.State, e.Job)
	}
	for _, j := range b.Jobs() {
		ending := ""
		if j.End != nil {
			ending = j.End.Ending
		}
		tally := j.Tally
		tally.Letters = 0
		fmt.Fprintln(&out, j.ID, j.Epoch, j.Runner, j.SeenAt, tally, ending)
	}
	return out.String()
}

// whole is all that a book answers.
func whole(b *Book) string {
	var out strings.Builder
	every := Filter{States: []string{Open, Applied, Duplicate, Superseded, Discarded, Edited}}
	list, _ := b.List(every, ledger.UUID{}, 1000)
	for _, e := range list {
		fmt.Fprintf(&out, "%+v %v %s %s %d %d %v %v\n", e.Meta, e.Group, e.State, e.Job, e.Times, e.Failures, b.Fates(e.ID), e.Act)
	}
	for _, j := range b.Jobs() {
		report, _ := b.Report(j.ID, ledger.UUID{}, 1000)
		fmt.Fprintf(&out, "%+v %s %d %v %v %v\n", j.Job, j.Runner, j.Epoch, j.SeenAt, j.Tally, report)
		for _, e := range b.Left(j.ID) {
			fmt.Fprintln(&out, e.ID)
		}
	}
	fmt.Fprintln(&out, b.Groups(every), b.Bounds(Filter{}), b.Audits(), b.Taken(Filter{}))
	return out.String()
}

func randomLetters(r *rand.Rand) []Meta {
	letters := make([]Meta, 8)
	for i := range letters {
		letters[i] = dead(fmt.Sprint("letter", i), fmt.Sprint("k", r.IntN(3)), i)
		letters[i].Origin.Timestamp = sec(r.IntN(20))
		if r.IntN(4) == 0 {
			letters[i].Origin.Offset, letters[i].EditOf = -1, id(fmt.Sprint("letter", r.IntN(8)))
		}
	}
	return letters
}

// randomNote makes a note. Jobs are the same however often they are written, and each claim
// and audit is another one.
func randomNote(r *rand.Rand, i int) Note {
	job, letter, at := id(fmt.Sprint("job", r.IntN(4))), id(fmt.Sprint("letter", r.IntN(8))), sec(r.IntN(40))
	outcomes := []string{Applied, Duplicate, Superseded, Failed, Failed, Failed, Failed, Failed, Failed, Failed, Failed, Failed}
	switch r.IntN(14) {
	case 0, 1, 2:
		n := r.IntN(4)
		j := replay(fmt.Sprint("job", n), []int{0, 10, 10, 20}[n], []Filter{{}, {Key: "k1"}, {}, {Key: "k2"}}[n])
		j.Bounds[0].Offset = int64(8 - n)
		return j
	case 3:
		return Act{Letter: letter, Kind: []string{Discarded, Restored, Edited}[r.IntN(3)], At: at}
	case 4, 5, 6:
		return Claim{Job: job, Epoch: int64(1 + r.IntN(3)), Runner: fmt.Sprint("r", r.IntN(3)), Attempt: id(fmt.Sprint(i)), At: at}
	case 7, 8:
		return Progress{Job: job, Epoch: int64(1 + r.IntN(3)), Runner: fmt.Sprint("r", r.IntN(3)), At: at, Tally: Tally{Letters: i}}
	case 9:
		return Cancel{Job: job, At: at}
	case 10:
		if r.IntN(2) == 0 {
			return JobEnd{Job: job, Ending: []string{Completed, Cancelled, Stopped}[r.IntN(3)], At: at}
		}
		return Audit{ID: id(fmt.Sprint(i)), At: at}
	}
	return Fate{Letter: letter, Job: job, Outcome: outcomes[r.IntN(len(outcomes))], At: at, Says: fmt.Sprint(i)}
}

// mixed gives notes in another order, but those of one key, and claims of one job, as they were.
func mixed(r *rand.Rand, notes []Note) []Note {
	lines := map[string][]Note{}
	var order []string
	for _, n := range notes {
		k := n.Key()
		if c, ok := n.(Claim); ok {
			k = c.Job.String()
		}
		lines[k] = append(lines[k], n)
		order = append(order, k)
	}
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	var all []Note
	for _, k := range order {
		all = append(all, lines[k][0])
		lines[k] = lines[k][1:]
	}
	return all
}

// read makes a book of both logs, whose reading is mixed at random.
func read(r *rand.Rand, letters []Meta, notes []Note) *Book {
	b := NewBook()
	for len(letters) > 0 || len(notes) > 0 {
		if len(notes) == 0 || len(letters) > 0 && r.IntN(2) == 0 {
			b.Bury(letters[0])
			letters = letters[1:]
		} else {
			b.Take(notes[0])
			notes = notes[1:]
		}
		if r.IntN(8) == 0 {
			whole(b) // to ask changes nothing
		}
	}
	return b
}

func TestAllWhoReadTheLogsHaveTheSameBookWhateverTheLogsHaveDropped(t *testing.T) {
	for run := range 300 {
		r := rand.New(rand.NewPCG(uint64(*seed), uint64(run)))
		letters := randomLetters(r)
		var notes []Note
		for i := range 5 + r.IntN(80) {
			notes = append(notes, randomNote(r, i))
		}
		again := slices.Clone(letters)
		again = append(again, letters[r.IntN(8)])
		again[8].Place.Offset, again[8].BuriedAt, again[8].Code = 100, sec(2000), "later"
		want, model := whole(read(r, again, notes)), naive{letters, kept(notes)}.told()
		dropped := r.IntN(len(notes))
		logs := map[string][]Note{
			"again": notes, "compacted": kept(notes), "compacted for a part": append(kept(notes[:dropped]), notes[dropped:]...),
			"in another order": mixed(r, notes), "in another order, compacted": kept(mixed(r, notes)),
		}
		for name, log := range logs {
			b := read(r, append(slices.Clone(again), again[:4]...), log)
			if got := told(b, letters); got != model {
				t.Fatalf("-seed %d, run %d, %s: got\n%s\nwant\n%s\nof %+v", *seed, run, name, got, model, notes)
			}
			if got := whole(b); got != want {
				t.Fatalf("-seed %d, run %d, %s: got\n%s\nwant\n%s\nof %+v", *seed, run, name, got, want, notes)
			}
		}
	}
}
