package main

import (
	"context"
	"fmt"
	"io"

	"inventory/app"
)

type reconcileCmd struct{}

func (c *reconcileCmd) decides() bool { return false }

func (c *reconcileCmd) run(ctx context.Context, s *service) (answer, error) {
	found, err := s.in.Reconcile(ctx)
	if err != nil {
		return nil, err
	}
	return newReconciliation(found), nil
}

// reconciliation is what was compared and what differs.
type reconciliation struct {
	Ledgers     int          `json:"ledgers"`
	SKUs        int          `json:"skus"`
	Events      int          `json:"events"`
	Orders      int          `json:"orders"`
	Holds       int          `json:"holds"`
	InFlight    int          `json:"in_flight"`
	Differences []difference `json:"differences"`
}

type difference struct {
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
		told.Differences = append(told.Differences, difference{string(d.Ledger), d.Subject, d.What, d.Journal, d.Found})
	}
	return told
}

// verdict makes differences a failure of a command that is run alone.
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
		fmt.Fprintf(out, "  %s: %s: %s: the journal gives %s, found %s\n", d.Ledger, d.Subject, d.What, d.Journal, d.Found)
	}
}
