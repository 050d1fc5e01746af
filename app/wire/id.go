package wire

import (
	"bytes"
	"strconv"
	"strings"

	"inventory/domain/ledger"
)

// The numbers of the kinds of ledgers, fixed for ever.
const (
	ledgerVerbatim    = 0 // not a name that ParseID accepts
	ledgerStock       = 1
	ledgerReservation = 2
)

// encodeID appends a ledger's name: its kind, its scope and its number.
func encodeID(w *ledger.Writer, id ledger.ID) {
	kind, scope, n, ok := partsOf(id)
	w.Byte(kind)
	if !ok {
		w.String(string(id))
		return
	}
	w.String(scope)
	w.Int(int64(n))
}

// partsOf takes the names apart that ParseID accepts, without making anything.
func partsOf(id ledger.ID) (kind byte, scope string, n int, ok bool) {
	first, rest, _ := strings.Cut(string(id), "/")
	scope, number, _ := strings.Cut(rest, "/")
	switch ledger.Kind(first) {
	case ledger.KindStock:
		kind = ledgerStock
	case ledger.KindReservation:
		kind = ledgerReservation
	}
	n, err := strconv.Atoi(number)
	if kind == ledgerVerbatim || scope == "" || err != nil || n < 0 || strconv.Itoa(n) != number {
		return ledgerVerbatim, "", 0, false
	}
	return kind, scope, n, true
}

// decodeID reads a name that ParseID accepts.
func decodeID(r *ledger.Reader) ledger.ID {
	switch kind := r.Byte(); kind {
	case ledgerStock:
		return decodeParts(ledger.KindStock, r)
	case ledgerReservation:
		return decodeParts(ledger.KindReservation, r)
	case ledgerVerbatim:
		id, err := ledger.ParseID(r.String())
		if err != nil {
			r.Fail("%v", err)
		}
		return id
	default:
		r.Fail("unknown kind of ledger %d", kind)
		return ""
	}
}

func decodeParts(kind ledger.Kind, r *ledger.Reader) ledger.ID {
	scope, n := r.Blob(), r.Int()
	if len(scope) == 0 || bytes.IndexByte(scope, '/') >= 0 || n < 0 {
		r.Fail("%s ledger %d of %.80q", kind, n, scope)
		return ""
	}
	var room [96]byte // most names fit: only the name itself is allocated
	name := append(append(room[:0], kind...), '/')
	name = append(append(name, scope...), '/')
	return ledger.ID(strconv.AppendInt(name, n, 10))
}
