package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
)

type dlqDiscardCmd struct {
	letterFlags
	actFlags
	Everything bool `help:"All open letters, where nothing else says which."`
}

func (c *dlqDiscardCmd) run(ctx context.Context, to *client) (answer, error) {
	switch {
	case c.Reason == "":
		return nil, fmt.Errorf("%w: --reason: expected why they are not wanted any more", errUsage)
	case !c.given() && !c.Everything:
		return nil, fmt.Errorf("%w: expected which letters, such as --code or --order; --everything means all open ones", errUsage)
	}
	return c.act(ctx, to, &c.letterFlags, "discard", "put away")
}

type dlqRestoreCmd struct {
	letterFlags
	actFlags
	Everything bool `help:"All discarded letters, where nothing else says which."`
}

func (c *dlqRestoreCmd) run(ctx context.Context, to *client) (answer, error) {
	if !c.given() && !c.Everything {
		return nil, fmt.Errorf("%w: expected which letters, such as --code or --order; --everything means all discarded ones", errUsage)
	}
	return c.act(ctx, to, &c.letterFlags, "restore", "open again")
}

func (a *actFlags) act(ctx context.Context, to *client, which *letterFlags, verb, done string) (answer, error) {
	body := struct {
		Filter letterFilter `json:"filter"`
		Reason string       `json:"reason,omitempty"`
	}{which.filter(), a.Reason}
	made := lettersDone{done: done}
	err := to.ask(ctx, http.MethodPost, dlqPath+"/"+verb, a.header(to), body, &made)
	return made, err
}

// lettersDone is how many letters something was done with.
type lettersDone struct {
	Letters int `json:"letters"`
	done    string
}

func (d lettersDone) text(out io.Writer) {
	fmt.Fprintf(out, "%s: %s\n", numberOf(d.Letters, "letter"), d.done)
}

type dlqEditCmd struct {
	Letter string   `arg:"" help:"The letter's id; list has it."`
	Set    []string `sep:"none" placeholder:"PATH=JSON" help:"A field and what it is to be, such as items[0].quantity=2; may be repeated. What is no JSON is text."`
	File   string   `placeholder:"FILE" help:"The whole event, as show prints it. -: from the standard input."`
	actFlags
}

// execute implements command.
func (c *dlqEditCmd) execute(ctx context.Context, p *program) error {
	if (c.File == "") == (len(c.Set) == 0) {
		return fmt.Errorf("%w: expected --set, which changes fields, or --file, which has the whole event", errUsage)
	}
	to, err := p.client()
	if err != nil {
		return err
	}
	defer to.http.CloseIdleConnections()
	event, err := c.event(ctx, p, to)
	if err != nil {
		return err
	}
	body := struct {
		Event  any    `json:"event"`
		Reason string `json:"reason,omitempty"`
	}{event, c.Reason}
	made := editMade{of: c.Letter}
	if err := to.ask(ctx, http.MethodPost, dlqPath+"/letters/"+seg(c.Letter)+"/edit", c.header(to), body, &made); err != nil {
		return err
	}
	return p.print(made)
}

// event gives the event as it is to be.
func (c *dlqEditCmd) event(ctx context.Context, p *program, to *client) (any, error) {
	if c.File != "" {
		text, err := p.input(c.File)
		if err != nil {
			return nil, err
		}
		return parseJSON(c.File, text)
	}
	shown, err := to.letter(ctx, c.Letter)
	if err != nil {
		return nil, err
	}
	if shown.Event == nil {
		return nil, fmt.Errorf("%w: --set: letter %s has no fields, for it can't be decoded: write the whole event with --file", errUsage, c.Letter)
	}
	event, err := parseJSON("the letter's event", shown.Event)
	for _, change := range c.Set {
		if err == nil {
			event, err = setField(event, change)
		}
	}
	return event, err
}

// input reads a file, or the standard input.
func (p *program) input(name string) ([]byte, error) {
	var text []byte
	var err error
	if name == "-" {
		text, err = io.ReadAll(p.stdin)
	} else {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	return text, nil
}

// editMade is the letter that stands for another one.
type editMade struct {
	letterEntry
	of string
}

func (m editMade) text(out io.Writer) {
	fmt.Fprintf(out, "letter %s stands for %s, which is kept\n`inventory dlq replay --id %s` replays it\n", m.ID, m.of, m.ID)
}
