package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

type dlqReplayCmd struct {
	letterFlags
	DryRun    bool    `help:"Only say what the letters would do now."`
	Yes       bool    `help:"Don't ask."`
	Rate      float64 `placeholder:"N" help:"Letters a second at most. Default: no limit."`
	StopAfter int     `placeholder:"N" help:"Stop when this many letters have failed. Default: never."`
	All       bool    `help:"Show what each letter would do, not of the first 20 alone."`
	Detach    bool    `help:"Don't wait for the job."`
	actFlags
}

// shownLetters is how many letters of a rehearsal are shown.
const shownLetters = 20

// execute implements command.
func (c *dlqReplayCmd) execute(ctx context.Context, p *program) error {
	if c.DryRun && (c.Yes || c.Detach) {
		return fmt.Errorf("%w: --dry-run changes nothing: --yes and --detach don't go with it", errUsage)
	}
	to, err := p.patient()
	if err != nil {
		return err
	}
	defer to.http.CloseIdleConnections()
	found, err := c.rehearse(ctx, to)
	if err != nil {
		return err
	}
	if !p.json {
		found.text(p.stdout)
	}
	if found.Total == 0 || c.DryRun {
		return p.printJSON(replayed{Rehearsal: found})
	}
	if sure, err := c.sure(p, found.Total); err != nil || !sure {
		return err
	}
	job, err := c.begin(ctx, to, found.Bounds)
	if err != nil {
		return err
	}
	if c.Detach {
		if !p.json {
			fmt.Fprintf(p.stdout, "job %s\n`inventory dlq describe %s` says how far it is\n", job.ID, job.ID)
		}
		return p.printJSON(replayed{found, &job})
	}
	return c.finish(ctx, p, to, found, job)
}

// finish waits for the job, and says what came of it.
func (c *dlqReplayCmd) finish(ctx context.Context, p *program, to *client, found rehearsal, job letterJob) error {
	job, err := newFollower(p).follow(ctx, to, job)
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(replayed{found, &job})
	}
	closing := closingReport{job: job, again: map[string]int{}}
	if err := to.fates(ctx, job.ID, closing.take); err != nil {
		return err
	}
	closing.text(p.stdout)
	return nil
}

// rehearse finds out what the letters would do now.
func (c *dlqReplayCmd) rehearse(ctx context.Context, to *client) (rehearsal, error) {
	most := shownLetters
	if c.All {
		most = 0
	}
	var all rehearsal
	err := pages(most, func(after string, limit int) (int, string, error) {
		body := struct {
			Filter letterFilter `json:"filter"`
			After  string       `json:"after,omitempty"`
			Limit  int          `json:"limit"`
		}{c.filter(), after, limit}
		var page rehearsal
		if err := to.ask(ctx, http.MethodPost, dlqPath+"/rehearsal", nil, body, &page); err != nil {
			return 0, "", err
		}
		if after == "" {
			all = page
		} else {
			all.Letters = append(all.Letters, page.Letters...)
		}
		return len(page.Letters), page.Next, nil
	})
	all.Next = ""
	return all, err
}

// sure asks whoever sits at the terminal.
func (c *dlqReplayCmd) sure(p *program, n int) (bool, error) {
	if c.Yes {
		return true, nil
	}
	if p.json || !isTerminal(p.stdin) {
		return false, fmt.Errorf("%w: nobody is there to be asked: --yes replays them, --dry-run doesn't", errUsage)
	}
	fmt.Fprintf(p.stdout, "Replay these %s? [y/N] ", numberOf(n, "letter"))
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	if err != nil && line == "" {
		fmt.Fprintln(p.stdout)
	}
	if word := strings.ToLower(strings.TrimSpace(line)); word == "y" || word == "yes" {
		return true, nil
	}
	fmt.Fprintln(p.stdout, "nothing was done")
	return false, nil
}

// terminal is what a person may sit at; files tell themselves.
type terminal interface{ terminal() bool }

func isTerminal(of any) bool {
	switch of := of.(type) {
	case terminal:
		return of.terminal()
	case *os.File:
		info, err := of.Stat()
		return err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return false
}

// begin makes the job, of the letters that were rehearsed alone.
func (c *dlqReplayCmd) begin(ctx context.Context, to *client, bounds []letterPlace) (letterJob, error) {
	body := struct {
		Filter    letterFilter  `json:"filter"`
		Bounds    []letterPlace `json:"bounds"`
		Rate      float64       `json:"rate,omitempty"`
		StopAfter int           `json:"stop_after,omitempty"`
		Reason    string        `json:"reason,omitempty"`
	}{c.filter(), bounds, c.Rate, c.StopAfter, c.Reason}
	var j letterJob
	err := to.ask(ctx, http.MethodPost, dlqPath+"/jobs", c.header(to), body, &j)
	return j, err
}

// printJSON prints where JSON is asked for.
func (p *program) printJSON(value any) error {
	if !p.json {
		return nil
	}
	return writeLine(p.stdout, value)
}

// replayed is what replay says as JSON.
type replayed struct {
	Rehearsal rehearsal  `json:"rehearsal"`
	Job       *letterJob `json:"job,omitempty"`
}

// rehearsal is what letters would do now. Source: the API's description.
type rehearsal struct {
	At    string `json:"at"`
	Total int    `json:"total"`
	Sums  []struct {
		Topic   string `json:"topic"`
		Code    string `json:"code"`
		Outcome string `json:"outcome"`
		Again   string `json:"again,omitempty"`
		Letters int    `json:"letters"`
	} `json:"sums"`
	Moves []letterMove `json:"moves"`
	Taken []struct {
		Job     string `json:"job"`
		Letters int    `json:"letters"`
	} `json:"taken"`
	Bounds  []letterPlace `json:"bounds"`
	Letters []struct {
		Letter letterEntry   `json:"letter"`
		Would  letterVerdict `json:"would"`
	} `json:"letters"`
	Next string `json:"next,omitempty"`
}

func (r rehearsal) text(out io.Writer) {
	for _, t := range r.Taken {
		fmt.Fprintf(out, "job %s has %s of these already: `inventory dlq describe %s`\n", t.Job, numberOf(t.Letters, "letter"), t.Job)
	}
	if r.Total == 0 {
		fmt.Fprintln(out, "nothing to do: no open letter is chosen; `inventory dlq list --state all` shows what became of others")
		return
	}
	fmt.Fprintf(out, "rehearsed at %s, nothing is changed by that: %s\n\n", r.At, numberOf(r.Total, "letter"))
	table := newTable(out, "LETTERS\tTOPIC\tDIED OF\tNOW")
	for _, s := range r.Sums {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s%s\n", s.Letters, s.Topic, s.Code, s.Outcome, after(" as ", s.Again))
	}
	_ = table.Flush()
	if len(r.Moves) > 0 {
		fmt.Fprintln(out, "\nall together move")
		printMoves(out, r.Moves)
	} else {
		fmt.Fprintln(out, "\nno stock moves")
	}
	r.printLetters(out)
}

func (r rehearsal) printLetters(out io.Writer) {
	fmt.Fprintln(out)
	table := newTable(out, "LETTER\tORDER\tTOPIC\tNOW\tTHEN\tMOVES\tSAYS")
	for i := range r.Letters {
		e, v := &r.Letters[i].Letter, &r.Letters[i].Would
		fmt.Fprintf(table, "%s\t%s\t%s\t%s%s\t%s\t%s\t%s\n", e.ID, cmp.Or(printable(v.OrderID), printable(e.Key), unknown), e.Topic, v.Outcome, after(" as ", v.Code),
			cmp.Or(v.Status, unknown), cmp.Or(v.moves(), unknown), short(v.Says))
	}
	_ = table.Flush()
	if n := r.Total - len(r.Letters); n > 0 {
		fmt.Fprintf(out, "%d more: --all shows them\n", n)
	}
	fmt.Fprintln(out)
}

// moves tells how stock would change, in one line.
func (v *letterVerdict) moves() string {
	var parts []string
	for _, m := range v.Moves {
		part := m.SKU + "@" + m.WarehouseID
		if m.Before.OnHand != m.After.OnHand {
			part += " on hand " + step(m.Before.OnHand, m.After.OnHand)
		}
		if m.Before.Held != m.After.Held {
			part += " held " + step(m.Before.Held, m.After.Held)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}
