package fleet

import (
	"context"
	"time"

	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// LevelsHere reads levels from the memory of the ledgers that this process is sure to own: else
// another one may have them by now. Those of a ledger are read together. Of other ledgers there is
// none that is Owned.
func (f *Fleet) LevelsHere(asked []wire.Shelf) []wire.Level {
	found := make([]wire.Level, len(asked))
	var of map[ledger.ID][]int // places of each ledger that is owned here: few or none in a large fleet
	for i, s := range asked {
		if _, met := of[s.Ledger]; !met && !f.host.Sure(s.Ledger) {
			continue
		}
		if of == nil {
			of = map[ledger.ID][]int{}
		}
		of[s.Ledger] = append(of[s.Ledger], i)
	}
	for id, places := range of {
		f.host.View(id, func(m ledger.Machine) {
			state, ok := m.(*stock.State)
			for _, i := range places {
				found[i].Owned = ok
				if ok {
					found[i].Level, found[i].Known = state.Level(asked[i].SKU)
				}
			}
		})
	}
	return found
}

// levelPatience bounds how long a member may take to tell levels: it has them in memory, and the
// tables have them too.
const levelPatience = 500 * time.Millisecond

// LevelsElsewhere asks the other members that own the ledgers, each once, for levels in their
// memory. Of a ledger for which nobody answered there is none that is Owned.
func (f *Fleet) LevelsElsewhere(ctx context.Context, asked []wire.Shelf) []wire.Level {
	found := make([]wire.Level, len(asked))
	if f.alone() {
		return found
	}
	of := map[ports.Member][]int{}
	for i, s := range asked {
		if m, ok := f.ownerOf(s.Ledger, true); ok {
			of[m] = append(of[m], i)
		}
	}
	var members []ports.Member
	for m := range of {
		members = append(members, m)
	}
	ctx, cancel := context.WithTimeout(ctx, levelPatience)
	defer cancel()
	inParallel(membersAtOnce, members, func(m ports.Member) {
		shelves := make([]wire.Shelf, 0, len(of[m]))
		for _, i := range of[m] {
			shelves = append(shelves, asked[i])
		}
		a, err := ask[wire.LevelAnswer](ctx, f, m, askFor(shelves))
		if err != nil {
			return
		}
		for n, l := range a.Levels[:min(len(a.Levels), len(shelves))] {
			found[of[m][n]] = l
		}
	})
	return found
}

// membersAtOnce bounds the members that are asked at once.
const membersAtOnce = 16

// askFor is the question about some shelves. About one SKU members are asked who are older than
// the question about many.
func askFor(shelves []wire.Shelf) wire.Message {
	one := wire.AskLevel{SKU: shelves[0].SKU}
	for _, s := range shelves {
		if s.SKU != one.SKU {
			return wire.AskShelves{Shelves: shelves}
		}
		one.Ledgers = append(one.Ledgers, s.Ledger)
	}
	return one
}
