package watch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// Revision is a place in the journals of a warehouse: for each of its stock ledgers, in
// their order, the version of the newest entry that is known. nil is of no place yet.
type Revision []int64

// String writes the versions with dots between, such as 17 or 17.0.4; nothing for nil.
func (r Revision) String() string {
	parts := make([]string, 0, len(r))
	for _, v := range r {
		parts = append(parts, strconv.FormatInt(v, 10))
	}
	return strings.Join(parts, ".")
}

// ParseRevision reads what String wrote, for a warehouse with that many ledgers: nil for
// nothing. Errors wrap stock.ErrInvalid.
func ParseRevision(s string, ledgers int) (Revision, error) {
	if s == "" {
		return nil, nil
	}
	parts := strings.SplitN(s, ".", stock.MaxLedgers+1)
	if len(parts) != ledgers {
		return nil, fmt.Errorf("%w revision %.80q: expected one of this warehouse, which has %d numbers", stock.ErrInvalid, s, ledgers)
	}
	r := make(Revision, 0, ledgers)
	for _, part := range parts {
		v, err := strconv.ParseInt(part, 10, 64)
		if err != nil || v < 0 || strconv.FormatInt(v, 10) != part {
			return nil, fmt.Errorf("%w revision %.80q: %.20q is no version", stock.ErrInvalid, s, part)
		}
		r = append(r, v)
	}
	return r, nil
}

func (r Revision) clone() Revision { return slices.Clone(r) }

// Request says what is to be watched.
type Request struct {
	Ledgers []ledger.ID // all stock ledgers of a warehouse, in order
	// SKUs are the ones to hear of; empty: all.
	SKUs []stock.SKU
	// From is the revision after which changes are told; nil: a snapshot comes first.
	From Revision
}
