package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"inventory/app"
)

type reconcileCmd struct {
	Repair  bool   `help:"Correct what differs, by labelled corrections: with --dry-run or --apply."`
	DryRun  bool   `help:"With --repair: say line by line what would be done, and change nothing."`
	Apply   bool   `help:"With --repair: do it."`
	Reason  string `placeholder:"TEXT" help:"With --repair: why, for people."`
	Actor   string `placeholder:"NAME" help:"With --repair: who. Default: the system's user."`
	Offline bool   `help:"Read the store of the settings directly, without a service: beside one that works on Cassandra, else while none runs."`
}

// execute implements command.
func (c *reconcileCmd) execute(ctx context.Context, p *program) error {
	if err := c.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.settings.Timeout)
	defer cancel()
	if c.Repair {
		return c.repair(ctx, p)
	}
	found, err := c.compare(ctx, p)
	if err != nil {
		return err
	}
	return errors.Join(p.print(found), found.verdict())
}

func (c *reconcileCmd) compare(ctx context.Context, p *program) (r reconciliation, err error) {
	if !c.Offline {
		to, err := p.client()
		if err != nil {
			return r, err
		}
		defer to.http.CloseIdleConnections()
		err = to.ask(ctx, http.MethodPost, "/admin/reconcile", nil, nil, &r)
		return r, err
	}
	store, err := openStore(ctx, &p.settings)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, store.close()) }()
	in, err := p.settings.reader(ctx, store)
	if err != nil {
		return r, err
	}
	found, err := in.Reconcile(ctx)
	return newReconciliation(found), err
}

// reconciliation is what was compared and what differs.
type reconciliation struct {
	Ledgers     int          `json:"ledgers"`
	SKUs        int          `json:"skus"`
	Events      int          `json:"events"`
	Orders      int          `json:"orders"`
	Holds       int          `json:"holds"`
	InFlight    int          `json:"in_flight"`
	AuditedAt   string       `json:"audited_at,omitzero"`
	Differences []difference `json:"differences"`
}

type difference struct {
	Kind    string `json:"kind"`
	Ledger  string `json:"ledger"`
	Subject string `json:"subject"`
	What    string `json:"what"`
	Journal string `json:"journal"`
	Found   string `json:"found"`
}

func newReconciliation(r app.Reconciliation) reconciliation {
	told := reconciliation{
		Ledgers: r.Ledgers, SKUs: r.SKUs, Events: r.Events, Orders: r.Orders, Holds: r.Holds, InFlight: r.InFlight,
		Differences: []difference{},
	}
	for _, d := range r.Differences {
		told.Differences = append(told.Differences, difference{d.Kind, string(d.Ledger), d.Subject, d.What, d.Journal, d.Found})
	}
	return told
}

// verdict makes differences a failure.
func (r reconciliation) verdict() error {
	if len(r.Differences) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d", errDifferences, len(r.Differences))
}

func (r reconciliation) text(out io.Writer) {
	fmt.Fprintf(out, "compared %d ledgers, %d stock levels, %d events, %d live orders, %d holds: ", r.Ledgers, r.SKUs, r.Events, r.Orders, r.Holds)
	if len(r.Differences) == 0 {
		fmt.Fprintln(out, "all agree with the journals")
		return
	}
	fmt.Fprintf(out, "%d DIFFERENCE%s\n", len(r.Differences), map[bool]string{true: "S"}[len(r.Differences) != 1])
	for _, d := range r.Differences {
		fmt.Fprintf(out, "  %s\n", d)
	}
	fmt.Fprintln(out, "`inventory reconcile --repair --dry-run` says what can be corrected; docs/runbooks/differences.md says what each line means")
}

// String gives the difference in a line.
func (d difference) String() string {
	return fmt.Sprintf("%s: %s: %s: the journal gives %s, found %s", d.Ledger, d.Subject, d.What, d.Journal, d.Found)
}
