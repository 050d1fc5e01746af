package letters

import (
	"cmp"
	"context"
	"slices"

	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/stock"
)

// Rehearse tells what a replay of the chosen open letters would do now, one after the other, and
// does none of it. Letters that a running job has are left out. Errors: stock.ErrInvalid,
// ports.ErrTransient.
func (d *Desk) Rehearse(ctx context.Context, f letter.Filter, p Page) (Rehearsed, error) {
	n, err := p.limit()
	if err != nil {
		return Rehearsed{}, err
	}
	if f, err = only(f, letter.Open); err != nil {
		return Rehearsed{}, err
	}
	r := rehearsing{
		desk: d, limit: n, after: p.After, begun: p.After == ledger.UUID{}, stage: d.world.Handler.NewRehearsal(),
		sums: map[Sum]int{}, moves: map[shelf]app.Move{},
	}
	r.told.At = d.now()
	err = d.consult(ctx, func(b *letter.Book) error {
		r.told.Taken, r.told.Bounds = b.Taken(f), b.Bounds(f)
		return nil
	})
	if err != nil {
		return Rehearsed{}, err
	}
	if err := d.each(ctx, f, func(all []fetched) error { return r.take(ctx, all) }); err != nil {
		return Rehearsed{}, err
	}
	return r.result(), nil
}

// rehearsing is a rehearsal under way.
type rehearsing struct {
	desk  *Desk
	stage Rehearsal
	limit int
	after ledger.UUID
	begun bool // the letter after was met
	told  Rehearsed
	sums  map[Sum]int
	moves map[shelf]app.Move
}

// shelf is a SKU in a warehouse.
type shelf struct {
	sku       stock.SKU
	warehouse stock.WarehouseID
}

// take rehearses the letters of a chunk, in their order.
func (r *rehearsing) take(ctx context.Context, all []fetched) error {
	all = slices.DeleteFunc(all, func(l fetched) bool { return l.Job != ledger.UUID{} || !below(r.told.Bounds, l.Place) })
	read := r.desk.decodeAll(ctx, all)
	events := make([]app.Consumption, 0, len(read))
	for i := range read {
		if read[i].fault == nil {
			events = append(events, consumptionOf(&read[i]))
		}
	}
	if err := r.stage.Prepare(ctx, events); err != nil {
		return err
	}
	for i := range read {
		e, err := act(ctx, r.stage, &read[i])
		if gone := context.Cause(ctx); gone != nil {
			return gone
		}
		r.count(all[i].Entry, verdictOf(&read[i], e, err))
	}
	return nil
}

func (r *rehearsing) count(e letter.Entry, v Verdict) {
	r.told.Total++
	r.sums[Sum{Topic: e.Topic, Code: e.Code, Outcome: v.Outcome, Again: v.Code}]++
	for _, m := range v.Moves {
		r.move(m)
	}
	switch {
	case !r.begun:
		r.begun = e.ID == r.after
	case len(r.told.Letters) < r.limit:
		r.told.Letters = append(r.told.Letters, RehearsedLetter{e, v})
	default:
		r.told.More = true
	}
}

// move adds a move to those before it: what was before stays that of the first.
func (r *rehearsing) move(m app.Move) {
	at := shelf{m.SKU, m.WarehouseID}
	if was, ok := r.moves[at]; ok {
		m.OnHandBefore, m.HeldBefore = was.OnHandBefore, was.HeldBefore
	}
	r.moves[at] = m
}

func (r *rehearsing) result() Rehearsed {
	for s, n := range r.sums {
		s.Letters = n
		r.told.Sums = append(r.told.Sums, s)
	}
	slices.SortFunc(r.told.Sums, func(a, b Sum) int {
		return cmp.Or(cmp.Compare(b.Letters, a.Letters), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Again, b.Again))
	})
	for _, m := range r.moves {
		if m.OnHandBefore != m.OnHandAfter || m.HeldBefore != m.HeldAfter {
			r.told.Moves = append(r.told.Moves, m)
		}
	}
	slices.SortFunc(r.told.Moves, func(a, b app.Move) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.WarehouseID, b.WarehouseID))
	})
	return r.told
}

// below tells whether a place lies below bounds.
func below(bounds []letter.Place, p letter.Place) bool {
	return slices.ContainsFunc(bounds, func(b letter.Place) bool {
		return b.Topic == p.Topic && b.Partition == p.Partition && p.Offset < b.Offset
	})
}
