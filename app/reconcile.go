package app

import (
	"context"
	"time"

	"inventory/app/audit"
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
	found, err := audit.Once(ctx, in.audited(nil, nil))
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

// Audit compares all the time, while this process owns the ledgers, until ctx ends. What it
// finds it tells the observer.
func (in *Inventory) Audit(ctx context.Context) error {
	if in.cfg.Audit.Interval == 0 {
		return nil
	}
	return in.WhileOwner(ctx, in.auditor.Run)
}

// audited is what an audit needs.
func (in *Inventory) audited(topic ports.LevelTopic, publisher ports.Publisher) audit.World {
	return audit.World{
		Host: in.host, Ledgers: in.world, Books: in.books, List: in.Ledgers, LedgerOf: in.ledgerOf,
		Warehouse: levels{in}.Warehouse, Topic: topic, Publisher: publisher,
	}
}
