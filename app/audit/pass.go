package audit

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// suspect is something that differed when it was looked at.
type suspect struct {
	found []Difference
	again func(context.Context) (found []Difference, flying bool, err error)
}

// tables compares a share of a ledger's records with the tables.
func (a *Auditor) tables(ctx context.Context, f *follower) error {
	ok, err := a.w.toRelayed(ctx, f)
	if err != nil || !ok {
		return err
	}
	if f.orders() != nil {
		return a.orderRows(ctx, f)
	}
	return a.levelsOf(ctx, f)
}

func (a *Auditor) levelsOf(ctx context.Context, f *follower) error {
	var skus []stock.SKU
	for sku := range f.stock().Levels() {
		skus = append(skus, sku)
	}
	turns := a.turns(len(skus))
	a.setPace(len(skus) / turns)
	skus = slices.DeleteFunc(skus, func(sku stock.SKU) bool { return !a.turn(maphash.String(a.seed, string(sku)), turns) })
	return each(ctx, a, f, skus, func(ctx context.Context, sku stock.SKU) (note func(), err error) {
		seen, err := a.w.sku(ctx, f, sku, a.affords(f, sku))
		return func() {
			a.reads, a.rows = a.reads+2, a.rows+seen.rows
			a.report.SKUs, a.report.Events = a.report.SKUs+1, a.report.Events+seen.rows
			f.keep(sku, seen.sums)
			a.suspect(seen.found, func(ctx context.Context) ([]Difference, bool, error) {
				again, err := a.w.sku(ctx, f, sku, true)
				f.keep(sku, again.sums)
				return again.found, false, err
			})
		}, err
	})
}

// affords tells whether all rows of a SKU are to be read, whose number is known.
func (a *Auditor) affords(f *follower, sku stock.SKU) bool {
	l, _ := f.stock().Level(sku)
	return a.whole || f.sums[sku] == nil || a.rows+int(l.Seq()) <= a.cfg.Rows
}

func (a *Auditor) orderRows(ctx context.Context, f *follower) error {
	keys := keysOf(f)
	a.report.Orders += len(keys)
	turns := a.turns(len(keys))
	a.setPace(len(keys) / turns)
	keys = slices.DeleteFunc(keys, func(key ledger.UUID) bool { return !a.turn(binary.BigEndian.Uint64(key[8:]), turns) })
	return each(ctx, a, f, keys, func(ctx context.Context, key ledger.UUID) (note func(), err error) {
		found, err := a.w.orderRow(ctx, f, key)
		return func() {
			a.reads++
			a.suspect(found, func(ctx context.Context) ([]Difference, bool, error) {
				found, err := a.w.orderRow(ctx, f, key)
				return found, false, err
			})
		}, err
	})
}

// turns is in how many passes all of n records of a ledger have their turn.
func (a *Auditor) turns(n int) int {
	if a.whole || a.cfg.Reads <= 0 {
		return 1
	}
	each := max(1, a.cfg.Reads/max(1, len(a.ids)))
	return max(1, (n+each-1)/each)
}

// turn tells whether a record has its turn.
func (a *Auditor) turn(hash uint64, turns int) bool {
	return hash%uint64(turns) == a.pass%uint64(turns)
}

// setPace spreads n reads over the ledger's part of most of the interval.
func (a *Auditor) setPace(n int) {
	if a.whole || n == 0 {
		return
	}
	a.pause = a.cfg.Interval * 7 / 10 / time.Duration(len(a.ids)*n)
}

// within compares a ledger with itself and its owner's memory.
func (a *Auditor) within(ctx context.Context, f *follower) error {
	if err := a.w.toNewest(ctx, f); err != nil {
		return err
	}
	if found := a.invariants(f); len(found) > 0 {
		a.suspect(found, func(context.Context) ([]Difference, bool, error) { return a.invariants(f), false, nil })
	}
	found, err := a.memory(ctx, f)
	a.suspect(found, func(ctx context.Context) ([]Difference, bool, error) {
		found, err := a.memory(ctx, f)
		return found, false, err
	})
	return err
}

func (a *Auditor) invariants(f *follower) []Difference {
	d := differences{about: Difference{Kind: ports.DifferentInvariants, Ledger: f.id, Subject: "state"}}
	if err := f.state.Check(); err != nil {
		d.text("invariants", "none broken", err)
	}
	return d.list
}

// across compares the ledgers with each other.
func (a *Auditor) across(ctx context.Context) error {
	if !a.all {
		return nil
	}
	if err := a.catchUp(ctx); err != nil {
		return err
	}
	for _, id := range a.ids {
		f := a.followers[id]
		var err error
		if f.stock() != nil {
			err = a.holds(ctx, f)
		} else {
			a.orders(f)
		}
		if err != nil {
			return err
		}
		if err := a.rest(ctx, 0); err != nil {
			return err
		}
	}
	return nil
}

// catchUp follows all ledgers to their newest entry, in the order of a.ids.
func (a *Auditor) catchUp(ctx context.Context) error {
	for _, id := range a.ids {
		if err := a.w.toNewest(ctx, a.followers[id]); err != nil {
			return err
		}
	}
	return nil
}

func (a *Auditor) holds(ctx context.Context, f *follower) error {
	var orders []stock.OrderID
	for order := range f.stock().Holds() {
		orders = append(orders, order)
	}
	a.report.Holds += len(orders)
	for _, order := range orders {
		first, err := a.hold(ctx, f, order, 0)
		if err != nil {
			return err
		}
		a.flying(first.flying)
		sent := first.sent
		a.suspect(first.found, func(ctx context.Context) ([]Difference, bool, error) {
			now, err := a.hold(ctx, f, order, sent)
			if !now.flying {
				sent = now.sent
			}
			return now.found, now.flying, err
		})
	}
	return nil
}

func (a *Auditor) orders(f *follower) {
	for _, key := range keysOf(f) {
		first := a.legs(f, key)
		a.flying(first.flying)
		a.suspect(first.found, func(context.Context) ([]Difference, bool, error) {
			now := a.legs(f, key)
			return now.found, now.flying, nil
		})
	}
}

func (a *Auditor) flying(is bool) {
	if is {
		a.report.InFlight++
	}
}

// mostSuspects bounds what is looked at again in one pass; where all differs, the first
// ones tell.
const mostSuspects = 10_000

func (a *Auditor) suspect(found []Difference, again func(context.Context) ([]Difference, bool, error)) {
	if len(found) > 0 && len(a.suspects) < mostSuspects {
		a.suspects = append(a.suspects, suspect{found, again})
	}
}

// tries is how often a difference must be found in a row.
const tries = 3

// confirm looks at all suspects again, each time after the ledgers went on, and keeps what
// is the same each time.
func (a *Auditor) confirm(ctx context.Context, follow func(context.Context, *follower) (bool, error)) error {
	for try := 1; try < tries && len(a.suspects) > 0; try++ {
		if err := a.settle(ctx, follow); err != nil {
			return err
		}
		var left []suspect
		for _, s := range a.suspects {
			lasting, err := a.lasting(ctx, s)
			if err != nil {
				return err
			}
			if len(lasting) > 0 {
				left = append(left, suspect{lasting, s.again})
			}
		}
		a.suspects = left
	}
	for _, s := range a.suspects {
		a.report.Differences = append(a.report.Differences, s.found...)
	}
	a.suspects = nil
	return nil
}

// settle waits a moment and follows the ledgers on.
func (a *Auditor) settle(ctx context.Context, follow func(context.Context, *follower) (bool, error)) error {
	if err := a.rest(ctx, a.patience()); err != nil {
		return err
	}
	for _, id := range a.ids {
		if _, err := follow(ctx, a.followers[id]); err != nil {
			return fmt.Errorf("looking again: %w", err)
		}
	}
	a.listen(ctx)
	return ctx.Err()
}

// patience is how long a difference may take to go away by itself.
func (a *Auditor) patience() time.Duration {
	if a.whole {
		return 20 * time.Millisecond
	}
	return min(a.cfg.Interval/20, 3*time.Second)
}

// lasting gives what a suspect differs in as it did before.
func (a *Auditor) lasting(ctx context.Context, s suspect) ([]Difference, error) {
	found, flying, err := s.again(ctx)
	if err != nil || flying {
		return nil, err
	}
	before := map[identity]bool{}
	for _, d := range s.found {
		before[d.identity()] = true
	}
	var lasting []Difference
	for _, d := range found {
		if before[d.identity()] {
			lasting = append(lasting, d)
		}
	}
	return lasting, nil
}

// stocks lists the followers of stock ledgers.
func (a *Auditor) stocks() []*follower {
	var all []*follower
	for _, id := range a.ids {
		if f := a.followers[id]; id.Kind() == ledger.KindStock && f.stock() != nil {
			all = append(all, f)
		}
	}
	return all
}
