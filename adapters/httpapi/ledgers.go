package httpapi

import (
	"context"

	"inventory/app"
)

// reconciliation is what was compared, and what differs.
type reconciliation struct {
	Ledgers     int          `json:"ledgers" doc:"Ledgers whose journals were read."`
	SKUs        int          `json:"skus" doc:"Stock levels that were compared."`
	Events      int          `json:"events" doc:"Rows of inventory.events that were added up."`
	Orders      int          `json:"orders" doc:"Orders that were compared."`
	Holds       int          `json:"holds" doc:"Holds that were compared with their orders."`
	InFlight    int          `json:"in_flight" doc:"Holds whose mail was under way, and which were not compared."`
	AuditedAt   string       `json:"audited_at,omitzero" format:"date-time" doc:"When the auditor of this process ended its last pass, which also compares the topic of stock levels; absent: there was none. UTC, milliseconds."`
	Differences []difference `json:"differences" nullable:"false" doc:"Empty where all agrees."`
}

// difference is one thing that is not what the journal says.
type difference struct {
	Kind    string `json:"kind" doc:"What disagrees: memory, invariants, events, level_row, order_row, holds or level_topic; more may come."`
	Ledger  string `json:"ledger"`
	Subject string `json:"subject" doc:"A SKU or an order."`
	What    string `json:"what"`
	Journal string `json:"journal" doc:"What follows from the journal."`
	Found   string `json:"found"`
}

func (a *API) reconcile(ctx context.Context, c *call) (reply, error) {
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.in.Reconcile(ctx)
	if err != nil {
		return reply{}, err
	}
	return ok(newReconciliation(found))
}

func newReconciliation(r app.Reconciliation) reconciliation {
	told := reconciliation{
		Ledgers: r.Ledgers, SKUs: r.SKUs, Events: r.Events, Orders: r.Orders, Holds: r.Holds, InFlight: r.InFlight,
		Differences: newDifferences(r.Differences),
	}
	if !r.Audited.IsZero() {
		told.AuditedAt = instant(r.Audited)
	}
	return told
}

func newDifferences(list []app.Difference) []difference {
	told := make([]difference, 0, len(list))
	for _, d := range list {
		told = append(told, newDifference(d))
	}
	return told
}

func newDifference(d app.Difference) difference {
	return difference{d.Kind, string(d.Ledger), d.Subject, d.What, d.Journal, d.Found}
}

// ledgerList has the ledgers that this process owns.
type ledgerList struct {
	Ledgers []ledgerStatus `json:"ledgers" nullable:"false" doc:"Empty where this process stands by."`
}

// ledgerStatus is how a ledger of this process stands.
type ledgerStatus struct {
	Ledger  string `json:"ledger"`
	Epoch   int64  `json:"epoch" doc:"Grows with each owner."`
	Version int64  `json:"version" doc:"Of the newest entry."`
	Relayed int64  `json:"relayed" doc:"The newest entry that is written to the tables."`
	Waiting int    `json:"waiting" doc:"Commands and mail that wait."`
}

func (a *API) listLedgers(_ context.Context, c *call) (reply, error) {
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	told := ledgerList{Ledgers: []ledgerStatus{}}
	for _, s := range a.in.Status() {
		told.Ledgers = append(told.Ledgers, ledgerStatus{string(s.Ledger), s.Epoch, s.Version, s.Relayed, s.Waiting})
	}
	return ok(told)
}
