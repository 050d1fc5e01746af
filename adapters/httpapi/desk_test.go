package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"inventory/app"
	"inventory/app/letters"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// desk is a desk of letters in memory: it keeps books as the real one does, and knows no
// stock, so that what letters would do is fixed.
type desk struct {
	book  *letter.Book
	bytes map[ledger.UUID]letter.Letter
	asked []any // requests, as they came
}

var deskAt = time.Date(2026, 3, 2, 8, 15, 30, 250e6, time.UTC)

// newDesk has the letter, and the job, of the document's examples.
func newDesk() *desk {
	d := &desk{book: letter.NewBook(), bytes: map[ledger.UUID]letter.Letter{}}
	d.bury(letter.Letter{
		Meta: letter.Meta{
			ID: id(exampleLetterID), Place: letter.Place{Topic: exampleTopic, Partition: 3, Offset: 17}, BuriedAt: deskAt,
			Origin: letter.Origin{Partition: 3, Offset: 4711, Timestamp: deskAt.Add(-time.Minute), Group: "inventory", Handler: exampleTopic},
			Key:    exampleID, Code: exampleCode, Error: exampleError, Attempts: 58, FirstFailure: deskAt.Add(-time.Hour), LastFailure: deskAt, Schema: 7,
		},
		Value: []byte("\x00\x00\x00\x00\x07\xff"), HasKey: true,
		Headers: []letter.Header{{Key: "source", Value: []byte("checkout")}, {Key: "raw", Value: []byte{0xff}}, {Key: "none"}},
	})
	d.book.Take(letter.Job{ID: id(exampleJobID), By: "anna", At: deskAt, Filter: letter.Filter{Code: "NONE"}})
	return d
}

func id(text string) ledger.UUID {
	u, err := ledger.ParseUUID(text)
	if err != nil {
		panic(err)
	}
	return u
}

func (d *desk) bury(l letter.Letter) {
	l.Size = len(l.Value)
	d.book.Bury(l.Meta)
	d.bytes[l.ID] = l
}

func (d *desk) Groups(_ context.Context, f letter.Filter) ([]letter.GroupStanding, error) {
	d.asked = append(d.asked, f)
	return d.book.Groups(f), nil
}

func (d *desk) List(_ context.Context, f letter.Filter, p letters.Page) (letters.Listed, error) {
	d.asked = append(d.asked, f, p)
	limit := p.Limit
	if limit == 0 {
		limit = letters.DefaultPage
	}
	list, more := d.book.List(f, p.After, limit)
	return letters.Listed{Letters: list, More: more, Total: d.book.Count(f)}, nil
}

func (d *desk) Show(_ context.Context, one ledger.UUID) (letters.Shown, error) {
	e, ok := d.book.Letter(one)
	if !ok {
		return letters.Shown{}, fmt.Errorf("%w %s", letter.ErrUnknownLetter, one)
	}
	return letters.Shown{
		Entry: e, Letter: d.bytes[one], Undecoded: fmt.Errorf("%w: no Avro", ports.ErrUnreadable), NoStory: reservation.ErrUnknownOrder,
		Would: letters.Verdict{Outcome: letter.Failed, Code: "UNREADABLE", Says: "no Avro"},
	}, nil
}

func (d *desk) Audits(context.Context) ([]letter.Audit, error) {
	return []letter.Audit{{ID: id(exampleJobID), Kind: "replay", By: "anna", Why: "night", What: "code UNAVAILABLE", Job: id(exampleJobID), Letters: 1, At: deskAt}}, nil
}

func (d *desk) Rehearse(_ context.Context, f letter.Filter, p letters.Page) (letters.Rehearsed, error) {
	d.asked = append(d.asked, f, p)
	moves := []app.Move{{SKU: "SKU-1", WarehouseID: "W1", OnHandBefore: 9, OnHandAfter: 9, HeldAfter: 2}}
	found := letters.Rehearsed{At: deskAt, Moves: moves, Bounds: d.book.Bounds(f), Taken: map[ledger.UUID]int{id(exampleJobID): 3}}
	list, more := d.book.List(f, p.After, max(p.Limit, 1))
	for _, e := range list {
		found.Letters = append(found.Letters, letters.RehearsedLetter{Entry: e, Would: letters.Verdict{Outcome: letter.Applied, Order: e.Key, Status: "HELD", Moves: moves}})
	}
	found.More, found.Total = more, d.book.Count(f)
	found.Sums = []letters.Sum{{Topic: exampleTopic, Code: exampleCode, Outcome: letter.Applied, Letters: found.Total}}
	return found, nil
}

func (d *desk) Replay(_ context.Context, r letters.ReplayRequest) (letter.JobStanding, error) {
	d.asked = append(d.asked, r)
	if d.book.Count(r.Filter) == 0 {
		return letter.JobStanding{}, letter.ErrNoLetters
	}
	job := letter.Job{ID: ledger.NewUUIDv5(ledger.Namespace, fmt.Sprint(len(d.asked))), Filter: r.Filter, Bounds: r.Bounds, Rate: r.Rate, StopAfter: r.StopAfter, By: r.By, Why: r.Why, At: deskAt}
	d.book.Take(job)
	found, _ := d.book.Job(job.ID)
	return found, nil
}

func (d *desk) Jobs(context.Context) ([]letter.JobStanding, error) { return d.book.Jobs(), nil }

func (d *desk) Job(_ context.Context, one ledger.UUID) (letter.JobStanding, error) {
	j, ok := d.book.Job(one)
	if !ok {
		return j, fmt.Errorf("%w %s", letter.ErrUnknownJob, one)
	}
	return j, nil
}

func (d *desk) Cancel(ctx context.Context, one ledger.UUID, who letters.Who) (letter.JobStanding, error) {
	d.book.Take(letter.Cancel{Job: one, By: who.By, Why: who.Why, At: deskAt})
	return d.Job(ctx, one)
}

func (d *desk) Report(_ context.Context, one ledger.UUID, p letters.Page) ([]letter.Fate, bool, error) {
	if _, ok := d.book.Job(one); !ok {
		return nil, false, fmt.Errorf("%w %s", letter.ErrUnknownJob, one)
	}
	fates, more := d.book.Report(one, p.After, max(p.Limit, 1))
	return fates, more, nil
}

func (d *desk) act(f letter.Filter, kind string, who letters.Who) int {
	d.asked = append(d.asked, f, who)
	list, _ := d.book.List(f, ledger.UUID{}, letters.MostPage)
	for _, e := range list {
		d.book.Take(letter.Act{Letter: e.ID, Kind: kind, By: who.By, Why: who.Why, At: deskAt})
	}
	return len(list)
}

func (d *desk) Discard(_ context.Context, f letter.Filter, who letters.Who) (int, error) {
	return d.act(f, letter.Discarded, who), nil
}

func (d *desk) Restore(_ context.Context, f letter.Filter, who letters.Who) (int, error) {
	return d.act(f, letter.Restored, who), nil
}

func (d *desk) Edit(_ context.Context, r letters.EditRequest) (letter.Entry, error) {
	d.asked = append(d.asked, r)
	e, ok := d.book.Letter(r.Letter)
	if !ok {
		return e, fmt.Errorf("%w %s", letter.ErrUnknownLetter, r.Letter)
	}
	e.EditOf, e.ID = e.ID, id(exampleEditID)
	return e, nil
}

func (d *desk) Export(_ context.Context, f letter.Filter, take func(letter.Entry, letter.Letter) error) error {
	list, _ := d.book.List(f, ledger.UUID{}, letters.MostPage)
	for _, e := range list {
		if err := take(e, d.bytes[e.ID]); err != nil {
			return err
		}
	}
	return nil
}

func (d *desk) Import(_ context.Context, who letters.Who, next func() (letter.Letter, error)) (letters.Imported, error) {
	d.asked = append(d.asked, who)
	var made letters.Imported
	for {
		l, err := next()
		if errors.Is(err, io.EOF) {
			return made, nil
		}
		if err != nil {
			return made, err
		}
		if _, known := d.bytes[l.ID]; known {
			made.Known++
			continue
		}
		d.bury(l)
		made.Letters++
	}
}

// at serves a desk.
func (d *desk) at(t testing.TB) *client { return serve(t, failing{}, Options{Letters: d}) }

// story has an order's story told.
type storied struct{ *desk }

func (s storied) Show(ctx context.Context, one ledger.UUID) (letters.Shown, error) {
	found, err := s.desk.Show(ctx, one)
	order := reservation.Order{ID: stock.OrderID(exampleID), Status: reservation.Held, PlannedAt: 1}
	found.Story = app.Why{Order: &app.OrderStory{Order: &order}}
	found.Undecoded, found.Event, found.NoStory = nil, exampleEvent, nil
	return found, err
}

// cutDesk exports letters, and fails after the first one.
type cutDesk struct{ *desk }

func (d *cutDesk) Export(ctx context.Context, f letter.Filter, take func(letter.Entry, letter.Letter) error) error {
	if err := d.desk.Export(ctx, f, take); err != nil {
		return err
	}
	return fmt.Errorf("%w: the brokers are away", ports.ErrTransient)
}
