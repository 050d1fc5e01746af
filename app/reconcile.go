package app

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// Reconciliation is what a comparison of the journals with everything derived from them
// found.
type Reconciliation struct {
	Ledgers     int
	SKUs        int
	Events      int
	Orders      int
	Holds       int
	InFlight    int // holds whose mail was under way, and which were not compared
	Differences []Difference
}

// Difference is one thing that is not what the journal says.
type Difference struct {
	Ledger  ledger.ID
	Subject string // "sku SKU-1", "order o-1", …
	What    string // "held in inventory.events"
	Journal string // what follows from the journal
	Found   string
}

// String gives the difference in a line.
func (d Difference) String() string {
	return fmt.Sprintf("%s: %s: %s: the journal gives %s, found %s", d.Ledger, d.Subject, d.What, d.Journal, d.Found)
}

// reconcileTries is how often a difference must be found in a row: the ledgers are read
// one after the other while they go on.
const reconcileTries = 3

// Reconcile recomputes levels and holds from the journals and from inventory.events up to
// what is relayed, and compares both with the memory of this process, with the tables
// and with each other. It changes nothing, and may run beside a working service.
func (in *Inventory) Reconcile(ctx context.Context) (Reconciliation, error) {
	r, err := in.reconcileOnce(ctx)
	for try := 1; try < reconcileTries && err == nil && len(r.Differences) > 0; try++ {
		before := map[Difference]bool{}
		for _, d := range r.Differences {
			before[d] = true
		}
		r, err = in.reconcileOnce(ctx)
		lasting := r.Differences[:0]
		for _, d := range r.Differences {
			if before[d] {
				lasting = append(lasting, d)
			}
		}
		r.Differences = lasting
	}
	return r, err
}

// reconciler is one comparison.
type reconciler struct {
	in     *Inventory
	report Reconciliation
	stocks map[ledger.ID]*stock.State
	orders map[ledger.ID]*reservation.State
}

func (in *Inventory) reconcileOnce(ctx context.Context) (Reconciliation, error) {
	r := &reconciler{in: in, stocks: map[ledger.ID]*stock.State{}, orders: map[ledger.ID]*reservation.State{}}
	ids, err := in.Ledgers(ctx)
	if err != nil {
		return r.report, err
	}
	for _, id := range ids {
		if err := r.ledger(ctx, id); err != nil {
			return r.report, fmt.Errorf("reconciling %s: %w", id, err)
		}
	}
	return r.report, r.crossCheck(ctx)
}

func (r *reconciler) differ(id ledger.ID, subject, what string, journal, found any) {
	if j, f := fmt.Sprint(journal), fmt.Sprint(found); j != f {
		r.report.Differences = append(r.report.Differences, Difference{id, subject, what, j, f})
	}
}

// ledger compares one ledger's memory and tables with its journal.
func (r *reconciler) ledger(ctx context.Context, id ledger.ID) error {
	r.report.Ledgers++
	memory, remembered, owned := r.in.host.Memory(id)
	head, err := r.in.world.Journal.Head(ctx, id)
	if err != nil {
		return err
	}
	now, at, err := r.in.world.Replay(ctx, id, head, max(head.Version, remembered.Version))
	if err != nil {
		return err
	}
	if err := now.Check(); err != nil {
		r.differ(id, "state", "invariants", "none broken", err)
	}
	if owned && at == remembered {
		w := &ledger.Writer{}
		now.Encode(w)
		r.differ(id, "state", "memory equals the fold of the journal", true, bytes.Equal(w.Bytes(), memory))
	}
	relayed, at, err := r.in.world.Replay(ctx, id, head, max(head.Relayed, head.Snapshot.Version))
	if err != nil {
		return err
	}
	switch s := now.(type) {
	case *stock.State:
		r.stocks[id] = s
		return r.levels(ctx, id, relayed.(*stock.State), at)
	case *reservation.State:
		r.orders[id] = s
		return r.reservations(ctx, id, relayed.(*reservation.State), at)
	}
	return nil
}

// levels compares each stock level as it was when all up to at was relayed with the fold
// of its events and with its newest row.
func (r *reconciler) levels(ctx context.Context, id ledger.ID, s *stock.State, at ledger.Stamp) error {
	for sku, l := range s.Levels() {
		r.report.SKUs++
		fold, err := r.foldEvents(ctx, id, sku, time.UnixMilli(at.At))
		if err != nil {
			return err
		}
		subject := "sku " + string(sku)
		r.differ(id, subject, "changes in inventory.events", l.Seq(), fold.events)
		r.differ(id, subject, "on_hand from inventory.events", l.OnHand(), fold.onHand)
		r.differ(id, subject, "held from inventory.events", l.Held(), fold.held)
		rows, err := r.in.books.Levels(ctx, string(sku), id.Scope(), 1)
		switch {
		case err != nil:
			return err
		case len(rows) == 0:
			r.differ(id, subject, "row in inventory.stock_level", "one", "none")
		case rows[0].Version <= at.Version:
			r.differ(id, subject, "inventory.stock_level", levelText(l.OnHand(), l.Held(), l.Version(), l.Week().String()),
				levelText(rows[0].OnHand, rows[0].Held, rows[0].Version, rows[0].ISOWeek))
		}
	}
	return nil
}

func levelText(onHand, held, version int64, week string) string {
	return fmt.Sprintf("on_hand %d, held %d, version %d, week %s", onHand, held, version, week)
}

type eventFold struct{ events, onHand, held int64 }

func (r *reconciler) foldEvents(ctx context.Context, id ledger.ID, sku stock.SKU, upto time.Time) (eventFold, error) {
	var f eventFold
	err := r.in.books.Events(ctx, string(sku), id.Scope(), upto, func(e ports.EventRow) error {
		f.events++
		r.report.Events++
		switch e.EventType {
		case stock.Held.String():
			f.held += e.Quantity
		case stock.Released.String():
			f.held -= e.Quantity
		case stock.Confirmed.String():
			f.held, f.onHand = f.held-e.Quantity, f.onHand-e.Quantity
		case stock.Adjusted.String():
			f.onHand += e.Quantity
		default:
			return fmt.Errorf("event %s of sku %s: unknown type %q", e.EventID, sku, e.EventType)
		}
		return nil
	})
	return f, err
}

// reservations compares each order that is relayed with its row.
func (r *reconciler) reservations(ctx context.Context, id ledger.ID, s *reservation.State, at ledger.Stamp) error {
	for key, o := range s.Orders() {
		r.report.Orders++
		if o.Status == reservation.Planned {
			continue
		}
		row, ok, err := r.in.books.Reservation(ctx, key)
		if err != nil {
			return err
		}
		subject := "order " + string(o.ID)
		if !ok {
			r.differ(id, subject, "row in inventory.reservation", "one", "none")
			continue
		}
		if row.Version > at.Version {
			continue // written, and not yet noted as relayed
		}
		w := &ledger.Writer{}
		o.Encode(w)
		r.differ(id, subject, "status in inventory.reservation", o.Status, row.Status)
		r.differ(id, subject, "version in inventory.reservation", o.Version(), row.Version)
		r.differ(id, subject, "record in inventory.reservation is the order", true, bytes.Equal(w.Bytes(), row.Body))
	}
	return nil
}
