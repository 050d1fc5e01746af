package letters

import (
	"context"
	"fmt"

	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/letter"
)

// Groups gives how the groups of the chosen letters stand, the largest first. Errors:
// stock.ErrInvalid, ports.ErrTransient.
func (d *Desk) Groups(ctx context.Context, f letter.Filter) (all []letter.GroupStanding, err error) {
	if err := checkFilter(f); err != nil {
		return nil, err
	}
	err = d.consult(ctx, func(b *letter.Book) error { all = b.Groups(f); return nil })
	return all, err
}

// List gives a part of the chosen letters, in the order in which they are replayed. Errors:
// stock.ErrInvalid, ports.ErrTransient.
func (d *Desk) List(ctx context.Context, f letter.Filter, p Page) (t Listed, err error) {
	n, err := p.limit()
	if err != nil {
		return t, err
	}
	if err := checkFilter(f); err != nil {
		return t, err
	}
	err = d.consult(ctx, func(b *letter.Book) error {
		t.Letters, t.More = b.List(f, p.After, n)
		t.Total = b.Count(f)
		return nil
	})
	return t, err
}

// Jobs gives all jobs, the oldest first. Errors: ports.ErrTransient.
func (d *Desk) Jobs(ctx context.Context) (all []letter.JobStanding, err error) {
	err = d.consult(ctx, func(b *letter.Book) error { all = b.Jobs(); return nil })
	return all, err
}

// Job finds a job. Errors: letter.ErrUnknownJob, ports.ErrTransient.
func (d *Desk) Job(ctx context.Context, id ledger.UUID) (j letter.JobStanding, err error) {
	err = d.consult(ctx, func(b *letter.Book) error { j, err = jobIn(b, id); return err })
	return j, err
}

func jobIn(b *letter.Book, id ledger.UUID) (letter.JobStanding, error) {
	j, ok := b.Job(id)
	if !ok {
		return j, fmt.Errorf("%w: %s", letter.ErrUnknownJob, id)
	}
	return j, nil
}

// Report gives a part of what a job found for each letter; more says that there is another
// part. Errors: stock.ErrInvalid, letter.ErrUnknownJob, ports.ErrTransient.
func (d *Desk) Report(ctx context.Context, id ledger.UUID, p Page) (fates []letter.Fate, more bool, err error) {
	n, err := p.limit()
	if err != nil {
		return nil, false, err
	}
	err = d.consult(ctx, func(b *letter.Book) error {
		if _, err := jobIn(b, id); err != nil {
			return err
		}
		fates, more = b.Report(id, p.After, n)
		return nil
	})
	return fates, more, err
}

// Audits gives the records of acts, oldest first. Errors: ports.ErrTransient.
func (d *Desk) Audits(ctx context.Context) (all []letter.Audit, err error) {
	err = d.consult(ctx, func(b *letter.Book) error { all = b.Audits(); return nil })
	return all, err
}

func letterIn(b *letter.Book, id ledger.UUID) (letter.Entry, error) {
	e, ok := b.Letter(id)
	if !ok {
		return e, fmt.Errorf("%w: %s", letter.ErrUnknownLetter, id)
	}
	return e, nil
}

// Show gives all that is known of a letter; one that its log has no more is undecoded. Errors:
// letter.ErrUnknownLetter, ports.ErrTransient.
func (d *Desk) Show(ctx context.Context, id ledger.UUID) (s Shown, err error) {
	err = d.consult(ctx, func(b *letter.Book) error {
		if s.Entry, err = letterIn(b, id); err != nil {
			return err
		}
		s.Fates = b.Fates(id)
		return nil
	})
	if err != nil {
		return Shown{}, err
	}
	all, err := d.fetch(ctx, []letter.Entry{s.Entry})
	if err != nil {
		return Shown{}, err
	}
	s.Letter, s.Undecoded = all[0].letter, all[0].lost
	if s.Undecoded == nil {
		s.Event, s.Undecoded = d.world.Text.Text(ctx, s.Topic, s.Letter.Value)
	}
	read := d.decode(ctx, &all[0])
	would, err := act(ctx, d.world.Handler.NewRehearsal(), &read)
	s.Would = verdictOf(&read, would, err)
	s.Story, s.NoStory = d.world.Handler.Why(ctx, app.WhyRequest{Subject: read.order(), As: app.OrderSubject})
	return s, context.Cause(ctx)
}
