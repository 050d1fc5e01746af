package main

import (
	"context"
	"errors"
	"fmt"
	"io"
)

type doctorCmd struct {
	Output string `default:"text" enum:"text,json" help:"How the answer is written: text or json."`
}

// Help implements kong.HelpProvider.
func (*doctorCmd) Help() string {
	return `It changes nothing, and asks what the settings name, as serve would at its start. Exit codes: 0 all is as it should be, or noted; 2 the settings; 5 something is
wrong, and a line says what mends it.`
}

// execute implements command.
func (*doctorCmd) execute(ctx context.Context, p *program) error {
	ctx, cancel := context.WithTimeout(ctx, p.settings.Timeout)
	defer cancel()
	d := diagnosis{Findings: []finding{{Check: "settings", State: well, Found: "store " + p.settings.place(), Wanted: "settings that fit each other"}}}
	d.add(examineStore(ctx, &p.settings)...)
	d.add(examineKafka(ctx, &p.settings)...)
	d.add(examineRegistry(ctx, p)...)
	return errors.Join(p.print(d), d.verdict())
}

// How a thing is.
const (
	well  = "ok"
	noted = "noted" // as somebody wanted it, perhaps
	wrong = "wrong"
)

// finding is what was found of one thing.
type finding struct {
	Check  string `json:"check"`
	State  string `json:"state"`
	Found  string `json:"found"`
	Wanted string `json:"wanted"`
	Fix    string `json:"fix,omitempty"` // the command, or the act, that mends it
}

// diagnosis is all that was found.
type diagnosis struct {
	Findings []finding `json:"findings"`
}

func (d *diagnosis) add(f ...finding) { d.Findings = append(d.Findings, f...) }

func (d diagnosis) wrong() (n int) {
	for _, f := range d.Findings {
		if f.State == wrong {
			n++
		}
	}
	return n
}

// verdict makes what is wrong a failure.
func (d diagnosis) verdict() error {
	if n := d.wrong(); n > 0 {
		return fmt.Errorf("%w: %d of %d", errUnwell, n, len(d.Findings))
	}
	return nil
}

func (d diagnosis) text(out io.Writer) {
	for _, f := range d.Findings {
		fmt.Fprintf(out, "%-6s %s: %s\n", f.State, f.Check, f.Found)
		if f.State != well {
			fmt.Fprintf(out, "       wanted: %s\n       do:     %s\n", f.Wanted, f.Fix)
		}
	}
}

// unasked is what can't be asked: nothing more is known of it.
func unasked(check string, err error, wanted, fix string) finding {
	return finding{check, wrong, explain(err), wanted, fix}
}
