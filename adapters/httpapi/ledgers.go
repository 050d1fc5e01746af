package httpapi

import (
	"context"
	"time"

	"inventory/app"
	"inventory/app/fleet"
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

// ledgerList has the ledgers of the deployment, or those that this process owns.
type ledgerList struct {
	Ledgers    []ledgerStatus `json:"ledgers" nullable:"false" doc:"In the order of their names."`
	Unanswered []string       `json:"unanswered,omitzero" nullable:"false" doc:"Members of the fleet that did not say how their ledgers stand, each with why. Absent: all did."`
}

// ledgerStatus is how a ledger stands. The numbers are its owner's.
type ledgerStatus struct {
	Ledger    string `json:"ledger"`
	Owner     string `json:"owner" doc:"The member of the fleet that owns it. Empty: nobody is known to, and there are no numbers."`
	OwnerAddr string `json:"owner_addr,omitzero" doc:"Where other members reach the owner."`
	Epoch     *int64 `json:"epoch,omitzero" nullable:"false" doc:"Grows with each owner."`
	Version   *int64 `json:"version,omitzero" nullable:"false" doc:"Of the newest entry."`
	Relayed   *int64 `json:"relayed,omitzero" nullable:"false" doc:"The newest entry that is written to the tables and published."`
	RelayLag  *int64 `json:"relay_lag,omitzero" nullable:"false" doc:"Entries after it."`
	Waiting   *int64 `json:"waiting,omitzero" nullable:"false" doc:"Commands and mail in the mailbox."`
	Mail      *int64 `json:"mail,omitzero" nullable:"false" doc:"Sent to other ledgers, and not taken there yet."`
	Holds     *int64 `json:"holds,omitzero" nullable:"false" doc:"Live: of orders, or of stock for them."`
}

// memberPatience is how long other members are waited for that may be dead or paused: the
// answer says which did not answer.
const memberPatience = 2 * time.Second

func (a *API) listLedgers(ctx context.Context, c *call) (reply, error) {
	here := c.flag("here")
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	if here {
		return ok(newLedgerList(a.in.Own(), nil))
	}
	ctx, stop := context.WithTimeout(ctx, memberPatience)
	defer stop()
	all, err := a.in.Everywhere(ctx)
	if all == nil && err != nil {
		return reply{}, err
	}
	return ok(newLedgerList(all, err))
}

// newLedgerList tells how ledgers stand; unanswered has an error for each member that did not
// say, a line each.
func newLedgerList(all []fleet.Standing, unanswered error) ledgerList {
	told := ledgerList{Ledgers: make([]ledgerStatus, 0, len(all))}
	for _, s := range all {
		told.Ledgers = append(told.Ledgers, newLedgerStatus(s))
	}
	if unanswered != nil {
		told.Unanswered = messagesOf(unanswered)
	}
	return told
}

func newLedgerStatus(s fleet.Standing) ledgerStatus {
	if s.Name == "" {
		return ledgerStatus{Ledger: string(s.Ledger)}
	}
	return ledgerStatus{
		Ledger: string(s.Ledger), Owner: s.Name, OwnerAddr: s.Addr, Epoch: &s.Epoch, Version: &s.Version,
		Relayed: &s.Relayed, RelayLag: new(s.Version - s.Relayed), Waiting: new(int64(s.Waiting)), Mail: &s.Mail, Holds: &s.Holds,
	}
}
