package fleet

import (
	"context"
	"fmt"

	"inventory/app/owner"
	"inventory/app/wire"
)

// Answer implements ports.WireHandler. It never asks another member: whoever is not the owner
// says so.
func (f *Fleet) Answer(ctx context.Context, request []byte) []byte {
	m, err := f.codec.Decode(request)
	if err != nil {
		return f.reply(wire.Refused{Err: fmt.Errorf("a request of another member: %w", err)})
	}
	switch r := m.(type) {
	case wire.Ask:
		return f.reply(f.decide(ctx, r))
	case wire.AskLevel:
		return f.reply(f.tellLevels(r.Shelves()))
	case wire.AskShelves:
		return f.reply(f.tellLevels(r.Shelves))
	case wire.AskLevels:
		return f.reply(f.feeds.answer(ctx, r))
	case wire.Hail:
		f.reach.heardOf(r.From)
		return f.reply(wire.Hailed{})
	case wire.AskLapsing:
		return f.reply(f.lapsingHere(r))
	case wire.AskStatus:
		return f.reply(wire.StatusAnswer{Ledgers: f.Here()})
	}
	return f.reply(wire.Refused{Err: fmt.Errorf("%w: %T is no request", owner.ErrDefect, m)})
}

// tellLevels tells another member levels of ledgers that this process owns.
func (f *Fleet) tellLevels(shelves []wire.Shelf) wire.LevelAnswer {
	if f.world.Asked != nil {
		f.world.Asked(shelves)
	}
	return wire.LevelAnswer{Levels: f.LevelsHere(shelves)}
}

// decide has a ledger of this process decide a command.
func (f *Fleet) decide(ctx context.Context, r wire.Ask) (a wire.Answer) {
	if f.world.Meet != nil && f.host.Owns(r.Ledger) {
		if a.Err = f.world.Meet(ctx, r.Command); a.Err != nil {
			return a
		}
	}
	a.Outcome, a.Err = f.host.Ask(ctx, r.Ledger, r.Command, owner.Patience(r.Patience))
	return a
}
