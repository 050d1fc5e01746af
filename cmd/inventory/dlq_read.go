package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

type dlqGroupsCmd struct {
	letterFlags
}

func (c *dlqGroupsCmd) run(ctx context.Context, to *client) (answer, error) {
	var g letterGroups
	err := to.ask(ctx, http.MethodGet, dlqPath+"/groups?"+c.filter().query().Encode(), nil, nil, &g)
	return g, err
}

type letterGroups struct {
	Groups []struct {
		Group   string `json:"group"`
		Topic   string `json:"topic"`
		Code    string `json:"code"`
		Schema  *int64 `json:"schema,omitempty"`
		Shape   string `json:"shape"`
		Letters int    `json:"letters"`
		First   string `json:"first"`
		Last    string `json:"last"`
		Sample  string `json:"sample"`
		Class   string `json:"class,omitempty"`
		Runbook string `json:"runbook,omitempty"`
	} `json:"groups"`
	Letters int `json:"letters"`
}

func (g letterGroups) text(out io.Writer) {
	if len(g.Groups) == 0 {
		fmt.Fprintln(out, "no letters")
		return
	}
	table := newTable(out, "COUNT\tCODE\tTOPIC\tSCHEMA\tFIRST\tLAST\tSAMPLE\tGROUP")
	for _, one := range g.Groups {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", one.Letters, one.Code, one.Topic, number(one.Schema), one.First, one.Last, one.Sample, one.Group)
	}
	_ = table.Flush()
	fmt.Fprintln(out)
	for _, one := range g.Groups {
		fmt.Fprintf(out, "%s  %s\n          %s\n", one.Group, cmp.Or(one.Shape, "nothing says why"), cmp.Or(one.Runbook, "no runbook: the code is not one of this service's"))
	}
}

type dlqListCmd struct {
	letterFlags
	Limit int  `default:"100" placeholder:"N" help:"Letters at most. Default: 100."`
	All   bool `help:"All of them."`
}

func (c *dlqListCmd) run(ctx context.Context, to *client) (answer, error) {
	most := c.Limit
	if c.All {
		most = 0
	}
	list := letterList{Letters: []letterEntry{}}
	query := c.filter().query()
	err := pages(most, func(after string, limit int) (int, string, error) {
		if after != "" {
			query.Set("after", after)
		}
		query.Set("limit", strconv.Itoa(limit))
		var page letterList
		err := to.ask(ctx, http.MethodGet, dlqPath+"/letters?"+query.Encode(), nil, nil, &page)
		list.Letters, list.Total = append(list.Letters, page.Letters...), page.Total
		return len(page.Letters), page.Next, err
	})
	return list, err
}

type letterList struct {
	Letters []letterEntry `json:"letters"`
	Total   int           `json:"total"`
	Next    string        `json:"next,omitempty"`
}

func (l letterList) text(out io.Writer) {
	if len(l.Letters) == 0 {
		fmt.Fprintln(out, "no letters")
		return
	}
	table := newTable(out, "LETTER\tORDER\tCODE\tTOPIC\tPLACE\tBURIED\tSTATE\tFAILED\tGROUP\tERROR")
	for i := range l.Letters {
		e := &l.Letters[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", e.ID, cmp.Or(printable(e.Key), unknown), e.Code, e.Topic, e.place(), e.BuriedAt, e.stands(), e.Failures, e.Group, short(e.Error))
	}
	_ = table.Flush()
	if n := l.Total - len(l.Letters); n > 0 {
		fmt.Fprintf(out, "%d more: --all shows them\n", n)
	}
}

// letterEntry is a letter as it stands. Source: the API's description.
type letterEntry struct {
	ID        string `json:"id"`
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	BuriedAt  string `json:"buried_at"`
	Times     int    `json:"times"`
	Origin    struct {
		Partition int32  `json:"partition"`
		Offset    int64  `json:"offset"`
		Timestamp string `json:"timestamp,omitempty"`
		Group     string `json:"group,omitempty"`
		Handler   string `json:"handler,omitempty"`
	} `json:"origin"`
	Key          string      `json:"key"`
	Size         int         `json:"size"`
	Schema       *int64      `json:"schema,omitempty"`
	Code         string      `json:"code"`
	Error        string      `json:"error"`
	Attempts     int         `json:"attempts,omitempty"`
	FirstFailure string      `json:"first_failure,omitempty"`
	LastFailure  string      `json:"last_failure,omitempty"`
	Trace        string      `json:"trace,omitempty"`
	Version      string      `json:"version,omitempty"`
	EditOf       string      `json:"edit_of,omitempty"`
	Group        string      `json:"group"`
	State        string      `json:"state"`
	Job          string      `json:"job,omitempty"`
	Failures     int         `json:"failures"`
	Fate         *letterFate `json:"fate,omitempty"`
	Act          *letterAct  `json:"act,omitempty"`
}

type letterFate struct {
	Letter  string `json:"letter"`
	Job     string `json:"job"`
	Outcome string `json:"outcome"`
	Code    string `json:"code,omitempty"`
	Says    string `json:"says,omitempty"`
	OrderID string `json:"order_id,omitempty"`
	At      string `json:"at"`
}

type letterAct struct {
	Kind   string `json:"kind"`
	By     string `json:"by"`
	Reason string `json:"reason,omitempty"`
	At     string `json:"at"`
	Edit   string `json:"edit,omitempty"`
}

func (e *letterEntry) place() string { return fmt.Sprintf("%d/%d", e.Partition, e.Offset) }

// stands is the state, and whether a job has the letter.
func (e *letterEntry) stands() string {
	if e.Job != "" {
		return e.State + ", in a job"
	}
	return e.State
}

// maxShort bounds a text in a table, in characters.
const maxShort = 80

// short gives the beginning of a text, in one line.
func short(s string) string {
	words := []rune(strings.Join(strings.Fields(printable(s)), " "))
	if len(words) > maxShort {
		return string(words[:maxShort-1]) + "…"
	}
	return string(words)
}

// printable gives a text of somebody else's without what terminals obey.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || strconv.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}

type dlqAuditCmd struct{}

func (dlqAuditCmd) run(ctx context.Context, to *client) (answer, error) {
	var a letterAudits
	err := to.ask(ctx, http.MethodGet, dlqPath+"/audit", nil, nil, &a)
	return a, err
}

type letterAudits struct {
	Audits []struct {
		ID      string `json:"id"`
		At      string `json:"at"`
		Kind    string `json:"kind"`
		By      string `json:"by"`
		Reason  string `json:"reason,omitempty"`
		What    string `json:"what"`
		Job     string `json:"job,omitempty"`
		Letters int    `json:"letters"`
	} `json:"audits"`
}

func (a letterAudits) text(out io.Writer) {
	if len(a.Audits) == 0 {
		fmt.Fprintln(out, "nobody has done anything with letters")
		return
	}
	table := newTable(out, "TIME\tWHO\tDID\tLETTERS\tWHICH\tWHY\tJOB")
	for _, r := range a.Audits {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", r.At, r.By, r.Kind, r.Letters, short(r.What), short(r.Reason), r.Job)
	}
	_ = table.Flush()
}
