package apptest

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

// read reads a whole journal from the chronicle and proves that it is gapless, in order of
// epoch and time, that it never oversold, and that the store and its snapshots agree. ok is
// false where it makes no sense to go on.
func (v *view) read(ctx context.Context, id ledger.ID) (l *told, ok bool) {
	l = &told{id: id}
	store := v.h.c.slots[0].store
	head, err := store.Head(ctx, id)
	if err == nil {
		err = store.Entries(ctx, id, head.Trimmed, head.Version, true, func(ports.Record) error { return nil }) // the chronicle reads along
	}
	if err != nil {
		v.found.add("%s: reading its journal: %v", id, err)
		return l, false
	}
	var decode ledger.ChangeDecoder
	l.state, decode = machine(id)
	a := v.h.c.chronicle.annalsOf(id)
	for version := int64(1); version <= head.Version; version++ {
		record, ok := a.entries[version]
		if !ok {
			v.found.add("%s: entry %d of %d is missing", id, version, head.Version)
			return l, false
		}
		e, err := ledger.DecodeEntry(record.Body, decode)
		if err == nil {
			err = l.take(e)
		}
		if err != nil {
			v.found.add("%s: entry %d: %v", id, version, err)
			return l, false
		}
		if ahead := time.UnixMilli(e.At).Sub(a.noted[version]); ahead > skew {
			v.found.add("%s: entry %d is of %s after it was in: a clock that was set was believed", id, version, ahead)
		}
		v.note(l.id, e, a.noted[version])
		v.checkSnapshot(l, e.Stamp, a.snapshots[version])
	}
	for version := range a.entries {
		if version > head.Version {
			v.found.add("%s: entry %d is above the head %d", id, version, head.Version)
		}
	}
	v.checkReigns(l, a.reigns)
	if err := l.state.Check(); err != nil {
		v.found.add("%s: the fold of its journal: %v", id, err)
	}
	return l, true
}

// machine makes a ledger's empty state. A reservation ledger needs no levels to be folded.
func machine(id ledger.ID) (ledger.Machine, ledger.ChangeDecoder) {
	if id.Kind() == ledger.KindStock {
		return stock.New(id), stock.DecodeChange
	}
	return reservation.New(id, reservation.DefaultConfig(), nil), reservation.DecodeChange
}

// take adds the next entry.
func (l *told) take(e *ledger.Entry) error {
	if n := len(l.entries); n > 0 {
		last := l.entries[n-1]
		if e.Epoch < last.Epoch || e.At <= last.At {
			return fmt.Errorf("of epoch %d at %d after one of epoch %d at %d", e.Epoch, e.At, last.Epoch, last.At)
		}
	}
	if want := int64(len(l.entries) + 1); e.Version != want {
		return fmt.Errorf("it says that it is %d", e.Version)
	}
	for _, c := range e.Changes {
		if err := l.state.Apply(c, e.Stamp); err != nil {
			return err
		}
	}
	l.entries = append(l.entries, e)
	return nil
}

// checkReigns proves that nothing of an older epoch got in after an owner had taken over.
func (v *view) checkReigns(l *told, reigns map[int64]int64) {
	for epoch, version := range reigns {
		for _, e := range l.entries {
			if e.Version > version && e.Epoch < epoch || e.Version <= version && e.Epoch >= epoch {
				v.found.add("%s: epoch %d began after entry %d, but entry %d is of epoch %d", l.id, epoch, version, e.Version, e.Epoch)
			}
		}
	}
}

// checkSnapshot proves that what an owner had in memory was the fold of its journal.
func (v *view) checkSnapshot(l *told, at ledger.Stamp, body []byte) {
	if body == nil {
		return
	}
	v.h.c.count("snapshots compared")
	w := &ledger.Writer{}
	ledger.EncodeSnapshot(w, at, l.state)
	if !bytes.Equal(w.Bytes(), body) {
		v.found.add("%s: the snapshot of entry %d is not the fold of its journal", l.id, at.Version)
	}
}

// note keeps what an entry, in since then, says about orders and goods.
func (v *view) note(id ledger.ID, e *ledger.Entry, in time.Time) {
	for _, c := range e.Changes {
		switch c := c.(type) {
		case reservation.Changed:
			v.noteOrder(c)
		case stock.Moved:
			v.noteMoved(id, e.Version, c)
		case stock.AdjustmentMade:
			at := place{stock.WarehouseID(id.Scope()), c.SKU}
			v.level(at).onHand += c.Delta
			if c.Key == "" {
				v.fixed[at] += c.Delta
				continue
			}
			if _, twice := v.keys[c.ID]; twice {
				v.found.add("%s: entry %d: the adjustment %s of %s is made twice", id, e.Version, c.Key, c.Actor)
			}
			v.keys[c.ID] = done{c.Adjustment, in}
		}
	}
	v.noteMarks(id, e)
}

func (v *view) noteOrder(c reservation.Changed) {
	f := v.fate(c.Order.ID)
	if c.Event != reservation.NoEvent {
		f.events[c.Event]++
		v.noteEvent(f, c)
	}
	f.last, f.end = c.Order, c.Order.Status
	if c.Gone {
		f.end = 0
	}
	if c.Order.LatePick {
		f.end = reservation.Planned
	}
}

// noteEvent keeps account of an order's units by what its events say.
func (v *view) noteEvent(f *fate, c reservation.Changed) {
	if c.Event == reservation.RejectedEvent {
		return
	}
	if c.Event == reservation.ExpiringEvent {
		if f.warned[c.Order.ExpiresAt] {
			v.found.add("order %s: its end at %d is announced twice", c.Order.ID, c.Order.ExpiresAt)
		}
		f.warned[c.Order.ExpiresAt] = true
		return
	}
	var live int64
	for _, n := range f.left {
		live += n
	}
	for _, it := range c.Items() {
		at := place{it.Warehouse, it.SKU}
		switch {
		case c.Event == reservation.ReservedEvent:
			f.asked[at] += it.Quantity
			f.left[at] += it.Quantity
		case c.Event == reservation.ReleasedEvent:
			f.left[at] -= it.Quantity
		default:
			f.picked[at] += it.Quantity
			if live > 0 {
				f.left[at] -= it.Quantity
			}
		}
	}
}

// noteMoved keeps the naive book of a hold, release or pick: stock is never oversold.
func (v *view) noteMoved(id ledger.ID, version int64, c stock.Moved) {
	f := v.fate(c.Order)
	for _, line := range c.Lines {
		if c.Movement == stock.Held {
			f.held[id] += line.Quantity
		} else {
			f.ended[id] += line.Quantity
		}
		level := v.level(place{stock.WarehouseID(id.Scope()), line.SKU})
		switch c.Movement {
		case stock.Held:
			level.held += line.Quantity
			if level.held > level.onHand {
				v.found.add("%s: entry %d: oversold: %s has %d on hand, and %d held with order %s", id, version, line.SKU, level.onHand, level.held, c.Order)
			}
		case stock.Released:
			level.held -= line.Quantity
		case stock.Confirmed, stock.Adjusted:
			level.held -= line.Quantity
			level.onHand -= line.Quantity
		}
		if level.held != line.After.Held() || level.onHand != line.After.OnHand() || level.held < 0 || level.onHand < 0 {
			v.found.add("%s: entry %d: %s: on hand %d, held %d; the entry says %d and %d", id, version, line.SKU, level.onHand, level.held, line.After.OnHand(), line.After.Held())
		}
	}
}
