package letter

import (
	"slices"
	"time"

	"inventory/domain/ledger"
)

// Filter chooses letters: those that fit all of what is set. The zero value chooses all.
type Filter struct {
	IDs       []ledger.UUID
	Topic     string
	Group     string // id of a Group
	Code      string
	Key       string // the record's
	Order     string // that the letter is about: its key
	Schema    *int64
	From      time.Time // buried then or later
	Until     time.Time // buried before
	Partition *int32    // of the topic of dead letters
	FirstAt   *int64    // offset there, this or a later one
	LastAt    *int64    // offset there, this or an earlier one
	States    []string  // as State has them; none: open letters alone
}

// Fits tells whether a letter is chosen, whatever its state. A Book has faster ways for many.
func (f Filter) Fits(m *Meta) bool {
	s, group := newSieve(f), ""
	if f.Group != "" {
		group = GroupOf(m).ID()
	}
	return s.fits(m, group)
}

// sieve is a filter made ready for many letters.
type sieve struct {
	Filter
	ids map[ledger.UUID]bool // nil: any
}

func newSieve(f Filter) sieve {
	s := sieve{Filter: f}
	if len(f.IDs) > 0 {
		s.ids = make(map[ledger.UUID]bool, len(f.IDs))
		for _, id := range f.IDs {
			s.ids[id] = true
		}
	}
	return s
}

// fits tells whether a letter of a group is chosen, whatever its state.
func (s *sieve) fits(m *Meta, group string) bool {
	switch {
	case s.ids != nil && !s.ids[m.ID],
		s.Group != "" && s.Group != group,
		s.Topic != "" && s.Topic != m.Topic,
		s.Code != "" && s.Code != m.Code,
		s.Key != "" && s.Key != m.Key,
		s.Order != "" && s.Order != m.Key,
		s.Schema != nil && *s.Schema != m.Schema,
		!s.From.IsZero() && m.BuriedAt.Before(s.From),
		!s.Until.IsZero() && !m.BuriedAt.Before(s.Until):
		return false
	}
	return s.holds(m.Place)
}

// holds tells whether a place is in the part of the logs that the filter names.
func (s *sieve) holds(p Place) bool {
	return (s.Partition == nil || *s.Partition == p.Partition) &&
		(s.FirstAt == nil || p.Offset >= *s.FirstAt) && (s.LastAt == nil || p.Offset <= *s.LastAt)
}

// wants tells whether letters in a state are chosen.
func (s *sieve) wants(state string) bool {
	if len(s.States) == 0 {
		return state == Open
	}
	return slices.Contains(s.States, state)
}
