package app_test

import (
	"flag"
	"testing"
	"testing/synctest"

	"inventory/adapters/system"
	"inventory/app"
	"inventory/app/apptest"
	"inventory/domain/reservation"
)

// Trying every call takes many minutes, which make soak has. Elsewhere every nth
// is tried, from another one each time: all have their turn.
var everyFlag = flag.Int("every", 24, "an owner is interrupted at one of so many of its calls; make test has 6, make soak 1")

// atEveryCall runs a history of two processes again and again. One of them is killed, and then
// the other one frozen, before and after each call that it makes to the store, to the other or
// to another ledger, one after the other.
func atEveryCall(t *testing.T, config func(testing.TB) apptest.Config) {
	seed := seed()
	first := 1 + int(seed%uint64(*everyFlag))
	t.Logf("every call of %d from call %d, again with -every %d -seed %d", *everyFlag, first, *everyFlag, seed)
	for slot, freeze := range []bool{false, true} {
		n, interrupted := first, true
		for ; interrupted && !t.Failed(); n += *everyFlag {
			synctest.Test(t, func(t *testing.T) {
				cfg := config(t)
				cfg.Clients, cfg.Processes = 1, 2
				cfg.Interrupt = apptest.Interrupt{Nth: n, Freeze: freeze, Slot: (slot + int(seed%2)) % 2}
				interrupted = apptest.History(t, cfg).Interrupted
			})
		}
		if t.Failed() {
			return
		}
		if n < 50 {
			t.Errorf("there were fewer calls than %d", n)
		}
	}
}

func TestAnOwnerMayChangeAtEveryCall(t *testing.T) {
	t.Parallel()
	atEveryCall(t, func(t testing.TB) apptest.Config {
		cfg := apptest.Calm(inMemory(t), system.Clock{}, 1)
		cfg.Commands = 8
		return cfg
	})
}

// twoWarehouses are the lines of an order that three ledgers hold: "b" has two.
var twoWarehouses = []app.ReserveItem{
	{SKU: "hot", Quantity: 3, WarehouseID: "a"}, {SKU: "s-2", Quantity: 1, WarehouseID: "b"}, {SKU: "warm", Quantity: 2, WarehouseID: "b"},
}

// stories are orders of two warehouses which do not end at once, by spec S2.2 and S2.5.
var stories = map[string]apptest.Story{
	"picked short, then picked elsewhere": {
		Items: twoWarehouses,
		Picks: []app.ConfirmRequest{
			{WarehouseID: "a", Items: []app.ReserveItem{{SKU: "hot", Quantity: 2}}},
			{WarehouseID: "b"},
		},
		Status: reservation.Confirmed,
		Lines:  []string{"CONFIRMED 2 of 3 hot in a", "CONFIRMED 1 of 1 s-2 in b", "CONFIRMED 2 of 2 warm in b"},
		Events: []string{
			"inventory.reserved.v1 3 hot in a, 1 s-2 in b, 2 warm in b",
			"inventory.confirmed.v1 2 hot in a",
			"inventory.released.v1 SHORT_PICK 1 hot in a",
			"inventory.confirmed.v1 1 s-2 in b, 2 warm in b",
		},
	},
	"picked in one warehouse, then cancelled": {
		Items:  twoWarehouses,
		Picks:  []app.ConfirmRequest{{WarehouseID: "a"}},
		Cancel: true,
		Status: reservation.Confirmed,
		Lines:  []string{"CONFIRMED 3 of 3 hot in a", "RELEASED 0 of 1 s-2 in b", "RELEASED 0 of 2 warm in b"},
		Events: []string{
			"inventory.reserved.v1 3 hot in a, 1 s-2 in b, 2 warm in b",
			"inventory.confirmed.v1 3 hot in a",
			"inventory.released.v1 ORDER_CANCELLED 1 s-2 in b, 2 warm in b",
		},
	},
}

// TestPicksInPartsEndAsTheyMustIfTheOwnerChangesAtEveryCall has what random
// histories need not have: every call of every step of picks in parts.
func TestPicksInPartsEndAsTheyMustIfTheOwnerChangesAtEveryCall(t *testing.T) {
	for name, story := range stories {
		for store, open := range map[string]func(testing.TB) func(testing.TB) app.Store{"memory": inMemory, "SQLite": onSQLite} {
			t.Run(name+"/"+store, func(t *testing.T) {
				t.Parallel()
				atEveryCall(t, func(t testing.TB) apptest.Config {
					cfg := apptest.Calm(open(t), system.Clock{}, 1)
					cfg.Story = &story
					return cfg
				})
			})
		}
	}
}
