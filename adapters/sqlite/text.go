package sqlite

import (
	"database/sql"
	"fmt"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// timeLayout is how times are stored: UTC, to the millisecond, in a form that sorts.
const timeLayout = "2006-01-02T15:04:05.000Z"

func timeText(t time.Time) string { return t.UTC().Format(timeLayout) }

// optionalTimeText is NULL for the zero time.
func optionalTimeText(t time.Time) sql.NullString {
	if t.IsZero() {
		return sql.NullString{}
	}
	return sql.NullString{String: timeText(t), Valid: true}
}

// parsed collects the first fault of a row's values, so that a row is read in one go.
type parsed struct{ err error }

func (p *parsed) time(s string) time.Time {
	t, err := time.Parse(timeLayout, s)
	p.note(err)
	return t
}

func (p *parsed) optionalTime(s sql.NullString) time.Time {
	if !s.Valid {
		return time.Time{}
	}
	return p.time(s.String)
}

func (p *parsed) uuid(s string) ledger.UUID {
	u, err := ledger.ParseUUID(s)
	p.note(err)
	return u
}

func (p *parsed) note(err error) {
	if p.err == nil && err != nil {
		p.err = fmt.Errorf("%w: a row that this program did not write: %w", ports.ErrPermanent, err)
	}
}

// ownBody copies a body, which the caller may change as soon as a call returns; columns of
// bodies take no NULL.
func ownBody(b []byte) []byte { return append([]byte{}, b...) }
