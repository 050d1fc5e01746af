package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"

	"inventory/app/letters"
	"inventory/domain/ledger"
	"inventory/domain/letter"
)

// rehearsalRequest asks what letters would do now.
type rehearsalRequest struct {
	Filter letterFilterRequest `json:"filter" doc:"Which letters; {}: all that are open."`
	After  *string             `json:"after,omitempty" nullable:"true" format:"uuid" doc:"The next of the page before."`
	Limit  *int64              `json:"limit,omitempty" nullable:"true" minimum:"1" maximum:"10000" doc:"Letters of the page at most. Default: 100. Sums and moves are of all letters."`
}

// rehearsal is what letters would do now, one after the other. Nothing was changed.
type rehearsal struct {
	At      string            `json:"at" format:"date-time"`
	Total   int               `json:"total" doc:"Letters that are chosen, and that no job has."`
	Sums    []rehearsalSum    `json:"sums" nullable:"false" doc:"Of all letters, the largest first."`
	Moves   []letterMove      `json:"moves" nullable:"false" doc:"How stock would change by all letters together."`
	Taken   []lettersTaken    `json:"taken" nullable:"false" doc:"Letters that jobs have which run, and that are left out."`
	Bounds  []letterPlace     `json:"bounds" nullable:"false" doc:"Up to where the logs were read: a job with these takes no letter that came later."`
	Letters []rehearsedLetter `json:"letters" nullable:"false" doc:"Those of the page."`
	Next    string            `json:"next,omitzero" format:"uuid" doc:"What to give as after for the next page. Absent: this is the last one."`
}

// rehearsalSum is how many letters would have an outcome.
type rehearsalSum struct {
	Topic   string `json:"topic"`
	Code    string `json:"code" doc:"That they died of."`
	Outcome string `json:"outcome" doc:"applied, duplicate, superseded or failed; more may come."`
	Again   string `json:"again,omitzero" doc:"Code of the failure, where the outcome is failed."`
	Letters int    `json:"letters"`
}

// lettersTaken is how many letters a job has.
type lettersTaken struct {
	Job     string `json:"job" format:"uuid"`
	Letters int    `json:"letters"`
}

// rehearsedLetter is a letter and what it would do now.
type rehearsedLetter struct {
	Letter letterEntry   `json:"letter"`
	Would  letterVerdict `json:"would"`
}

// letterPlaceRequest is a place in a log of dead letters.
type letterPlaceRequest struct {
	Topic     string `json:"topic" doc:"Of the records that died."`
	Partition int64  `json:"partition" minimum:"0" maximum:"2147483647"`
	Offset    int64  `json:"offset" minimum:"0" doc:"The letters before it are meant."`
}

// letterPlace is a place in a log of dead letters.
type letterPlace letterPlaceRequest

func newLetterPlaces(list []letter.Place) []letterPlace {
	told := make([]letterPlace, 0, len(list))
	for _, p := range list {
		told = append(told, letterPlace{p.Topic, int64(p.Partition), p.Offset})
	}
	return told
}

func (a *API) rehearse(ctx context.Context, c *call) (reply, error) {
	var q rehearsalRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	chosen, page := q.Filter.read(&c.faults, "body.filter"), letters.Page{}
	if q.After != nil {
		page.After = readUUID(&c.faults, "body.after", *q.After)
	}
	if q.Limit != nil {
		page.Limit = readLimit(&c.faults, "body.limit", fmt.Sprint(*q.Limit))
	}
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.options.Letters.Rehearse(ctx, chosen, page)
	if err != nil {
		return reply{}, err
	}
	return ok(newRehearsal(&found))
}

func newRehearsal(r *letters.Rehearsed) rehearsal {
	told := rehearsal{
		At: instant(r.At), Total: r.Total, Sums: []rehearsalSum{}, Moves: newLetterMoves(r.Moves), Taken: []lettersTaken{},
		Bounds: newLetterPlaces(r.Bounds), Letters: make([]rehearsedLetter, 0, len(r.Letters)),
	}
	for _, s := range r.Sums {
		told.Sums = append(told.Sums, rehearsalSum(s))
	}
	for job, n := range r.Taken {
		told.Taken = append(told.Taken, lettersTaken{job.String(), n})
	}
	slices.SortFunc(told.Taken, func(a, b lettersTaken) int { return cmp.Compare(a.Job, b.Job) })
	for i := range r.Letters {
		told.Letters = append(told.Letters, rehearsedLetter{newLetterEntry(&r.Letters[i].Entry), newLetterVerdict(r.Letters[i].Would)})
	}
	if n := len(r.Letters); r.More && n > 0 {
		told.Next = r.Letters[n-1].ID.String()
	}
	return told
}

// replayRequest asks for a job that replays letters.
type replayRequest struct {
	Filter    letterFilterRequest  `json:"filter" doc:"Which letters; {}: all that are open."`
	Bounds    []letterPlaceRequest `json:"bounds,omitempty" nullable:"true" maxItems:"1000" doc:"As a rehearsal had them: no letter that came later is taken. Default: all letters that there are now."`
	Rate      *float64             `json:"rate,omitempty" nullable:"true" minimum:"0" doc:"Letters a second at most. Default: no limit."`
	StopAfter *int64               `json:"stop_after,omitempty" nullable:"true" minimum:"0" maximum:"1000000000" doc:"The job stops when this many letters have failed. Default: never."`
	Reason    *string              `json:"reason,omitempty" nullable:"true" doc:"Why, for people: at most 512 bytes, no control characters."`
}

func (a *API) replayLetters(ctx context.Context, c *call) (reply, error) {
	var q replayRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	asked := letters.ReplayRequest{
		Who: c.who(q.Reason, false), Filter: q.Filter.read(&c.faults, "body.filter"), Bounds: readPlaces(&c.faults, q.Bounds),
		Rate: given(q.Rate), StopAfter: int(given(q.StopAfter)),
	}
	if asked.Rate < 0 {
		c.faults.add("body.rate", fmt.Sprintf("%v: expected 0, for no limit, or more", asked.Rate))
	}
	if n := given(q.StopAfter); n < 0 || n > 1_000_000_000 {
		c.faults.add("body.stop_after", fmt.Sprintf("%d: expected 0, for never, to 1000000000", n))
	}
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	made, err := a.options.Letters.Replay(ctx, asked)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: newLetterJob(&made), location: "/admin/dlq/jobs/" + made.ID.String()}, nil
}

func readPlaces(f *faults, list []letterPlaceRequest) []letter.Place {
	var read []letter.Place
	for i, p := range list {
		if p.Partition < 0 || p.Partition > math.MaxInt32 {
			f.add(fmt.Sprintf("body.bounds[%d].partition", i), fmt.Sprintf("%d: expected 0 to %d", p.Partition, math.MaxInt32))
			continue
		}
		read = append(read, letter.Place{Topic: p.Topic, Partition: int32(p.Partition), Offset: p.Offset})
	}
	return read
}

// job asks something whose answer is a job.
func (c *call) job(ask func(id ledger.UUID) (letter.JobStanding, error)) (reply, error) {
	id := c.id("job_id")
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := ask(id)
	if err != nil {
		return reply{}, err
	}
	return ok(newLetterJob(&found))
}

func (a *API) readJob(ctx context.Context, c *call) (reply, error) {
	return c.job(func(id ledger.UUID) (letter.JobStanding, error) { return a.options.Letters.Job(ctx, id) })
}

func (a *API) cancelJob(ctx context.Context, c *call) (reply, error) {
	var q reasonRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	who := c.who(q.Reason, false)
	return c.job(func(id ledger.UUID) (letter.JobStanding, error) { return a.options.Letters.Cancel(ctx, id, who) })
}

func (a *API) listJobs(ctx context.Context, c *call) (reply, error) {
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.options.Letters.Jobs(ctx)
	if err != nil {
		return reply{}, err
	}
	told := letterJobs{Jobs: make([]letterJob, 0, len(found))}
	for i := range found {
		told.Jobs = append(told.Jobs, newLetterJob(&found[i]))
	}
	return ok(told)
}

func (a *API) reportJob(ctx context.Context, c *call) (reply, error) {
	id, page := c.id("job_id"), c.page()
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, more, err := a.options.Letters.Report(ctx, id, page)
	if err != nil {
		return reply{}, err
	}
	told := jobReport{Job: id.String(), Fates: newLetterFates(found)}
	if n := len(found); more && n > 0 {
		told.Next = found[n-1].Letter.String()
	}
	return ok(told)
}
