package app

import (
	"context"
	"time"

	"inventory/app/audit"
	"inventory/domain/ledger"
	"inventory/ports"
)

// Reconciliation is what a comparison of the journals with everything derived from them
// found.
type Reconciliation struct {
	audit.Report
	// Audited is when the auditor of this process ended its last pass; zero where it does not
	// audit.
	Audited time.Time
}

// Difference is one thing that is not what the journal says.
type Difference = audit.Difference

// Reconcile recomputes levels and holds from the journals and from inventory.events up to
// what is relayed, and compares both with the memory of this process, with the tables
// and with each other; what the topic of stock levels says it has from the auditor. It
// changes nothing, and may run beside a working service.
func (in *Inventory) Reconcile(ctx context.Context) (Reconciliation, error) {
	found, err := audit.Once(ctx, in.audited(in.allLedgers, nil, nil))
	r := Reconciliation{Report: found}
	present, at := in.auditor.Present()
	r.Audited = at
	for _, d := range present {
		if d.Kind == ports.DifferentTopic {
			r.Differences = append(r.Differences, d)
		}
	}
	return r, err
}

// Audit compares all the time, until ctx ends. What it finds it tells the observer. Each
// process of the fleet looks at the ledgers that it owns; the one that owns the first
// reservation ledger looks at all, and at what they say of each other.
func (in *Inventory) Audit(ctx context.Context) error {
	if in.cfg.Audit.Interval == 0 {
		return nil
	}
	return in.auditor.Run(ctx)
}

// audited is what an audit needs.
func (in *Inventory) audited(list func(context.Context) ([]ledger.ID, bool, error), topic ports.LevelTopic, publisher ports.Publisher) audit.World {
	w := audit.World{
		Host: in.host, Ledgers: in.world, Books: in.books, List: list, LedgerOf: in.ledgerOf,
		Warehouse: levels{in}.Warehouse, Topic: topic, Publisher: publisher,
	}
	if in.cfg.Capture {
		w.Published = in.capture.Outbox.Published
	}
	return w
}

// allLedgers lists what Reconcile looks at.
func (in *Inventory) allLedgers(ctx context.Context) (ids []ledger.ID, all bool, err error) {
	ids, err = in.Ledgers(ctx)
	return ids, true, err
}

// ownLedgers lists what the auditor of this process looks at. Of the fleet one process looks at
// all.
func (in *Inventory) ownLedgers(ctx context.Context) (ids []ledger.ID, all bool, err error) {
	if in.host.Owns(ledger.ReservationID(string(in.cfg.Region), 0)) {
		return in.allLedgers(ctx)
	}
	return in.host.Owned(), false, nil
}
