package httpapi

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"inventory/app/letters"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/stock"
)

// Letters is what the API needs of a desk of dead letters, whose methods say what they do and
// which errors they give.
type Letters interface {
	LetterReading
	LetterReplay
	LetterActs
	LetterFiles
}

// LetterReading tells what letters there are, and what became of them.
type LetterReading interface {
	Groups(context.Context, letter.Filter) ([]letter.GroupStanding, error)
	List(context.Context, letter.Filter, letters.Page) (letters.Listed, error)
	Show(context.Context, ledger.UUID) (letters.Shown, error)
	Audits(context.Context) ([]letter.Audit, error)
}

// LetterReplay is the jobs that replay letters.
type LetterReplay interface {
	Rehearse(context.Context, letter.Filter, letters.Page) (letters.Rehearsed, error)
	Replay(context.Context, letters.ReplayRequest) (letter.JobStanding, error)
	Jobs(context.Context) ([]letter.JobStanding, error)
	Job(context.Context, ledger.UUID) (letter.JobStanding, error)
	Cancel(context.Context, ledger.UUID, letters.Who) (letter.JobStanding, error)
	Report(context.Context, ledger.UUID, letters.Page) ([]letter.Fate, bool, error)
}

// LetterActs is what people do with letters.
type LetterActs interface {
	Discard(context.Context, letter.Filter, letters.Who) (int, error)
	Restore(context.Context, letter.Filter, letters.Who) (int, error)
	Edit(context.Context, letters.EditRequest) (letter.Entry, error)
}

// LetterFiles takes letters out, with their bytes, and in again.
type LetterFiles interface {
	Export(ctx context.Context, f letter.Filter, take func(letter.Entry, letter.Letter) error) error
	Import(ctx context.Context, who letters.Who, next func() (letter.Letter, error)) (letters.Imported, error)
}

var errNoReason = errors.New("missing: expected why, for people")

// who reads who acts, and why.
func (c *call) who(why *string, required bool) letters.Who {
	by := c.header(actorHeader, func(s string) error { return stock.CheckToken("actor", s) })
	if required && given(why) == "" {
		c.faults.check("body.reason", errNoReason)
	}
	c.faults.check("body.reason", stock.CheckNote("reason", given(why)))
	return letters.Who{By: by, Why: given(why)}
}

// page reads which part of a list is asked for.
func (c *call) page() letters.Page {
	var p letters.Page
	if after, given := c.parameter("after"); given {
		p.After = readUUID(&c.faults, "query.after", after)
	}
	if limit, given := c.parameter("limit"); given {
		p.Limit = readLimit(&c.faults, "query.limit", limit)
	}
	return p
}

func readLimit(f *faults, at, text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > letters.MostPage {
		f.add(at, fmt.Sprintf("%.40q: expected 1 to %d", text, letters.MostPage))
	}
	return n
}

func readUUID(f *faults, at, text string) ledger.UUID {
	id, err := ledger.ParseUUID(text)
	if err != nil {
		f.add(at, err.Error())
	}
	return id
}

// id reads the id of the path.
func (c *call) id(name string) ledger.UUID {
	return readUUID(&c.faults, "path."+name, c.r.PathValue(name))
}
