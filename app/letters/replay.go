package letters

import (
	"context"
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
// letter.ErrTaken, ports.ErrTransient; after ports.ErrUnknown, and where ctx ended, there may be
// the job.
func (d *Desk) Replay(ctx context.Context, req ReplayRequest) (letter.JobStanding, error) {
	if err := req.validate(); err != nil {
		return letter.JobStanding{}, err
	}
	f, err := only(letter.Open, req.Filter)
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
	audit := d.audit("replay", req.Who, textOf(f), letters)
	audit.Job = job.ID
	if err := d.write(ctx, job, audit); err != nil {
		return letter.JobStanding{}, err
	}
	return d.begin(ctx, job)
}

// admit finds out whether there may be a job, and of how many letters it is to be.
func (d *Desk) admit(b *letter.Book, job *letter.Job) (int, error) {
	job.At = b.Moment(d.now())
	if err := untaken(b, job.Filter); err != nil {
		return 0, err
	}
	n := b.Count(job.Filter)
	if len(job.Bounds) == 0 {
		job.Bounds = b.Bounds(job.Filter)
	} else {
		n = countBelow(b, job.Filter, job.Bounds)
	}
	if n == 0 {
		return 0, letter.ErrNoLetters
	}
	return n, nil
}

func countBelow(b *letter.Book, f letter.Filter, bounds []letter.Place) int {
	n := 0
	var after ledger.UUID
	for more := true; more; {
		var entries []letter.Entry
		entries, more = b.List(f, after, listed)
		for i := range entries {
			if below(bounds, entries[i].Place) {
				n++
			}
			after = entries[i].ID
		}
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

// begin claims a job that was just made, and has Run work at it. Another job may have been made
// for the same letters at the same moment: the first one in the log has them.
func (d *Desk) begin(ctx context.Context, job letter.Job) (letter.JobStanding, error) {
	j, err := d.claim(ctx, job.ID)
	if err != nil {
		return j, err
	}
	var taken error
	err = d.peek(func(b *letter.Book) error {
		if j.Tally.Letters == 0 {
			taken = untaken(b, job.Filter)
		}
		return nil
	})
	if taken != nil {
		end := letter.JobEnd{Job: job.ID, Ending: letter.Cancelled, Says: taken.Error(), At: d.now()}
		if err := d.write(ctx, end); err != nil {
			return j, err
		}
		return j, taken
	}
	d.start(job.ID, j.Epoch)
	return j, err
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

// claim says that this process works at a job, and reads back whether it is the first to say
// so. The standing tells who has it.
func (d *Desk) claim(ctx context.Context, id ledger.UUID) (j letter.JobStanding, err error) {
	if err := d.catchUpNotes(ctx); err != nil {
		return j, err
	}
	if err := d.peek(func(b *letter.Book) error { j, err = jobIn(b, id); return err }); err != nil {
		return j, err
	}
	if j.Running() {
		err = d.patiently(ctx, func() error {
			return d.world.Notes.Append(ctx, []letter.Note{d.newClaim(id, j.Epoch+1)})
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
