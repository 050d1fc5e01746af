package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// check names flags that make no sense together.
func (c *reconcileCmd) check() error {
	switch {
	case c.Repair && c.DryRun == c.Apply:
		return fmt.Errorf("%w: --repair: expected one of --dry-run, which only says what would be done, and --apply", errUsage)
	case !c.Repair && (c.DryRun || c.Apply || c.Reason != "" || c.Actor != ""):
		return fmt.Errorf("%w: --dry-run, --apply, --reason and --actor go with --repair", errUsage)
	case c.Repair && c.Offline:
		return fmt.Errorf("%w: --repair: corrections are entries of the ledgers: ask the service that owns them, without --offline", errUsage)
	}
	return nil
}

// repair has the service correct what differs, or say how.
func (c *reconcileCmd) repair(ctx context.Context, p *program) error {
	to, err := p.client()
	if err != nil {
		return err
	}
	defer to.http.CloseIdleConnections()
	var made repairs
	body := repairBody{Apply: c.Apply, Reason: c.Reason}
	h := header{"Inventory-Actor": cmp.Or(c.Actor, to.actor)}
	if err := to.ask(ctx, http.MethodPost, "/admin/repair", h, body, &made); err != nil {
		return err
	}
	return errors.Join(p.print(made), made.verdict())
}

// repairBody asks for a repair. Source: the API's description.
type repairBody struct {
	Apply  bool   `json:"apply"`
	Reason string `json:"reason,omitempty"`
}

// repairs says what was, or would be, corrected.
type repairs struct {
	Applied bool `json:"applied"`
	Steps   []struct {
		Kind    string `json:"kind"`
		Ledger  string `json:"ledger"`
		Subject string `json:"subject"`
		What    string `json:"what"`
		Done    bool   `json:"done"`
		Error   string `json:"error,omitzero"`
	} `json:"steps"`
	Advice []struct {
		Difference difference `json:"difference"`
		Do         string     `json:"do"`
	} `json:"advice"`
	Left []difference `json:"left"`
}

// verdict makes what is left a failure.
func (r repairs) verdict() error {
	if len(r.Left) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d", errDifferences, len(r.Left))
}

func (r repairs) text(out io.Writer) {
	if len(r.Steps)+len(r.Advice) == 0 {
		fmt.Fprintln(out, "nothing to correct: all agree with the journals")
	}
	for _, s := range r.Steps {
		state := "would"
		switch {
		case s.Done:
			state = "done:"
		case s.Error != "":
			state = "FAILED (" + s.Error + "):"
		}
		fmt.Fprintf(out, "%s: %s: %s %s\n", s.Ledger, s.Subject, state, s.What)
	}
	for _, a := range r.Advice {
		fmt.Fprintf(out, "%s\n  not corrected by itself: %s\n", a.Difference, a.Do)
	}
	if r.Applied {
		fmt.Fprintf(out, "looked again: %d differ\n", len(r.Left))
		for _, d := range r.Left {
			fmt.Fprintf(out, "  %s\n", d)
		}
	}
}
