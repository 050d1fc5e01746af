package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// letterJob is how a job stands. Source: the API's description.
type letterJob struct {
	ID        string        `json:"id"`
	State     string        `json:"state"`
	Filter    letterFilter  `json:"filter"`
	Bounds    []letterPlace `json:"bounds"`
	Rate      float64       `json:"rate,omitempty"`
	StopAfter int           `json:"stop_after,omitempty"`
	By        string        `json:"by"`
	Reason    string        `json:"reason,omitempty"`
	At        string        `json:"at"`
	Tally     letterTally   `json:"tally"`
	Epoch     int64         `json:"epoch"`
	Runner    string        `json:"runner,omitempty"`
	SeenAt    string        `json:"seen_at,omitempty"`
	Cancel    *struct {
		By     string `json:"by"`
		Reason string `json:"reason,omitempty"`
		At     string `json:"at"`
	} `json:"cancel,omitempty"`
	EndedAt string `json:"ended_at,omitempty"`
	Ending  string `json:"ending,omitempty"`
}

type letterPlace struct {
	Topic     string `json:"topic"`
	Partition int64  `json:"partition"`
	Offset    int64  `json:"offset"`
}

type letterTally struct {
	Letters    int `json:"letters"`
	Done       int `json:"done"`
	Applied    int `json:"applied"`
	Duplicate  int `json:"duplicate"`
	Superseded int `json:"superseded"`
	Failed     int `json:"failed"`
}

func (t letterTally) String() string {
	return fmt.Sprintf("%d applied, %d duplicate, %d superseded, %d failed", t.Applied, t.Duplicate, t.Superseded, t.Failed)
}

// which says in words what letters a job was made for.
func (f letterFilter) String() string {
	query, err := url.QueryUnescape(strings.ReplaceAll(f.query().Encode(), "&", " "))
	if err != nil || query == "" {
		return "all open letters"
	}
	return query
}

type dlqJobsCmd struct{}

func (dlqJobsCmd) run(ctx context.Context, to *client) (answer, error) {
	var list letterJobs
	err := to.ask(ctx, http.MethodGet, dlqPath+"/jobs", nil, nil, &list)
	return list, err
}

type letterJobs struct {
	Jobs []letterJob `json:"jobs"`
}

func (l letterJobs) text(out io.Writer) {
	if len(l.Jobs) == 0 {
		fmt.Fprintln(out, "no letters were ever replayed")
		return
	}
	table := newTable(out, "JOB\tSTATE\tDONE\tAPPLIED\tDUPLICATE\tSUPERSEDED\tFAILED\tBEGUN\tWHO\tWHY\tWHICH")
	for i := range l.Jobs {
		j := &l.Jobs[i]
		fmt.Fprintf(table, "%s\t%s\t%d/%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", j.ID, j.State, j.Tally.Done, j.Tally.Letters,
			j.Tally.Applied, j.Tally.Duplicate, j.Tally.Superseded, j.Tally.Failed, j.At, j.By, short(j.Reason), short(j.Filter.String()))
	}
	_ = table.Flush()
}

type dlqDescribeCmd struct {
	Job string `arg:"" help:"The job's id; jobs has it."`
}

func (c *dlqDescribeCmd) run(ctx context.Context, to *client) (answer, error) {
	return to.job(ctx, c.Job)
}

func (j letterJob) text(out io.Writer) {
	fmt.Fprintf(out, "job %s: %s%s\n", j.ID, j.State, after(": ", j.Ending))
	fmt.Fprintf(out, "  asked for by %s at %s%s\n", j.By, j.At, after(": ", j.Reason))
	fmt.Fprintf(out, "  letters   %s\n", j.Filter)
	fmt.Fprintf(out, "  done      %d of %d: %s\n", j.Tally.Done, j.Tally.Letters, j.Tally)
	if j.Rate > 0 {
		fmt.Fprintf(out, "  rate      %v letters a second at most\n", j.Rate)
	}
	if j.StopAfter > 0 {
		fmt.Fprintf(out, "  stops     when %d have failed\n", j.StopAfter)
	}
	if j.Runner != "" {
		fmt.Fprintf(out, "  process   %s, heard of at %s; %s took it up\n", j.Runner, j.SeenAt, numberOf(int(j.Epoch), "process"))
	}
	if j.Cancel != nil {
		fmt.Fprintf(out, "  cancelled by %s at %s%s\n", j.Cancel.By, j.Cancel.At, after(": ", j.Cancel.Reason))
	}
	if j.EndedAt != "" {
		fmt.Fprintf(out, "  ended     %s\n", j.EndedAt)
	}
	fmt.Fprintf(out, "`inventory dlq report %s` has each letter\n", j.ID)
}

// ended tells whether the job has.
func (j *letterJob) ended() bool { return j.EndedAt != "" }

type dlqCancelCmd struct {
	Job string `arg:"" help:"The job's id; jobs has it."`
	actFlags
}

func (c *dlqCancelCmd) run(ctx context.Context, to *client) (answer, error) {
	var j letterJob
	body := struct {
		Reason string `json:"reason,omitempty"`
	}{c.Reason}
	err := to.ask(ctx, http.MethodPost, jobPath(c.Job)+"/cancel", c.header(to), body, &j)
	return j, err
}

type dlqReportCmd struct {
	Job    string `arg:"" help:"The job's id; jobs has it."`
	Failed bool   `help:"Only letters that failed."`
}

func (c *dlqReportCmd) run(ctx context.Context, to *client) (answer, error) {
	job, err := to.job(ctx, c.Job)
	if err != nil {
		return nil, err
	}
	report := jobReport{Job: job, Fates: []letterFate{}}
	err = to.fates(ctx, c.Job, func(f letterFate) {
		if !c.Failed || f.Outcome == outcomeFailed {
			report.Fates = append(report.Fates, f)
		}
	})
	return report, err
}

// outcomeFailed is what became of a letter that stays open.
const outcomeFailed = "failed"

// fates hands over what a job found, letter by letter.
func (c *client) fates(ctx context.Context, job string, take func(letterFate)) error {
	return pages(0, func(after string, limit int) (int, string, error) {
		query := url.Values{"limit": {strconv.Itoa(limit)}}
		if after != "" {
			query.Set("after", after)
		}
		var page struct {
			Fates []letterFate `json:"fates"`
			Next  string       `json:"next"`
		}
		err := c.ask(ctx, http.MethodGet, jobPath(job)+"/report?"+query.Encode(), nil, nil, &page)
		for _, f := range page.Fates {
			take(f)
		}
		return len(page.Fates), page.Next, err
	})
}

// jobReport is what became of each letter of a job.
type jobReport struct {
	Job   letterJob    `json:"job"`
	Fates []letterFate `json:"fates"`
}

func (r jobReport) text(out io.Writer) {
	j := &r.Job
	fmt.Fprintf(out, "job %s: %s: %d of %s: %s\n", j.ID, j.State, j.Tally.Done, numberOf(j.Tally.Letters, "letter"), j.Tally)
	if len(r.Fates) == 0 {
		return
	}
	table := newTable(out, "LETTER\tORDER\tOUTCOME\tCODE\tTIME\tSAYS")
	for i := range r.Fates {
		f := &r.Fates[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", f.Letter, cmp.Or(printable(f.OrderID), unknown), f.Outcome, cmp.Or(f.Code, unknown), f.At, short(f.Says))
	}
	_ = table.Flush()
	printProof(out, r.Fates)
}

// printProof says how what a job did is seen.
func printProof(out io.Writer, fates []letterFate) {
	for i := range fates {
		if order := fates[i].OrderID; order != "" {
			fmt.Fprintf(out, "`inventory why %s` proves it for its order, and so on\n", order)
			return
		}
	}
}
