package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// follower shows how far a job is, until it has ended.
type follower struct {
	out   io.Writer
	bar   bool // on a terminal, else a line every now and then
	quiet bool
	begun time.Time
	from  int // letters that were done when it began to look
	told  time.Time
}

func newFollower(p *program) *follower {
	return &follower{out: p.stderr, bar: isTerminal(p.stderr), quiet: p.json, begun: time.Now()}
}

// How often a job is asked after, and told of.
const (
	firstLook = 50 * time.Millisecond
	lookEvery = 500 * time.Millisecond
	lineEvery = 2 * time.Second
)

// followPatience is how long a service may be away that a job is asked of: another process goes on
// with it meanwhile.
const followPatience = time.Minute

// follow waits until the job has ended. Whoever does not want to wait leaves it running.
func (f *follower) follow(ctx context.Context, to *client, job letterJob) (letterJob, error) {
	f.from, f.told = job.Tally.Done, f.begun
	wait, heard := firstLook, time.Now()
	for !job.ended() {
		select {
		case <-ctx.Done():
			f.endBar()
			return job, left(context.Cause(ctx), job.ID)
		case <-time.After(wait):
		}
		wait = min(2*wait, lookEvery)
		now, err := to.job(ctx, job.ID)
		switch {
		case err == nil:
			job, heard = now, time.Now()
			f.tell(&job)
		case ctx.Err() == nil && (exitCode(err) != exitRetry || time.Since(heard) > followPatience):
			return job, left(err, job.ID)
		}
	}
	f.endBar()
	return job, nil
}

// errLeft is of a job that goes on without being followed.
var errLeft = errors.New("the job goes on by itself")

// left says how a job is found again.
func left(why error, job string) error {
	return fmt.Errorf("%w: %w\n`inventory dlq describe %s` says how far it is\n`inventory dlq cancel %s` ends it", why, errLeft, job, job)
}

// tell shows how far the job is.
func (f *follower) tell(j *letterJob) {
	if f.quiet || !f.bar && !j.ended() && time.Since(f.told) < lineEvery {
		return
	}
	f.told = time.Now()
	line := f.line(j, time.Since(f.begun))
	if f.bar {
		fmt.Fprintf(f.out, "\r\x1b[K%s %s", bar(j.Tally), line)
		return
	}
	fmt.Fprintln(f.out, line)
}

// line tells it in words, after a time of looking.
func (f *follower) line(j *letterJob, took time.Duration) string {
	line := fmt.Sprintf("%d/%d", j.Tally.Done, j.Tally.Letters)
	rate := float64(j.Tally.Done-f.from) / took.Seconds()
	if rate > 0 {
		line += fmt.Sprintf(", %.0f/s", rate)
	}
	line += ": " + j.Tally.String()
	if left := j.Tally.Letters - j.Tally.Done; left > 0 && rate > 0 {
		line += fmt.Sprintf("; %s left", time.Duration(float64(left)/rate*float64(time.Second)).Round(time.Second))
	}
	if j.State != "running" {
		line += "; " + j.State
	}
	return line
}

// barWidth is a bar's, in characters.
const barWidth = 30

func bar(t letterTally) string {
	n := barWidth
	if t.Letters > 0 {
		n = min(barWidth, barWidth*t.Done/t.Letters)
	}
	return "[" + strings.Repeat("#", n) + strings.Repeat(".", barWidth-n) + "]"
}

func (f *follower) endBar() {
	if f.bar && !f.quiet {
		fmt.Fprintln(f.out)
	}
}

// closingReport is what came of a job, in short.
type closingReport struct {
	job   letterJob
	again map[string]int // letters that failed, by code
	proof []letterFate   // the first letter with an order that was applied
}

func (c *closingReport) take(f letterFate) {
	if f.Outcome == outcomeFailed {
		c.again[f.Code]++
	} else if len(c.proof) == 0 && f.OrderID != "" {
		c.proof = append(c.proof, f)
	}
}

func (c *closingReport) text(out io.Writer) {
	j := &c.job
	fmt.Fprintf(out, "job %s: %s%s: %d of %s: %s\n", j.ID, j.State, after(": ", j.Ending), j.Tally.Done, numberOf(j.Tally.Letters, "letter"), j.Tally)
	for _, code := range slices.Sorted(maps.Keys(c.again)) {
		fmt.Fprintf(out, "  %d stay open, as %s: docs/runbooks/dlq-%s.md\n", c.again[code], code, code)
	}
	fmt.Fprintf(out, "`inventory dlq report %s` has each letter\n", j.ID)
	printProof(out, c.proof)
}
