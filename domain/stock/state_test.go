package stock

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"inventory/domain/ledger"
)

// busyState has something of everything.
func busyState(t *testing.T) *desk {
	d := stocked(t)
	d.hold("order-1", Item{"A", 4}, Item{"B", 1})
	d.hold("order-2", Item{"A", 6})
	d.hold("order-3", Item{"B", 99})
	d.adjusted("A", Count, 7)
	d.tell(Confirm{Order: "order-1"})
	d.commit(ledger.Decision{Changes: []ledger.Change{ledger.MailAcked{To: orders, Upto: 2}}})
	return d
}

func TestAStateIsTheSameAfterASnapshot(t *testing.T) {
	d := busyState(t)
	got, err := DecodeState(encode(d.s))
	if err != nil || !bytes.Equal(encode(got), encode(d.s)) {
		t.Fatalf("got %v", err)
	}
	a, _ := got.Level("A")
	if want, _ := d.s.Level("A"); a != want || got.id != w1 {
		t.Errorf("got %+v in %s, want %+v in %s", a, got.id, want, w1)
	}
}

func TestASnapshotThatWasDamagedIsCorrupt(t *testing.T) {
	whole := encode(busyState(t).s)
	for n := range len(whole) {
		if _, err := DecodeState(whole[:n]); !errors.Is(err, ledger.ErrCorrupt) {
			t.Fatalf("cut off after %d bytes: got %v", n, err)
		}
	}
	for _, b := range [][]byte{append(slices.Clone(whole), 0), append([]byte{2}, whole[1:]...)} {
		if _, err := DecodeState(b); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("got %v", err)
		}
	}
}

func TestASnapshotWhoseSumsAreWrongIsCorrupt(t *testing.T) {
	for name, damage := range map[string]func(*State){
		"more held than the holds": func(s *State) { s.holds.Delete("order-2") },
		"less held than the holds": func(s *State) { s.holds.Put("x", []Item{{"A", 1}}) },
		"a hold without a level":   func(s *State) { s.holds.Put("x", []Item{{"Z", 1}}) },
		"a week that does not sum": func(s *State) { put(s, "B", func(l *Level) { l.week.Received++ }) },
		"on hand below zero":       func(s *State) { put(s, "C", func(l *Level) { l.onHand, l.week.Opening = -1, -1 }) },
		"on hand above the limit": func(s *State) {
			put(s, "C", func(l *Level) { l.onHand, l.week.Opening = MaxQuantity+1, MaxQuantity+1 })
		},
		"a negative hold": func(s *State) { s.holds.Put("x", []Item{{"C", -1}}); put(s, "C", func(l *Level) { l.held = -1 }) },
	} {
		s := busyState(t).s
		damage(s)
		if s.Check() == nil {
			t.Errorf("%s: Check finds nothing", name)
		}
		if _, err := DecodeState(encode(s)); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s: got %v, want ErrCorrupt", name, err)
		}
	}
}

func put(s *State, sku SKU, change func(*Level)) {
	l, _ := s.levels.Get(sku)
	change(&l)
	s.levels.Put(sku, l)
}

func TestAChangeThatDoesNotFollowFromTheStateIsRefused(t *testing.T) {
	d := busyState(t)
	at := d.next()
	b, _ := d.s.Level("B")
	held, _ := b.moved(Held, "", 1, at)
	freed, _ := b.moved(Adjusted, Receipt, 1, at)
	other := held
	other.seq++
	for name, c := range map[string]ledger.Change{
		"a hold of more than there is":   Moved{Movement: Held, Order: "x", Lines: []Line{{"B", 9, held}}},
		"a level that is another":        Moved{Movement: Held, Order: "x", Lines: []Line{{"B", 1, other}}},
		"a quantity that is another":     Moved{Movement: Held, Order: "x", Lines: []Line{{"B", 2, held}}},
		"a hold of one that has one":     Moved{Movement: Held, Order: "order-2", Lines: []Line{{"B", 1, held}}},
		"a release of one that has none": Moved{Movement: Released, Order: "x"},
		"a confirm of one that has none": Moved{Movement: Confirmed, Order: "x"},
		"an adjustment of another type":  AdjustmentMade{Adjustment: Adjustment{SKU: "B", Type: Damage, Delta: 1, Level: freed}},
		"a change of no kind":            nil,
	} {
		if err := d.s.Draft().Apply(c, at); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAdjustmentsAreDoneAsSoonAsTheyAreMade(t *testing.T) {
	d := newDesk(t)
	dec := d.do(receipt("k1", 10))
	id := receipt("k1", 10).ID()
	if p := dec.Changes[0].(ledger.Progressing).Progress(); p != (ledger.Progress{Key: id, Ended: true}) {
		t.Errorf("got %+v", p)
	}
	if got := slices.Collect(d.s.Progress()); !slices.Equal(got, []ledger.Progress{{Key: id, Ended: true, Version: 1}}) {
		t.Errorf("got %+v", got)
	}
	d.adjusted("A", Receipt, 1)
	n := 0
	for range d.s.Progress() {
		n++
		break
	}
	if n != 1 {
		t.Error("a range over the progress can't stop")
	}
}

func TestWhatTheServiceCorrectsItselfIsNotKeptToBeForgotten(t *testing.T) {
	if p := (AdjustmentMade{}).Progress(); p.Ended {
		t.Errorf("got %+v", p)
	}
}

func TestTheStateListsItsLevelsAndHolds(t *testing.T) {
	d := busyState(t)
	var skus []SKU
	for sku := range d.s.Levels() {
		skus = append(skus, sku)
	}
	slices.Sort(skus)
	holds := map[OrderID][]Item{}
	for o, items := range d.s.Holds() {
		holds[o] = items
	}
	if !slices.Equal(skus, []SKU{"A", "B"}) || len(holds) != 1 || !slices.Equal(holds["order-2"], []Item{{"A", 6}}) {
		t.Errorf("got %v, %v", skus, holds)
	}
}
