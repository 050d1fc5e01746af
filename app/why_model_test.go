package app_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
)

// TestEveryPastMomentIsTheFoldOfTheStory runs random commands, and compares each moment of
// their story with what a naive fold of the lines until then gives.
func TestEveryPastMomentIsTheFoldOfTheStory(t *testing.T) {
	for range 3 {
		seed := seed()
		synctest.Test(t, func(t *testing.T) {
			a := beginAsking(t, memory.New())
			outcomes := a.live(rand.New(rand.NewPCG(seed, 0)))
			story := a.why(app.WhyRequest{Subject: "A", As: app.SKUSubject, Limit: app.MaxWhyLimit}).Stock
			level := a.unfold(fmt.Sprint("seed ", seed), story)
			now, err := a.Stock(t.Context(), "A", "")
			if err != nil || now.OnHand != level["W1"].OnHand+level["W2"].OnHand || now.Held != level["W1"].Held+level["W2"].Held || len(story.Lines) < 60 {
				t.Errorf("seed %d: %d lines end with %v, and now it is %+v (%v)", seed, len(story.Lines), level, now, err)
			}
			t.Logf("seed %d: %d lines, outcomes %v", seed, len(story.Lines), outcomes)
		})
	}
}

// unfold compares each moment of a story, and gives the last one.
func (a asking) unfold(when string, story *app.StockStory) map[string]app.Units {
	a.Helper()
	holds, level := map[string]map[string]int64{"W1": {}, "W2": {}}, map[string]app.Units{}
	for i, l := range story.Lines {
		if l.Note != "" || l.Before != level[l.WarehouseID] {
			a.Fatalf("%s: line %d does not follow %v: %+v", when, i, level[l.WarehouseID], l)
		}
		level[l.WarehouseID] = l.After
		follow(holds[l.WarehouseID], l)
		if i+1 == len(story.Lines) || story.Lines[i+1].At.After(l.At) {
			m := a.why(app.WhyRequest{Subject: "A", At: l.At, Limit: app.MaxWhyLimit}).Moment
			a.compare(fmt.Sprint(when, ", line ", i), m, level, holds)
		}
	}
	return level
}

// live gives random commands, so that holds are picked, released, lapse, and are picked late.
func (a asking) live(dice *rand.Rand) map[string]int {
	outcomes := map[string]int{}
	note := func(what string, err error) { outcomes[fmt.Sprint(what, " ", err == nil)]++ }
	for range 200 {
		order := fmt.Sprint("o-", dice.IntN(40))
		switch dice.IntN(6) {
		case 0:
			a.adjust([]string{"W1", "W2"}[dice.IntN(2)], "RECEIPT", dice.Int64N(5)+1)
		case 1:
			a.adjust([]string{"W1", "W2"}[dice.IntN(2)], "COUNT", dice.Int64N(8))
		case 2:
			note("confirm", a.confirm(order))
		case 3:
			note("release", a.release(order))
		default:
			note("reserve", a.reserve(order, dice.Int64N(3)+1, [][]string{nil, {"W1"}, {"W1", "W2"}}[dice.IntN(3)]...))
		}
		if dice.IntN(4) == 0 {
			<-time.After(time.Duration(dice.IntN(40)) * time.Second)
		}
	}
	return outcomes
}

// follow adds a line to the holds of a warehouse.
func follow(holds map[string]int64, l app.StoryLine) {
	switch l.What {
	case "HELD":
		holds[l.OrderID] += l.Quantity
	case "RELEASED", "CONFIRMED":
		holds[l.OrderID] -= l.Quantity
	}
	if holds[l.OrderID] == 0 {
		delete(holds, l.OrderID)
	}
}

func (a asking) compare(when string, m *app.Moment, level map[string]app.Units, holds map[string]map[string]int64) {
	a.Helper()
	var onHand, held int64
	for _, w := range m.Warehouses {
		onHand, held = onHand+w.OnHand, held+w.Held
		found := map[string]int64{}
		for _, h := range w.Holds {
			found[h.OrderID] += h.Quantity
		}
		id := string(w.WarehouseID)
		if w.Units != level[id] || w.Unexplained != 0 || w.HoldsBefore != 0 || !maps.Equal(found, holds[id]) {
			a.Fatalf("%s: %s: expected %v, holds %v; found %+v", when, id, level[id], holds[id], w)
		}
		if !slices.IsSortedFunc(w.Holds, func(a, b app.PastHold) int { return a.Since.Compare(b.Since) }) {
			a.Fatalf("%s: holds are not in the order of time: %+v", when, w.Holds)
		}
	}
	if len(m.Warehouses) != len(level) || m.OnHand != onHand || m.Held != held {
		a.Fatalf("%s: expected %v, found %+v", when, level, m)
	}
}
