package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"inventory/app/fleet"
	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// RepairRequest asks to correct what Reconcile finds.
type RepairRequest struct {
	Apply  bool // else it is only said what would be done
	Actor  string
	Reason string // for people, may be empty
	Trace  string
}

// RepairStep is one labelled correction.
type RepairStep struct {
	Kind    string // one of ports.DifferenceKinds
	Ledger  ledger.ID
	Subject string
	What    string // what it does
	Done    bool
	Err     error // why it could not be done

	ask func(context.Context) error
}

// Advice is a difference that nothing corrects by itself, and what a person can do.
type Advice struct {
	Difference
	Do string
}

// Repairs says what was, or would be, corrected.
type Repairs struct {
	Applied bool
	Steps   []RepairStep
	Advice  []Advice
	// Left is what differs after all: what was found where nothing was applied.
	Left []Difference
}

// repairSource is the source of what a repair does, in inventory.events. Where a change has no
// place for the actor it follows, after a colon.
const repairSource = "repair"

// Repair looks for differences as Reconcile does and, with Apply, corrects those that can be
// corrected by entries of the ledgers, labelled with who and why: the relay writes and
// publishes what follows from them. What is repaired already is not repaired again. Errors:
// stock.ErrInvalid, owner.ErrNotOwner where this process does not own the ledgers.
func (in *Inventory) Repair(ctx context.Context, req RepairRequest) (Repairs, error) {
	if err := errors.Join(stock.CheckToken("actor", req.Actor), stock.CheckNote("reason", req.Reason)); err != nil {
		return Repairs{}, err
	}
	select {
	case in.repairing <- struct{}{}:
		defer func() { <-in.repairing }()
	case <-ctx.Done():
		return Repairs{}, context.Cause(ctx)
	}
	found, err := in.Reconcile(ctx)
	if err != nil {
		return Repairs{}, err
	}
	r := in.planRepairs(req, found.Differences)
	r.Left = found.Differences
	if !req.Apply || len(r.Steps) == 0 {
		return r, nil
	}
	r.Applied = true
	for i := range r.Steps {
		in.repairOne(ctx, req, &r.Steps[i])
	}
	if err := in.awaitRelay(ctx); err != nil {
		return r, err
	}
	after, err := in.Reconcile(ctx)
	r.Left = after.Differences
	return r, err
}

func (in *Inventory) repairOne(ctx context.Context, req RepairRequest, s *RepairStep) {
	s.Err = s.ask(ctx)
	s.Done = s.Err == nil
	in.world.Observer.Observe(ports.Repaired{
		Kind: s.Kind, Ledger: s.Ledger, Subject: s.Subject, Step: s.What, Actor: req.Actor, Reason: req.Reason, Err: s.Err,
	})
}

// relayLook is how long to wait before looking again whether the relay has written all.
const relayLook = 20 * time.Millisecond

// awaitRelay waits until all that was decided before is in the tables.
func (in *Inventory) awaitRelay(ctx context.Context) error {
	was, err := in.fleet.Everywhere(ctx)
	for err == nil {
		now := map[ledger.ID]int64{}
		var all []fleet.Standing
		if all, err = in.fleet.Everywhere(ctx); err != nil {
			break
		}
		for _, s := range all {
			now[s.Ledger] = s.Relayed
		}
		i := slices.IndexFunc(was, func(s fleet.Standing) bool { return now[s.Ledger] < s.Version })
		if i < 0 {
			return nil
		}
		if err = ports.Sleep(ctx, in.world.Clock, relayLook); err != nil {
			err = fmt.Errorf("%s is not yet in the tables: %w", was[i].Ledger, err)
		}
	}
	return fmt.Errorf("the corrections are made: %w", err)
}

// reasonOf is the reason as it is written beside a correction.
func (r RepairRequest) reasonOf() string {
	if r.Reason == "" {
		return "reconcile"
	}
	return "reconcile: " + r.Reason
}

func (in *Inventory) correct(req RepairRequest, id ledger.ID, cmd stock.Correct) func(context.Context) error {
	cmd.Actor, cmd.Reason = req.Actor, req.reasonOf()
	cmd.Origin = stock.Origin{Source: repairSource, Trace: req.Trace}
	return func(ctx context.Context) error {
		_, err := in.fleet.Ask(ctx, id, cmd, owner.Decided)
		return err
	}
}

func (in *Inventory) restate(order stock.OrderID) func(context.Context) error {
	key := reservation.IDOf(order)
	return func(ctx context.Context) error {
		_, err := in.fleet.Ask(ctx, in.ledgerOf(key), reservation.Restate{ID: key}, owner.Decided)
		return err
	}
}

func (in *Inventory) disown(req RepairRequest, id ledger.ID, order stock.OrderID) func(context.Context) error {
	cmd := reservation.Disown{Order: order, Ledger: id, Origin: stock.Origin{Source: repairSource + ":" + req.Actor, Trace: req.Trace}}
	return func(ctx context.Context) error {
		_, err := in.fleet.Ask(ctx, in.ledgerOf(reservation.IDOf(order)), cmd, owner.Effective)
		return err
	}
}
