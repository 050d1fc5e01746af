package letters

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/stock"
)

// MostRate bounds the rate of a job, in letters a second; faster is no limit.
const MostRate = 1e6

func (r ReplayRequest) validate() error {
	switch {
	case math.IsNaN(r.Rate), r.Rate < 0, r.Rate > MostRate, r.Rate > 0 && r.Rate < leastRate:
		return fmt.Errorf("%w rate %v: expected 0 for no limit, or %v to %.0f letters a second", stock.ErrInvalid, r.Rate, leastRate, MostRate)
	case r.StopAfter < 0:
		return fmt.Errorf("%w stop after %d: expected 0 for never, or more", stock.ErrInvalid, r.StopAfter)
	}
	return r.Who.validate(false)
}

// Replay makes a job that replays the chosen open letters; Run of this Desk works at it, or that of
// another one where this process dies. Errors: stock.ErrInvalid, letter.ErrNoLetters,
// letter.ErrTaken, ports.ErrTransient, ports.ErrUnknown; after the last two, and where ctx ended,
// there may be the job, which Jobs shows.
func (d *Desk) Replay(ctx context.Context, req ReplayRequest) (letter.JobStanding, error) {
	if err := req.validate(); err != nil {
		return letter.JobStanding{}, err
	}
	f, err := only(req.Filter, letter.Open)
	if err != nil {
		return letter.JobStanding{}, err
	}
	f.States = nil
	job := letter.Job{
		ID: d.world.NewID(), Filter: f, Bounds: req.Bounds, Rate: req.Rate, StopAfter: req.StopAfter, By: req.By, Why: req.Why,
	}
	var letters int
	err = d.consult(ctx, func(b *letter.Book) error { letters, err = d.admit(b, &job); return err })
	if err != nil {
		return letter.JobStanding{}, err
	}
	return d.make(ctx, job, letters)
}

// admit finds out whether there may be a job, and of how many letters it is to be.
func (d *Desk) admit(b *letter.Book, job *letter.Job) (int, error) {
	job.At = b.Moment(d.now())
	if err := untaken(b, job.Filter); err != nil {
		return 0, err
	}
	if len(job.Bounds) == 0 {
		job.Bounds = b.Bounds(job.Filter)
	}
	n := countBelow(b, job.Filter, job.Bounds)
	if n == 0 {
		return 0, letter.ErrNoLetters
	}
	return n, nil
}

// countBelow counts the chosen letters that lie below bounds.
func countBelow(b *letter.Book, f letter.Filter, bounds []letter.Place) int {
	n := 0
	for _, end := range bounds {
		if f.Topic != "" && f.Topic != end.Topic || f.Partition != nil && *f.Partition != end.Partition {
			continue
		}
		part, last := f, end.Offset-1
		if f.LastAt != nil {
			last = min(last, *f.LastAt)
		}
		part.Topic, part.Partition, part.LastAt = end.Topic, &end.Partition, &last
		n += b.Count(part)
	}
	return n
}

// untaken is letter.ErrTaken where jobs have some of the chosen letters; it names them.
func untaken(b *letter.Book, f letter.Filter) error {
	taken := b.Taken(f)
	if len(taken) == 0 {
		return nil
	}
	var jobs []string
	for id, n := range taken {
		jobs = append(jobs, fmt.Sprintf("%s has %d", id, n))
	}
	slices.Sort(jobs)
	return fmt.Errorf("%w: %s", letter.ErrTaken, strings.Join(jobs, ", "))
}

// asked is a job that is being made here.
type asked struct {
	met  bool  // its note was read back
	late error // others were first
}

// judge finds out whether jobs that come before one in the log have its letters, or had them. All
// who read the log find the same, so that of jobs that are made at the same moment one goes on.
func (d *Desk) judge(job letter.Job) {
	a := d.asked[job.ID]
	if a == nil || a.met {
		return
	}
	a.met, a.late = true, untaken(d.book, job.Filter)
	if a.late == nil && d.book.Count(job.Filter) == 0 {
		a.late = letter.ErrNoLetters
	}
}

// make writes the note of a job, and claims it unless another job was first.
func (d *Desk) make(ctx context.Context, job letter.Job, letters int) (letter.JobStanding, error) {
	a := new(asked)
	d.mu.Lock()
	d.asked[job.ID] = a
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		delete(d.asked, job.ID)
		d.mu.Unlock()
	}()
	who := Who{By: job.By, Why: job.Why}
	audit := d.audit("replay", who, textOf(job.Filter), letters)
	audit.Job = job.ID
	if err := d.write(ctx, job, audit); err != nil {
		return letter.JobStanding{}, err
	}
	if err := d.catchUpNotes(ctx); err != nil {
		return letter.JobStanding{}, err
	}
	if late := d.peek(func(*letter.Book) error { return a.late }); late != nil {
		audit := d.audit("job ended", who, late.Error(), 0)
		audit.Job = job.ID
		end := letter.JobEnd{Job: job.ID, Ending: letter.Cancelled, Says: late.Error(), At: d.now()}
		return letter.JobStanding{}, errors.Join(late, d.write(ctx, end, audit))
	}
	j, err := d.claim(ctx, job.ID, 0)
	if err != nil {
		return j, err
	}
	d.start(job.ID, j.Epoch)
	return j, nil
}

// Cancel ends a job: letters that it has begun come to their end, and the others stay as they
// are. Cancelling again does nothing. Errors: letter.ErrUnknownJob, letter.ErrSettled where it
// has ended, stock.ErrInvalid, ports.ErrTransient.
func (d *Desk) Cancel(ctx context.Context, id ledger.UUID, who Who) (j letter.JobStanding, err error) {
	if err := who.validate(false); err != nil {
		return j, err
	}
	err = d.consult(ctx, func(b *letter.Book) error { j, err = jobIn(b, id); return err })
	switch {
	case err != nil:
		return j, err
	case !j.Running():
		return j, fmt.Errorf("%w: job %s is %s", letter.ErrSettled, id, j.End.Ending)
	case j.Cancel != nil:
		return j, nil
	}
	audit := d.audit("cancel", who, "job "+id.String(), j.Tally.Letters-j.Tally.Done())
	audit.Job = id
	if err := d.write(ctx, letter.Cancel{Job: id, By: who.By, Why: who.Why, At: d.now()}, audit); err != nil {
		return j, err
	}
	d.stir(id)
	return d.Job(ctx, id)
}

// claim says that this process works at a job from now on, unless somebody else has said so since
// the job had an epoch, and reads back who was first. The standing tells who has it.
func (d *Desk) claim(ctx context.Context, id ledger.UUID, epoch int64) (j letter.JobStanding, err error) {
	if err := d.catchUpNotes(ctx); err != nil {
		return j, err
	}
	if err := d.peek(func(b *letter.Book) error { j, err = jobIn(b, id); return err }); err != nil {
		return j, err
	}
	if j.Running() && j.Epoch == epoch {
		err = d.patiently(ctx, func() error {
			return d.world.Notes.Append(ctx, []letter.Note{d.newClaim(id, epoch+1)})
		})
		if err != nil {
			return j, err
		}
	}
	err = d.consult(ctx, func(b *letter.Book) error { j, err = jobIn(b, id); return err })
	return j, err
}

func (d *Desk) newClaim(id ledger.UUID, epoch int64) letter.Claim {
	return letter.Claim{Job: id, Epoch: epoch, Runner: d.world.Runner, Attempt: d.world.NewID(), At: d.now()}
}
