package app_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// audits is an observer that keeps what an auditor and repairs tell.
type audits struct {
	mu  sync.Mutex
	all []string
	end map[string]int // of the last pass, by kind
}

func (o *audits) Observe(e ports.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch e := e.(type) {
	case ports.DifferenceFound:
		o.all = append(o.all, fmt.Sprintf("%s: %s: %s: %s: %s, not %s", e.Kind, e.Ledger, e.Subject, e.What, e.Found, e.Journal))
	case ports.DifferenceGone:
		o.all = append(o.all, fmt.Sprintf("gone: %s: %s: %s", e.Kind, e.Subject, e.What))
	case ports.LevelRepublished:
		o.all = append(o.all, fmt.Sprintf("published again: %s in %s, version %d", e.SKU, e.WarehouseID, e.Version))
	case ports.Repaired:
		o.all = append(o.all, fmt.Sprintf("repaired by %s: %s: %s %v", e.Actor, e.Kind, e.Subject, e.Err))
	case ports.AuditTrouble:
		o.all = append(o.all, "trouble: "+e.Err.Error())
	case ports.Audited:
		o.end = e.Different
	}
}

// take lists what was told since the last time.
func (o *audits) take() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.all
	o.all = nil
	return all
}

// audit is a process with an auditor in a bubble, on a store that can be damaged: ten units
// of A in W1, of which the order "live" holds two; some orders have ended.
type audit struct {
	*testing.T
	*app.Inventory
	store *damaged
	told  *audits
	topic *memory.Publisher
	tune  func(*app.Config)
	away  atomic.Bool // the topic
	stop  func()
}

func auditing(t *testing.T, story func(a *audit)) {
	t.Helper()
	auditingTuned(t, func(*app.Config) {}, story)
}

// auditingTuned is auditing with a configuration of which something is set otherwise.
func auditingTuned(t *testing.T, tune func(*app.Config), story func(a *audit)) {
	synctest.Test(t, func(t *testing.T) {
		a := &audit{T: t, store: &damaged{Store: memory.New()}, told: &audits{}, topic: &memory.Publisher{}, tune: tune}
		a.begin()
		stockUp(t, a.Inventory)
		for i, order := range []string{"live", "picked", "released"} {
			must(t)(a.Reserve(t.Context(), app.ReserveRequest{OrderID: order, Items: []app.ReserveItem{{SKU: "A", Quantity: 2}}}))
			switch ref := (app.OrderRef{OrderID: order}); i {
			case 1:
				must(t)(a.Confirm(t.Context(), app.ConfirmRequest{OrderRef: ref}))
			case 2:
				must(t)(a.Release(t.Context(), app.ReleaseRequest{OrderRef: ref}))
			}
		}
		a.expect()
		story(a)
		a.stop()
	})
}

// begin starts a process, which has its auditor at work.
func (a *audit) begin() {
	in, end := beginUntil(a.T, a.store, app.Outside{Observer: a.told, Publisher: a.topic, LevelTopic: mute{a.topic.LevelTopic(), &a.away}}, unhurried, a.tune)
	ctx, cancel := context.WithCancel(a.Context())
	var working sync.WaitGroup
	working.Go(func() {
		if err := in.Audit(ctx); err != nil {
			a.Error(err)
		}
	})
	a.Inventory, a.stop = in, func() { cancel(); working.Wait(); end() }
	synctest.Wait()
}

// expect waits for a pass or two, and checks what was told: lines contain what is wanted.
func (a *audit) expect(want ...string) {
	a.Helper()
	pass(3 * time.Minute)
	got := a.told.take()
	ok := len(got) == len(want)
	for i := 0; ok && i < len(want); i++ {
		ok = strings.Contains(got[i], want[i])
	}
	if !ok {
		a.Fatalf("expected %q\n   found %q", want, got)
	}
}

// repair repairs, and checks the steps that were made and what is left.
func (a *audit) repair(apply bool, steps, left int) app.Repairs {
	a.Helper()
	r, err := a.Repair(a.Context(), app.RepairRequest{Apply: apply, Actor: "anna", Reason: "told by the auditor"})
	if err != nil || len(r.Steps) != steps || len(r.Left) != left {
		a.Fatalf("repairing, apply: %t: %d steps and %d left expected, found %+v, left %v, advice %v, %v", apply, steps, left, r.Steps, r.Left, r.Advice, err)
	}
	for _, s := range r.Steps {
		if s.Done != apply || s.Err != nil {
			a.Errorf("%+v", s)
		}
	}
	return r
}

// corrected lists the corrections in inventory.events.
func (a *audit) corrected() (rows []ports.EventRow) {
	a.Helper()
	err := a.store.Events(a.Context(), "A", "W1", time.Now(), func(r ports.EventRow) error {
		if r.EventType == "CORRECTED" || strings.HasPrefix(r.Source, "repair") {
			rows = append(rows, r)
		}
		return nil
	})
	if err != nil {
		a.Fatal(err)
	}
	return rows
}

// heals checks that a dry run changes nothing, that a repair heals, and that another one
// has nothing to do.
func (a *audit) heals(differences int, told ...string) {
	a.Helper()
	a.repair(false, 1, differences)
	if rows := a.corrected(); len(rows) != 0 {
		a.Fatalf("a dry run wrote %v", rows)
	}
	a.repair(true, 1, 0)
	a.repair(true, 0, 0)
	a.expect(told...)
	if found := a.told.end; len(found) != 0 {
		a.Errorf("a pass after the repair found %v", found)
	}
}

func TestWhatIsWrongInEventsIsFoundAndCorrectedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		damage  func(*ports.EventRow) bool
		found   []string
		row     int64
		onHand  string
		missing string
	}{
		"a row has another number of units": {
			func(r *ports.EventRow) bool { r.Quantity += map[string]int64{"ADJUSTED": 5}[r.EventType]; return true },
			[]string{"events: stock/W1/0: sku A: on_hand from inventory.events: 13, not 8"},
			-5, `"on_hand_delta":-5`, `"rows_delta":0`,
		},
		"a row is gone": {
			func(r *ports.EventRow) bool { return r.EventType != "CONFIRMED" },
			[]string{"sku A: changes in inventory.events: 5, not 6", "on_hand from inventory.events: 10, not 8", "held from inventory.events: 4, not 2"},
			-2, `"held_delta":-2`, `"rows_delta":1`,
		},
		"a row is of no known type": {
			func(r *ports.EventRow) bool {
				if r.EventType == "RELEASED" {
					r.EventType = "BROKEN"
				}
				return true
			},
			[]string{"held from inventory.events: 4 (a row of unknown type \"BROKEN\""},
			-2, `"held_delta":-2`, `"rows_delta":0`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			auditing(t, func(a *audit) {
				a.store.now(func(d *damaged) { d.events = c.damage })
				a.expect(c.found...)
				told := []string{"repaired by anna: events: sku A <nil>"}
				for range c.found {
					told = append(told, "gone: events: sku A")
				}
				a.heals(len(c.found), told...)
				rows := a.corrected()
				if len(rows) != 1 {
					t.Fatalf("one correction expected, found %v", rows)
				}
				r := rows[0]
				if r.Quantity != c.row || r.Source != "repair" {
					t.Errorf("found %+v", r)
				}
				for _, part := range []string{c.onHand, c.missing, `"actor":"anna"`, `"reason":"reconcile: told by the auditor"`} {
					if !strings.Contains(r.Metadata, part) {
						t.Errorf("%s expected, found %s", part, r.Metadata)
					}
				}
			})
		})
	}
}

func TestAForgedEventIsFoundAndCorrected(t *testing.T) {
	auditing(t, func(a *audit) {
		forged := ports.EventRow{EventID: ledger.NewUUIDv5(ledger.Namespace, "x"), SKU: "A", WarehouseID: "W1", EventType: "HELD", Quantity: 3, OccurredAt: time.UnixMilli(1)}
		must(t)(nil, a.store.Write(a.Context(), ports.Rows{Events: []ports.EventRow{forged}}))
		a.expect("changes in inventory.events: 7, not 6", "held from inventory.events: 5, not 2")
		a.heals(2, "repaired by anna", "gone: events", "gone: events")
	})
}

func TestALevelRowThatIsWrongOrMissingIsFoundAndWrittenAgain(t *testing.T) {
	for name, damage := range map[string]func(*ports.LevelRow) bool{
		"wrong":   func(r *ports.LevelRow) bool { r.OnHand++; return true },
		"missing": func(*ports.LevelRow) bool { return false },
		"from a version that never was": func(r *ports.LevelRow) bool {
			r.Version = 1 << 40
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			auditing(t, func(a *audit) {
				a.store.now(func(d *damaged) { d.levels = damage })
				a.expect("level_row: stock/W1/0: sku A")
				a.heals(1, "repaired by anna: level_row: sku A <nil>", "gone: level_row: sku A")
			})
		})
	}
}

func TestAnOrderRowThatIsWrongOrMissingIsFoundAndWrittenAgain(t *testing.T) {
	for name, damage := range map[string]func(*ports.ReservationRow) bool{
		"a wrong status": func(r *ports.ReservationRow) bool { r.Status = "RELEASED"; return true },
		"a wrong record": func(r *ports.ReservationRow) bool { r.Body[len(r.Body)-1]++; return true },
		"missing":        func(*ports.ReservationRow) bool { return false },
	} {
		t.Run(name, func(t *testing.T) {
			auditing(t, func(a *audit) {
				a.store.now(func(d *damaged) { d.orders = damage })
				a.expect("order_row: reservation/home/")
				a.heals(1, "repaired by anna: order_row: order live <nil>", "gone: order_row: order live")
			})
		})
	}
}

// A record of the topic is mended without being asked, and never in silence.
func TestAWrongLevelOnTheTopicIsFoundAndPublishedAgainAsItWas(t *testing.T) {
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for name, trimmed := range map[string]bool{"from its entry": false, "from its row, where the entry is gone": true} {
		t.Run(name, func(t *testing.T) {
			auditing(t, func(a *audit) {
				must(t)(a.Adjust(a.Context(), app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "LOSS", Quantity: -1, Actor: "x", Key: "l", Trace: trace}))
				a.expect()
				a.store.now(func(d *damaged) { d.trimmed = trimmed })
				publishedAgain(a, trimmed)
			})
		})
	}
}

func publishedAgain(a *audit, trimmed bool) {
	a.Helper()
	var levels []ports.StockLevel
	for _, e := range a.topic.Published() {
		if l, ok := e.(ports.StockLevel); ok {
			levels = append(levels, l)
		}
	}
	newest := levels[len(levels)-1]
	wrong, ahead := newest, newest
	wrong.OnHand++
	ahead.Version += 1000
	for name, l := range map[string]ports.StockLevel{"older": levels[0], "wrong": wrong, "of no entry": ahead} {
		must(a.T)(nil, a.topic.Publish(a.Context(), []ports.PublicEvent{l}))
		a.expect("level_topic: stock/W1/0: sku A: inventory.stock_level.v1", "published again: A in W1", "gone: level_topic: sku A")
		all := a.topic.Published()
		want := newest
		if trimmed {
			want.Trace = "" // the entry had it
		}
		if got := all[len(all)-1]; got != ports.PublicEvent(want) {
			a.Errorf("%s: published again as %+v\nexpected %+v", name, got, want)
		}
	}
}

// mute is a topic that can't be read while it is away.
type mute struct {
	ports.LevelTopic
	away *atomic.Bool
}

func (m mute) Read(ctx context.Context, take func(ports.PublishedLevel)) error {
	if m.away.Load() {
		return ports.ErrTransient
	}
	return m.LevelTopic.Read(ctx, take)
}

func TestTheTablesAreComparedWhileTheTopicCantBeRead(t *testing.T) {
	auditing(t, func(a *audit) {
		a.away.Store(true)
		a.store.now(func(d *damaged) { d.orders = func(*ports.ReservationRow) bool { return false } })
		pass(3 * time.Minute)
		told := strings.Join(a.told.take(), "\n")
		if !strings.Contains(told, "trouble: reading stock levels back") || !strings.Contains(told, "order_row: reservation/home/") {
			t.Errorf("trouble and the row that is missing expected, found %s", told)
		}
	})
}

// A SKU with more rows than an audit reads is summed up on from where it was last time; once
// it differs all its rows are read, until it does not.
func TestASKUWithManyRowsIsSummedUpOnFromLastTime(t *testing.T) {
	auditingTuned(t, func(cfg *app.Config) { cfg.Audit.Rows = 1 }, func(a *audit) {
		receive := func(key string) {
			must(t)(a.Adjust(a.Context(), app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "RECEIPT", Quantity: 1, Actor: "x", Key: key}))
		}
		a.store.reads()
		for _, key := range []string{"1", "2", "3"} {
			receive(key)
			a.expect()
			if n := a.store.reads(); n != 1 {
				t.Errorf("one new row, and %d were read", n)
			}
		}
		receive("4")
		a.store.now(func(d *damaged) {
			d.events = func(r *ports.EventRow) bool { r.Quantity += int64(len(r.EventType)); return true }
		})
		a.expect("on_hand from inventory.events", "held from inventory.events")
		a.store.now(func(d *damaged) { d.events = nil })
		a.expect("gone: events", "gone: events")
	})
}

// journal brings changes into a stock ledger's journal that no command asked for, while no
// process runs: what its state decides about mail, without the mail.
func (a *audit) journal(m stock.Message) {
	a.Helper()
	a.stop()
	id := stock.Warehouse{ID: "W1", Ledgers: 1}.LedgerOf("A")
	head, err := a.store.Head(a.Context(), id)
	must(a.T)(nil, err)
	s := stock.New(id)
	var at ledger.Stamp
	must(a.T)(nil, a.store.Entries(a.Context(), id, 0, head.Version, true, func(r ports.Record) error {
		e, err := ledger.DecodeEntry(r.Body, stock.DecodeChange)
		if err != nil {
			return err
		}
		for _, c := range e.Changes {
			must(a.T)(nil, s.Apply(c, e.Stamp))
		}
		at = e.Stamp
		return nil
	}))
	at = ledger.Stamp{Version: at.Version + 1, At: time.Now().UnixMilli()}
	d := s.Decide(ledger.Received{From: "reservation/home/0", Body: stock.EncodeMessage(m)}, ledger.Recalled{}, at)
	e := &ledger.Entry{Stamp: at, Commit: ledger.NewUUIDv5(ledger.Namespace, fmt.Sprint(m)), Changes: d.Changes[:1]}
	head, err = a.store.TakeOver(a.Context(), id, "a hand", head)
	must(a.T)(nil, err)
	w := &ledger.Writer{}
	e.Encode(w)
	must(a.T)(nil, a.store.Commit(a.Context(), id, ports.Commit{
		Epoch: head.Epoch, Version: head.Version, Lease: head.Lease, Relayed: head.Relayed,
		Entry: &ports.Record{Version: at.Version, Commit: e.Commit, Body: w.Bytes()}, Resign: true,
	}))
	a.begin()
	a.told.take()
}

func TestAHoldWithoutAnOrderIsFoundAndReleased(t *testing.T) {
	for name, order := range map[string]stock.OrderID{"an order that never was": "nobody", "an order that has ended": "released", "one that was picked": "picked"} {
		t.Run(name, func(t *testing.T) {
			auditing(t, func(a *audit) {
				a.journal(stock.Hold{Order: order, Items: []stock.Item{{SKU: "A", Quantity: 3}}})
				a.expect("holds: stock/W1/0: order " + string(order) + ": hold of [{A 3}]: held, not ")
				a.repair(false, 1, 1)
				a.repair(true, 1, 0)
				a.repair(true, 0, 0)
				a.expect("repaired by anna: holds: order "+string(order)+" <nil>", "gone: holds: order "+string(order))
				s, err := a.Stock(a.Context(), "A", "")
				if err != nil || s.OnHand != 8 || s.Held != 2 {
					t.Errorf("8 on hand and 2 held expected, found %+v, %v", s, err)
				}
				rows := a.corrected()
				if len(rows) != 1 || rows[0].EventType != "RELEASED" || rows[0].Source != "repair:anna" || !strings.Contains(rows[0].Metadata, `"reason":"OPERATOR"`) {
					t.Errorf("one release by anna expected, found %+v", rows)
				}
			})
		})
	}
}

func TestAnOrderWithoutItsHoldIsFoundAndSaidHowToEnd(t *testing.T) {
	auditing(t, func(a *audit) {
		a.journal(stock.Release{Order: "live", Reason: "OPERATOR"})
		a.expect("holds: stock/W1/0: order live: units of sku A held beyond the order's: -2, not 0")
		r := a.repair(true, 0, 1)
		if len(r.Advice) != 1 || !strings.Contains(r.Advice[0].Do, "inventory release") {
			t.Fatalf("advice to release the order expected, found %+v", r.Advice)
		}
		must(t)(a.Release(a.Context(), app.ReleaseRequest{OrderRef: app.OrderRef{OrderID: "live"}, Reason: reservation.Operator}))
		a.expect("gone: holds: order live")
		a.repair(true, 0, 0)
	})
}

// Repairs of the same difference at the same time, and of many at once, count once each.
func TestRepairsAtTheSameTimeCountOnce(t *testing.T) {
	auditing(t, func(a *audit) {
		a.store.now(func(d *damaged) {
			d.events = func(r *ports.EventRow) bool { return r.EventType != "CONFIRMED" }
			d.levels = func(*ports.LevelRow) bool { return false }
			d.orders = func(*ports.ReservationRow) bool { return false }
		})
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				r, err := a.Repair(a.Context(), app.RepairRequest{Apply: true, Actor: "anna"})
				if err != nil || len(r.Left) > 0 {
					t.Errorf("left %v, %v", r.Left, err)
				}
			})
		}
		all.Wait()
		if rows := a.corrected(); len(rows) != 1 {
			t.Errorf("one correction expected, found %v", rows)
		}
	})
}

func TestNothingIsRepairedInNobodysName(t *testing.T) {
	auditing(t, func(a *audit) {
		if _, err := a.Repair(a.Context(), app.RepairRequest{Actor: ""}); app.FailureOf(err).Code != "INVALID" {
			t.Errorf("without an actor: %v", err)
		}
	})
}
