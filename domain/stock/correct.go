package stock

import (
	"fmt"

	"inventory/domain/ledger"
)

// Correct is the command to tell the world a SKU's level again, and to add to
// inventory.events what its rows lack so that they sum up to the level. It changes neither
// what is on hand nor what is held: the ledger is right, what was derived from it is not.
// Its outcome is a Corrected.
type Correct struct {
	SKU    SKU
	Rows   int64 // rows that inventory.events lacks, below zero where it has too many
	OnHand int64 // units that the rows sum up to too little of, as Held is
	Held   int64
	// Measured is the newest entry whose rows were counted. A correction that was made after
	// it would be made twice: it is the outcome then.
	Measured int64
	Actor    string // who
	Reason   string // why, for people
	Origin
}

// Corrected is the change that a Correct was made.
type Corrected struct {
	SKU    SKU
	Rows   int64
	OnHand int64
	Held   int64
	Actor  string
	Reason string
	Origin
	After Level // as it was, but for seq and version
}

const kindCorrected = 18

// ChangeKind implements ledger.Change.
func (Corrected) ChangeKind() byte { return kindCorrected }

// Encode implements ledger.Change.
func (c Corrected) Encode(w *ledger.Writer) {
	w.String(string(c.SKU))
	w.Int(c.Rows)
	w.Int(c.OnHand)
	w.Int(c.Held)
	w.String(c.Actor)
	w.String(c.Reason)
	c.Origin.encode(w)
	c.After.encode(w)
}

func decodeCorrected(r *ledger.Reader) Corrected {
	return Corrected{
		SKU: SKU(r.String()), Rows: r.Int(), OnHand: r.Int(), Held: r.Int(),
		Actor: r.String(), Reason: r.String(), Origin: decodeOrigin(r), After: decodeLevel(r, 0),
	}
}

func (s *State) correct(cmd Correct, at ledger.Stamp) ledger.Decision {
	l, ok := s.levels.Get(cmd.SKU)
	if !ok {
		return ledger.Decision{Err: fmt.Errorf("%w sku %s: there is no level of it in %s to correct", ErrInvalid, cmd.SKU, s.id)}
	}
	c := Corrected{
		SKU: cmd.SKU, Rows: cmd.Rows, OnHand: cmd.OnHand, Held: cmd.Held,
		Actor: cmd.Actor, Reason: cmd.Reason, Origin: cmd.Origin, After: l,
	}
	if made, ok := s.corrected.Get(cmd.SKU); ok && made > cmd.Measured {
		return ledger.Decision{Outcome: c} // made already, and not counted yet
	}
	after, err := l.moved(Adjusted, Correction, 0, at)
	if err != nil {
		return ledger.Decision{Err: err}
	}
	c.After = after
	return ledger.Decision{Outcome: c, Changes: []ledger.Change{c}}
}

func (s *State) applyCorrected(c Corrected, at ledger.Stamp) error {
	if err := s.move(Line{SKU: c.SKU, After: c.After}, Adjusted, Correction, at); err != nil {
		return fmt.Errorf("correction of sku %s: %w", c.SKU, err)
	}
	s.corrected.Put(c.SKU, at.Version)
	return nil
}

// Counts gives the number of levels and of orders that something is held for.
func (s *State) Counts() (levels, holds int) { return s.levels.Len(), s.holds.Len() }
