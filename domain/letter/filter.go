package letter

import (
	"slices"
	"strconv"
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

// Fits tells whether a letter is chosen, whatever its state.
func (f Filter) Fits(m *Meta) bool {
	switch {
	case len(f.IDs) > 0 && !slices.Contains(f.IDs, m.ID),
		f.Topic != "" && f.Topic != m.Topic,
		f.Code != "" && f.Code != m.Code,
		f.Key != "" && f.Key != m.Key,
		f.Order != "" && f.Order != m.Key,
		f.Schema != nil && *f.Schema != m.Schema,
		!f.From.IsZero() && m.BuriedAt.Before(f.From),
		!f.Until.IsZero() && !m.BuriedAt.Before(f.Until),
		f.Partition != nil && *f.Partition != m.Partition,
		f.FirstAt != nil && m.Offset < *f.FirstAt,
		f.LastAt != nil && m.Offset > *f.LastAt:
		return false
	}
	return f.Group == "" || f.Group == GroupOf(m).ID()
}

func jobKey(id ledger.UUID, rest string) string { return "job/" + id.String() + rest }

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
