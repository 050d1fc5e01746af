package audit

import (
	"bytes"
	"context"
	"slices"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// glanceAt is how many records of an owner's memory are looked at while its ledger waits:
// some tenths of a millisecond.
const glanceAt = 1024

// memory compares the owner's memory with the fold of the journal, record by record, at the
// same entry. Nothing is compared where another process is the owner.
func (a *Auditor) memory(ctx context.Context, f *follower) ([]Difference, error) {
	d := differences{about: Difference{Kind: ports.DifferentMemory, Ledger: f.id, Subject: "state"}}
	post := func(m ledger.Machine) any { return peersOf(m.Post()) }
	if err := a.compare(ctx, f, &d, "mail in memory", post); err != nil {
		return nil, err
	}
	count := func(m ledger.Machine) any {
		if s, ok := m.(*stock.State); ok {
			levels, holds := s.Counts()
			return []int{levels, holds}
		}
		return m.(*reservation.State).Count()
	}
	if err := a.compare(ctx, f, &d, "records in memory", count); err != nil {
		return nil, err
	}
	records := a.stockInMemory
	if f.orders() != nil {
		records = a.ordersInMemory
	}
	err := records(ctx, f, &d)
	if err == nil && a.whole {
		err = a.wholeMemory(ctx, f, &d)
	}
	return d.list, err
}

// wholeMemory compares all of the owner's memory, while the ledger waits.
func (a *Auditor) wholeMemory(ctx context.Context, f *follower, d *differences) error {
	memory, at, owned := a.w.Host.Memory(f.id)
	if !owned {
		return nil
	}
	if err := a.w.follow(ctx, f, at.Version); err != nil || f.at != at {
		return err
	}
	w := &ledger.Writer{}
	f.state.Encode(w)
	d.about.Subject, d.about.At = "state", at.Version
	d.text("memory equals the fold of the journal", true, bytes.Equal(w.Bytes(), memory))
	return nil
}

func peersOf(p *ledger.Post) map[ledger.ID]ledger.Peer {
	peers := map[ledger.ID]ledger.Peer{}
	for _, id := range p.Peers() {
		peers[id] = p.Peer(id)
	}
	return peers
}

// compare compares what see gives of the owner's memory and of the journal.
func (a *Auditor) compare(ctx context.Context, f *follower, d *differences, what string, see func(ledger.Machine) any) error {
	var found any
	same, err := a.glance(ctx, f, func(m ledger.Machine) { found = see(m) })
	if same {
		d.about.At = f.at.Version
		d.text(what, see(f.state), found)
	}
	return err
}

// glance looks at the owner's memory, and brings the follower to the same entry; same is
// false where that can't be done.
func (a *Auditor) glance(ctx context.Context, f *follower, see func(ledger.Machine)) (same bool, err error) {
	var at ledger.Stamp
	owned := a.w.Host.Glance(f.id, func(m ledger.Machine, stamp ledger.Stamp) {
		see(m)
		at = stamp
	})
	if !owned {
		return false, nil
	}
	if err := a.w.follow(ctx, f, at.Version); err != nil {
		return false, err
	}
	return f.at == at, nil
}

func (a *Auditor) stockInMemory(ctx context.Context, f *follower, d *differences) error {
	var skus []stock.SKU
	for sku := range f.stock().Levels() {
		skus = append(skus, sku)
	}
	for part := range slices.Chunk(skus, glanceAt) {
		levels := make([]stock.Level, len(part))
		same, err := a.glance(ctx, f, func(m ledger.Machine) {
			for i, sku := range part {
				levels[i], _ = m.(*stock.State).Level(sku)
			}
		})
		if err != nil || !same {
			return err
		}
		for i, sku := range part {
			want, _ := f.stock().Level(sku)
			if want == levels[i] {
				continue
			}
			d.about.Subject, d.about.At = "sku "+string(sku), f.at.Version
			d.text("level in memory", textOf(rowOf(want)), textOf(rowOf(levels[i])))
		}
		a.breathe(ctx)
	}
	var orders []stock.OrderID
	for order := range f.stock().Holds() {
		orders = append(orders, order)
	}
	for part := range slices.Chunk(orders, glanceAt) {
		holds := make([][]stock.Item, len(part))
		same, err := a.glance(ctx, f, func(m ledger.Machine) {
			for i, order := range part {
				holds[i] = m.(*stock.State).Hold(order) // never changed in place
			}
		})
		if err != nil || !same {
			return err
		}
		for i, order := range part {
			if want := f.stock().Hold(order); !slices.Equal(want, holds[i]) {
				d.about.Subject, d.about.At = "order "+string(order), f.at.Version
				d.text("hold in memory", want, holds[i])
			}
		}
		a.breathe(ctx)
	}
	return nil
}

func (a *Auditor) ordersInMemory(ctx context.Context, f *follower, d *differences) error {
	for part := range slices.Chunk(keysOf(f), glanceAt) {
		orders := make([]*reservation.Order, len(part))
		same, err := a.glance(ctx, f, func(m ledger.Machine) {
			for i, key := range part {
				orders[i], _ = m.(*reservation.State).Order(key) // never changed in place
			}
		})
		if err != nil || !same {
			return err
		}
		for i, key := range part {
			want, _ := f.orders().Order(key)
			if same := bytes.Equal(encoded(want), encoded(orders[i])); !same {
				d.about.Subject, d.about.At = "reservation "+key.String(), f.at.Version
				d.text("order in memory is the one of the journal", true, same)
			}
		}
		a.breathe(ctx)
	}
	return nil
}

func keysOf(f *follower) []ledger.UUID {
	keys := make([]ledger.UUID, 0, f.orders().Count())
	for key := range f.orders().Orders() {
		keys = append(keys, key)
	}
	return keys
}

// encoded is an order with its version; nothing for no order.
func encoded(o *reservation.Order) []byte {
	w := &ledger.Writer{}
	if o != nil {
		w.Int(o.Version())
		o.Encode(w)
	}
	return w.Bytes()
}
