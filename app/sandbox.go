package app

import (
	"context"
	"fmt"

	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// sandbox is what a rehearsal has for ledgers: machines in memory. A command is decided, what
// follows from it is applied, and mail is delivered at once until there is none.
type sandbox struct {
	real    *Inventory
	orders  map[ledger.ID]*reservation.State
	stocks  map[ledger.ID]*stock.State
	met     map[ledger.UUID]bool // orders that were read
	known   map[shelf]bool       // levels that were read
	looked  bool                 // for warehouses that were added
	at      ledger.Stamp
	mail    []posted
	settled ledger.Change       // of the order that a command is about
	moves   []Move              // since begin, in order
	moving  map[shelf]ledger.ID // of moves
}

// shelf is a SKU in a warehouse.
type shelf struct {
	sku       stock.SKU
	warehouse stock.WarehouseID
}

// posted is mail on its way from a ledger.
type posted struct {
	from ledger.ID
	ledger.Mail
}

func newSandbox(in *Inventory) *sandbox {
	return &sandbox{
		real: in, orders: map[ledger.ID]*reservation.State{}, stocks: map[ledger.ID]*stock.State{},
		met: map[ledger.UUID]bool{}, known: map[shelf]bool{}, moving: map[shelf]ledger.ID{},
	}
}

// staged is what planning in a sandbox knows of stock. All of it is exact.
type staged struct {
	levels
	box *sandbox
}

// Available implements reservation.Stock.
func (s staged) Available(w stock.Warehouse, sku stock.SKU) (units int64, exact bool) {
	l, _ := s.box.stockOf(w.LedgerOf(sku)).Level(sku)
	return l.Available(), true
}

func (b *sandbox) ordersOf(id ledger.ID) *reservation.State {
	s, ok := b.orders[id]
	if !ok {
		s = reservation.New(id, b.real.cfg.Reservation, staged{levels{b.real}, b})
		b.orders[id] = s
	}
	return s
}

func (b *sandbox) stockOf(id ledger.ID) *stock.State {
	s, ok := b.stocks[id]
	if !ok {
		s = stock.New(id)
		b.stocks[id] = s
	}
	return s
}

func (b *sandbox) machine(id ledger.ID) ledger.Machine {
	if id.Kind() == ledger.KindStock {
		return b.stockOf(id)
	}
	return b.ordersOf(id)
}

// ask is fleet.Fleet.Ask, but that all has happened that follows from the command when it is
// answered. What has to be read is read before anything is changed.
func (b *sandbox) ask(ctx context.Context, id ledger.ID, cmd ledger.Command, _ owner.Patience) (any, error) {
	if adjust, ok := cmd.(stock.Adjust); ok {
		return b.askAdjust(ctx, adjust)
	}
	key, ok := orderOf(cmd)
	if !ok {
		return nil, fmt.Errorf("%w: %T is not rehearsed", owner.ErrDefect, cmd)
	}
	if err := b.meet(ctx, id, key); err != nil {
		return nil, err
	}
	if r, ok := cmd.(reservation.Reserve); ok {
		if err := b.survey(ctx, id, r); err != nil {
			return nil, err
		}
	}
	b.tick()
	d, err := b.decide(id, cmd)
	if err != nil {
		return nil, err
	}
	if d.Wait != nil {
		if d.Wait.Answer == nil || b.settled == nil {
			return nil, underWay(key)
		}
		d = d.Wait.Answer(b.settled)
	}
	return d.Outcome, d.Err
}

// askAdjust is ask of an adjustment. That its key was used before is known of what is in the archive,
// and of what was rehearsed.
func (b *sandbox) askAdjust(ctx context.Context, cmd stock.Adjust) (any, error) {
	if err := b.learn(ctx, []shelf{{cmd.SKU, stock.WarehouseID(cmd.Ledger.Scope())}}); err != nil {
		return nil, err
	}
	found, err := b.real.world.Archive.Recall(ctx, ledger.KindStock, []ledger.UUID{cmd.ID()})
	if err != nil {
		return nil, fmt.Errorf("looking for the key %s of %s: %w", cmd.Key, cmd.Actor, err)
	}
	b.tick()
	d := b.machine(cmd.Ledger).Decide(cmd, ledger.Recalled{Asked: true, Body: found[cmd.ID()]}, b.at)
	if err := b.apply(cmd.Ledger, d.Changes); err != nil {
		return nil, err
	}
	return d.Outcome, d.Err
}

// underWay says that an order's stock ledgers have not answered yet.
func underWay(id ledger.UUID) error {
	return fmt.Errorf("reservation %s: something is under way: %w", id, reservation.ErrBusy)
}

// orderOf names the reservation that a command of an event is about.
func orderOf(cmd ledger.Command) (ledger.UUID, bool) {
	switch cmd := cmd.(type) {
	case reservation.Reserve:
		return reservation.IDOf(cmd.Order), true
	case reservation.Release:
		return cmd.ID, true
	case reservation.Confirm:
		return cmd.ID, true
	}
	return ledger.UUID{}, false
}

// tick lets an entry begin. Its time is the clock's, so that holds end when they would.
func (b *sandbox) tick() {
	b.at = ledger.Stamp{Version: b.at.Version + 1, At: max(b.at.At, b.real.world.Clock.Now().UnixMilli())}
}

// decide decides a command, and has everything happen that follows from it.
func (b *sandbox) decide(id ledger.ID, cmd ledger.Command) (ledger.Decision, error) {
	b.settled = nil
	d := b.machine(id).Decide(cmd, ledger.Recalled{}, b.at)
	if err := b.apply(id, d.Changes); err != nil {
		return d, err
	}
	for len(b.mail) > 0 {
		next := b.mail[0]
		b.mail = b.mail[1:]
		if err := b.deliver(next); err != nil {
			return d, err
		}
	}
	return d, nil
}

// deliver has mail taken, what it asks for decided, and the sender know.
func (b *sandbox) deliver(p posted) error {
	d := b.machine(p.To).Decide(ledger.Received{From: p.from, Number: p.Number, Body: p.Body}, ledger.Recalled{}, b.at)
	if d.Err != nil {
		return fmt.Errorf("%w: rehearsed mail from %s to %s: %w", owner.ErrDefect, p.from, p.To, d.Err)
	}
	if err := b.apply(p.To, append(d.Changes, ledger.MailTaken{From: p.from, Upto: p.Number})); err != nil {
		return err
	}
	return b.apply(p.from, []ledger.Change{ledger.MailAcked{To: p.To, Upto: p.Number}})
}

// apply makes changes of a ledger, and notes what follows from them.
func (b *sandbox) apply(id ledger.ID, changes []ledger.Change) error {
	m := b.machine(id)
	for _, c := range changes {
		switch c := c.(type) {
		case ledger.MailSent:
			b.mail = append(b.mail, posted{id, c.Mail})
		case stock.Moved:
			for _, l := range c.Lines {
				b.touch(id, l.SKU)
			}
		case stock.AdjustmentMade:
			b.touch(id, c.SKU)
		case reservation.Changed:
			if c.Progress().Settled {
				b.settled = c
			}
		}
		if err := m.Apply(c, b.at); err != nil {
			return fmt.Errorf("%w: rehearsed in %s: %w", owner.ErrDefect, id, err)
		}
	}
	return nil
}

// begin forgets how levels changed.
func (b *sandbox) begin() {
	b.moves = nil
	clear(b.moving)
	b.mail = nil
}

// touch notes a level that is about to change.
func (b *sandbox) touch(id ledger.ID, sku stock.SKU) {
	at := shelf{sku, stock.WarehouseID(id.Scope())}
	if _, ok := b.moving[at]; ok {
		return
	}
	l, _ := b.stockOf(id).Level(sku)
	b.moving[at] = id
	b.moves = append(b.moves, Move{SKU: sku, WarehouseID: at.warehouse, OnHandBefore: l.OnHand(), HeldBefore: l.Held()})
}

// moved lists the levels that are not what they were at begin.
func (b *sandbox) moved() []Move {
	var moved []Move
	for _, m := range b.moves {
		l, _ := b.stockOf(b.moving[shelf{m.SKU, m.WarehouseID}]).Level(m.SKU)
		if m.OnHandAfter, m.HeldAfter = l.OnHand(), l.Held(); m.OnHandAfter != m.OnHandBefore || m.HeldAfter != m.HeldBefore {
			moved = append(moved, m)
		}
	}
	return moved
}
