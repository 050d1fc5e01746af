package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
)

type dlqExportCmd struct {
	letterFlags
	File string `placeholder:"FILE" help:"Where to. Default: the standard output."`
}

// execute implements command.
func (c *dlqExportCmd) execute(ctx context.Context, p *program) (err error) {
	to, err := p.patient()
	if err != nil {
		return err
	}
	defer to.http.CloseIdleConnections()
	out := p.stdout
	if c.File != "" {
		f, err := os.Create(c.File)
		if err != nil {
			return fmt.Errorf("%w: --file: %w", errUsage, err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	return to.stream(ctx, http.MethodGet, dlqPath+"/export?"+c.filter().query().Encode(), nil, nil, func(body io.Reader) error {
		if _, err := io.Copy(out, body); err != nil {
			return fmt.Errorf("%w: the letters are not whole: %w", errUnreachable, err)
		}
		return nil
	})
}

// linesType is the media type of a JSON object on each line.
const linesType = "application/x-ndjson"

// stream is ask for bodies that are not kept in memory.
func (c *client) stream(ctx context.Context, method, path string, h header, body io.Reader, take func(io.Reader) error) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	return c.send(req, h, take)
}

type dlqImportCmd struct {
	File string `arg:"" optional:"" default:"-" help:"What export wrote. Default: the standard input."`
	actFlags
}

// execute implements command.
func (c *dlqImportCmd) execute(ctx context.Context, p *program) error {
	to, err := p.patient()
	if err != nil {
		return err
	}
	defer to.http.CloseIdleConnections()
	in := p.stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		defer func() { _ = f.Close() }() // it is read only
		in = f
	}
	h := c.header(to)
	h["Content-Type"] = linesType
	path := dlqPath + "/import"
	if c.Reason != "" {
		path += "?" + url.Values{"reason": {c.Reason}}.Encode()
	}
	var made lettersImported
	err = to.stream(ctx, http.MethodPost, path, h, io.NopCloser(in), func(body io.Reader) error { return json.NewDecoder(body).Decode(&made) })
	if err != nil {
		return err
	}
	return p.print(made)
}

// lettersImported is what became of letters that were imported.
type lettersImported struct {
	Letters int `json:"letters"`
	Known   int `json:"known"`
}

func (m lettersImported) text(out io.Writer) {
	fmt.Fprintf(out, "%s written, %d were there before\n", numberOf(m.Letters, "letter"), m.Known)
}
