package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// dlqCmd are the commands about dead letters.
type dlqCmd struct {
	Output string `default:"text" enum:"text,json" help:"How the answer is printed: text, or json as with --json."`

	Groups   dlqGroupsCmd   `cmd:"" help:"Show what letters died of: each line is one cause, with how many, since when, a sample, and its runbook."`
	List     dlqListCmd     `cmd:"" help:"Show letters, oldest first."`
	Show     dlqShowCmd     `cmd:"" help:"Show all that is known of a letter: its event, why it died, its order's story, and what it would do now."`
	Replay   dlqReplayCmd   `cmd:"" help:"Say what letters would do now, and have them do it. Safe to run again."`
	Edit     dlqEditCmd     `cmd:"" help:"Write a letter that stands for another one, checked against the schema; the other one is kept."`
	Discard  dlqDiscardCmd  `cmd:"" help:"Put letters away that are not wanted any more."`
	Restore  dlqRestoreCmd  `cmd:"" help:"Take letters back that were put away."`
	Export   dlqExportCmd   `cmd:"" help:"Write letters with their bytes, a line of JSON each."`
	Import   dlqImportCmd   `cmd:"" help:"Put letters in as export writes them. Safe to run again."`
	Jobs     dlqJobsCmd     `cmd:"" help:"Show the jobs that replay, or replayed, letters, and how far they are."`
	Describe dlqDescribeCmd `cmd:"" help:"Show a job: who, why, what of, how far."`
	Cancel   dlqCancelCmd   `cmd:"" help:"End a job early; what it has not come to stays open."`
	Report   dlqReportCmd   `cmd:"" help:"Show what became of each letter of a job."`
	Audit    dlqAuditCmd    `cmd:"" help:"Show who did what with letters, when and why."`
}

// letterFlags choose letters: those that fit all that is given.
type letterFlags struct {
	ID          []string `name:"id" placeholder:"LETTER" help:"Letters with one of these ids, with commas between."`
	Topic       string   `placeholder:"NAME" help:"Of records of this topic."`
	Group       string   `placeholder:"ID" help:"Of this line of groups."`
	Code        string   `placeholder:"CODE" help:"That died of this."`
	Key         string   `placeholder:"TEXT" help:"Of records with this key."`
	Order       string   `placeholder:"ORDER" help:"About this order."`
	Schema      *int64   `placeholder:"ID" help:"Written with this schema of the registry."`
	From        string   `placeholder:"TIME" help:"Buried then or later: 2026-03-02T08:15:30Z (RFC 3339), or 2h for two hours ago."`
	Until       string   `placeholder:"TIME" help:"Buried before."`
	Partition   *int32   `placeholder:"N" help:"In this partition of the topic of dead letters."`
	FirstOffset *int64   `placeholder:"N" help:"At this offset there or a later one."`
	LastOffset  *int64   `placeholder:"N" help:"At this offset there or an earlier one."`
	State       []string `placeholder:"STATE" help:"open, applied, duplicate, superseded, discarded, edited, or all. Default: what the command is for, mostly open."`
}

// letterFilter is a filter as the API has it.
type letterFilter struct {
	ID          []string `json:"id,omitempty"`
	Topic       string   `json:"topic,omitempty"`
	Group       string   `json:"group,omitempty"`
	Code        string   `json:"code,omitempty"`
	Key         string   `json:"key,omitempty"`
	OrderID     string   `json:"order_id,omitempty"`
	Schema      *int64   `json:"schema,omitempty"`
	From        string   `json:"from,omitempty"`
	Until       string   `json:"until,omitempty"`
	Partition   *int32   `json:"partition,omitempty"`
	FirstOffset *int64   `json:"first_offset,omitempty"`
	LastOffset  *int64   `json:"last_offset,omitempty"`
	State       []string `json:"state,omitempty"`
}

// allStates are the states that letters have.
var allStates = []string{"open", "applied", "duplicate", "superseded", "discarded", "edited"}

func (f *letterFlags) filter() letterFilter {
	chosen := letterFilter{
		ID: f.ID, Topic: f.Topic, Group: f.Group, Code: f.Code, Key: f.Key, OrderID: f.Order, Schema: f.Schema,
		From: moment(f.From), Until: moment(f.Until), Partition: f.Partition, FirstOffset: f.FirstOffset, LastOffset: f.LastOffset, State: f.State,
	}
	if slices.Contains(f.State, "all") {
		chosen.State = allStates
	}
	return chosen
}

// given tells whether anything narrows the letters down.
func (f *letterFlags) given() bool {
	return len(f.ID) > 0 || f.Topic+f.Group+f.Code+f.Key+f.Order+f.From+f.Until != "" || f.Schema != nil || f.Partition != nil || f.FirstOffset != nil || f.LastOffset != nil
}

// moment turns a time that is said as ago into one that the API takes.
func moment(text string) string {
	if ago, err := time.ParseDuration(text); err == nil {
		return time.Now().Add(-ago).UTC().Format(time.RFC3339)
	}
	return text
}

// query gives the filter for a URL.
func (f letterFilter) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{
		"topic": f.Topic, "group": f.Group, "code": f.Code, "key": f.Key, "order_id": f.OrderID, "from": f.From, "until": f.Until,
		"schema": text(f.Schema), "partition": text(f.Partition), "first_offset": text(f.FirstOffset), "last_offset": text(f.LastOffset),
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for _, id := range f.ID {
		q.Add("id", id)
	}
	for _, state := range f.State {
		q.Add("state", state)
	}
	return q
}

func text[T int32 | int64](n *T) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(int64(*n), 10)
}

// actFlags say who acts and why.
type actFlags struct {
	Reason string `placeholder:"TEXT" help:"Why, for people."`
	Actor  string `placeholder:"NAME" help:"Who. Default: the system's user."`
}

func (a *actFlags) header(c *client) header {
	return header{"Inventory-Actor": cmp.Or(a.Actor, c.actor)}
}

// dlqPath is where the API has letters.
const dlqPath = "/admin/dlq"

// patient gives a client for what reads or writes many letters: the service bounds it.
func (p *program) patient() (*client, error) {
	c, err := p.client()
	if err == nil {
		c.http.Timeout = 0
	}
	return c, err
}

// pages reads a list page by page. read gives what to go on after; empty ends it.
func pages(most int, read func(after string, limit int) (n int, next string, err error)) error {
	const page = 5000
	after := ""
	for {
		limit := page
		if most > 0 {
			limit = min(page, most)
		}
		n, next, err := read(after, limit)
		if err != nil || next == "" || most > 0 && n >= most {
			return err
		}
		if most > 0 {
			most -= n
		}
		after = next
	}
}

// jobPath is where the API has a job.
func jobPath(id string) string { return dlqPath + "/jobs/" + seg(id) }

func (c *client) job(ctx context.Context, id string) (letterJob, error) {
	var j letterJob
	err := c.ask(ctx, http.MethodGet, jobPath(id), nil, nil, &j)
	return j, err
}

// numberOf says a number of things.
func numberOf(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
