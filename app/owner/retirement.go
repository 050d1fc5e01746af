package owner

import (
	"cmp"
	"slices"

	"inventory/domain/ledger"
)

// retirement lists records that have ended, in the order of the entries that ended them,
// until they are relayed and forgotten. Records that a look-up is about are pinned: a
// look-up may miss what the archive did not have when it was made, so what it misses must
// stay in memory until the command that asked is decided.
type retirement struct {
	ended []endedRecord
	pins  map[ledger.UUID]int
}

type endedRecord struct {
	key     ledger.UUID
	version int64
}

func newRetirement() *retirement { return &retirement{pins: map[ledger.UUID]int{}} }

func (r *retirement) add(key ledger.UUID, version int64) {
	r.ended = append(r.ended, endedRecord{key, version})
}

func (r *retirement) pin(key ledger.UUID) { r.pins[key]++ }

func (r *retirement) unpin(key ledger.UUID) {
	if r.pins[key]--; r.pins[key] <= 0 {
		delete(r.pins, key)
	}
}

// ready tells whether a record could be forgotten.
func (r *retirement) ready(relayed int64) bool {
	return len(r.ended) > 0 && r.ended[0].version <= relayed
}

// take removes up to limit records that are relayed and not pinned. Pinned ones come
// again later.
func (r *retirement) take(relayed int64, limit int) []ledger.UUID {
	var keys []ledger.UUID
	var pinned []endedRecord
	n := 0
	for ; n < len(r.ended) && r.ended[n].version <= relayed && len(keys) < limit; n++ {
		if r.pins[r.ended[n].key] > 0 {
			pinned = append(pinned, r.ended[n])
			continue
		}
		keys = append(keys, r.ended[n].key)
	}
	r.ended = append(r.ended[n:], pinned...)
	return keys
}

// sort orders records that were added in any order.
func (r *retirement) sort() {
	slices.SortFunc(r.ended, func(a, b endedRecord) int { return cmp.Compare(a.version, b.version) })
}
