// Package memory keeps journals, tables, the directory and the members in this process's memory, with
// the same guarantees as the other stores, except that all is gone with the process and
// no row ever expires. Tests and trials use it; it knows no business rule.
package memory

import (
	"sync"

	"inventory/domain/global"
	"inventory/domain/ledger"
	"inventory/ports"
)

// MaxEntry is the largest body of an entry that the store takes, in bytes: what a
// mutation of Cassandra may hold, so that what works here works there.
const MaxEntry = 15 << 20

// Store is one store; it is its own handle for any number of owners and is safe for
// concurrent use. Make it with New.
type Store struct {
	mu           sync.Mutex // guards all below
	journals     map[ledger.ID]*journal
	snapshots    map[snapshotKey][][]byte
	events       map[stockKey]map[eventKey]ports.EventRow
	levels       map[stockKey]map[string]ports.LevelRow // by week
	reservations map[ledger.UUID]ports.ReservationRow
	adjustments  map[ledger.UUID]ports.AdjustmentRow
	outboxes     map[ledger.ID]*outbox
	warehouses   map[string]ports.WarehouseRecord
	regions      map[string]int // number of reservation ledgers
	members      map[string]ports.Member
	totals       map[global.Key]ports.GlobalRow
}

// New returns an empty store.
func New() *Store {
	return &Store{
		journals:     map[ledger.ID]*journal{},
		snapshots:    map[snapshotKey][][]byte{},
		events:       map[stockKey]map[eventKey]ports.EventRow{},
		levels:       map[stockKey]map[string]ports.LevelRow{},
		reservations: map[ledger.UUID]ports.ReservationRow{},
		adjustments:  map[ledger.UUID]ports.AdjustmentRow{},
		outboxes:     map[ledger.ID]*outbox{},
		warehouses:   map[string]ports.WarehouseRecord{},
		regions:      map[string]int{},
		members:      map[string]ports.Member{},
		totals:       map[global.Key]ports.GlobalRow{},
	}
}
