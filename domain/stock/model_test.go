package stock

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
)

// naive is what a stock ledger does, in the fewest words.
type naive struct {
	onHand, held, seq map[SKU]int64
	holds             map[OrderID][]Item
	done              map[string]Adjust
	marks             map[SKU]int64
	heard             map[SKU]string // what was told last of a SKU with a mark
}

// standing is what is to be told of a SKU, if another thing was told last.
func (n *naive) standing(sku SKU) string {
	low, marked := n.marks[sku]
	switch left := n.onHand[sku] - n.held[sku]; {
	case !marked || left > low:
		return "BACK"
	case left > 0:
		return "LOW"
	}
	return "OUT"
}

func (n *naive) mark(sku SKU, low int64) {
	if low < 0 {
		delete(n.marks, sku)
		n.heard[sku] = "BACK" // whoever sets the next one is told anew
		return
	}
	n.marks[sku] = low
}

func (n *naive) adjust(a Adjust) error {
	before, known := n.done[a.Actor+a.Key]
	delta := a.Quantity
	if a.Type == Count {
		delta -= n.onHand[a.SKU]
	}
	switch {
	case known && a != before:
		return ErrKeyReused
	case known:
		return nil
	case n.onHand[a.SKU]+delta < 0:
		return ErrBelowZero
	case n.onHand[a.SKU]+delta > MaxQuantity:
		return ErrTooMany
	}
	n.done[a.Actor+a.Key] = a
	n.move(a.SKU, delta, 0)
	return nil
}

func (n *naive) hold(o OrderID, items []Item) bool {
	for _, it := range items {
		if n.onHand[it.SKU]-n.held[it.SKU] < it.Quantity || n.holds[o] != nil {
			return false
		}
	}
	for _, it := range items {
		n.move(it.SKU, 0, it.Quantity)
	}
	n.holds[o] = items
	return true
}

func (n *naive) end(o OrderID, picked bool) {
	for _, it := range n.holds[o] {
		switch missing := it.Quantity - n.onHand[it.SKU]; {
		case picked && missing > 0:
			n.move(it.SKU, missing, 0)
			n.move(it.SKU, -it.Quantity, -it.Quantity)
		case picked:
			n.move(it.SKU, -it.Quantity, -it.Quantity)
		default:
			n.move(it.SKU, 0, -it.Quantity)
		}
	}
	delete(n.holds, o)
}

func (n *naive) move(sku SKU, onHand, held int64) {
	n.onHand[sku] += onHand
	n.held[sku] += held
	n.seq[sku]++
}

// walk makes random commands on a desk and on the model.
type walk struct {
	*desk
	r *rand.Rand
	n naive
}

func TestARandomLifeOfAStockLedgerIsThatOfTheModel(t *testing.T) {
	t.Logf("-seed %d", *seed)
	w := &walk{
		desk: newDesk(t), r: rand.New(rand.NewPCG(uint64(*seed), 1)),
		n: naive{
			onHand: map[SKU]int64{}, held: map[SKU]int64{}, seq: map[SKU]int64{}, holds: map[OrderID][]Item{}, done: map[string]Adjust{},
			marks: map[SKU]int64{}, heard: map[SKU]string{"sku-0": "BACK", "sku-1": "BACK", "sku-2": "BACK", "sku-3": "BACK"},
		},
	}
	for step := range 4000 {
		w.step()
		w.compare()
		if t.Failed() {
			t.Fatalf("step %d", step)
		}
	}
	w.foldAll()
}

func (w *walk) step() {
	w.at.At += w.r.Int64N(time.Hour.Milliseconds())
	entries := len(w.entries)
	switch w.r.IntN(22) {
	case 0, 1, 2, 3, 4:
		w.adjust()
	case 5, 6, 7, 8, 9, 10:
		w.holdSome()
	case 11, 12, 13:
		w.release()
	case 14, 15:
		w.confirm()
	case 16:
		w.wrongMail()
	case 17:
		w.ackSome()
	case 18:
		w.forgetSome()
	case 19:
		w.restart()
	case 20, 21:
		w.markSome()
	}
	w.hear(entries)
}

// markSome sets a mark near what there is, or takes it away.
func (w *walk) markSome() {
	sku, low := w.sku(), w.r.Int64N(30)-3
	low = max(low, NoMark)
	if dec := w.do(SetMark{SKU: sku, Low: low, Actor: "anna"}); dec.Err != nil {
		w.t.Error(dec.Err)
	}
	w.n.mark(sku, low)
}

// hear compares what the entries of a step tell with what the model knows: that, and once.
func (w *walk) hear(entries int) {
	for _, b := range w.entries[entries:] {
		e, err := ledger.DecodeEntry(b, DecodeChange)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, c := range e.Changes {
			c, ok := c.(Crossed)
			if !ok {
				continue
			}
			if last := w.n.heard[c.SKU]; c.From.String() != last || c.To == c.From {
				w.t.Errorf("%+v, and %s was told last", c, last)
			}
			w.n.heard[c.SKU] = c.To.String()
		}
	}
	for sku, heard := range w.n.heard {
		if want := w.n.standing(sku); heard != want {
			w.t.Errorf("%s: %s was told last, it is %s: %d on hand, %d held, mark %d", sku, heard, want, w.n.onHand[sku], w.n.held[sku], w.n.marks[sku])
		}
	}
}

func (w *walk) sku() SKU       { return SKU(fmt.Sprint("sku-", w.r.IntN(4))) }
func (w *walk) order() OrderID { return OrderID(fmt.Sprint("order-", w.r.IntN(8))) }

func (w *walk) adjust() {
	types := []AdjustmentType{Receipt, Receipt, Return, Damage, Loss, Correction, Count}
	a := Adjust{
		Ledger: w1, Actor: fmt.Sprint("actor-", w.r.IntN(2)), Key: fmt.Sprint("key-", w.r.IntN(400)),
		SKU: w.sku(), Type: types[w.r.IntN(len(types))], Quantity: 1 + w.r.Int64N(20),
	}
	switch {
	case a.Type == Damage, a.Type == Loss, a.Type == Correction && w.r.IntN(2) == 0:
		a.Quantity = -a.Quantity
	case a.Type == Receipt && w.r.IntN(20) == 0:
		a.Quantity = MaxQuantity - w.r.Int64N(20)
	}
	if before, ok := w.n.done[a.Actor+a.Key]; ok && w.r.IntN(2) == 0 {
		a = before
	}
	if got, want := w.do(a).Err, w.n.adjust(a); !errors.Is(got, want) {
		w.t.Errorf("%+v: got %v, want %v", a, got, want)
	}
}

func (w *walk) holdSome() {
	o := w.order()
	if _, holding := w.n.holds[o]; holding {
		return // a release always comes between two holds
	}
	var items []Item
	for _, i := range w.r.Perm(4)[:1+w.r.IntN(3)] {
		items = append(items, Item{SKU(fmt.Sprint("sku-", i)), 1 + w.r.Int64N(6)})
	}
	a, err := w.mail(Hold{Order: o, Items: items})
	if want := w.n.hold(o, items); err != nil || a.Held != want || a.Held == (len(a.Shortages) > 0) {
		w.t.Errorf("hold %v: got %+v, %v; want %t", items, a, err, want)
	}
	for sku, l := range w.s.Levels() {
		if a.Held && slices.ContainsFunc(items, func(it Item) bool { return it.SKU == sku }) && l.held > l.onHand {
			w.t.Errorf("%s was held though it is short: %+v", sku, l)
		}
	}
}

func (w *walk) release() {
	o := w.order()
	if _, err := w.mail(Release{Order: o}); err != nil {
		w.t.Error(err)
	}
	w.n.end(o, false)
}

func (w *walk) confirm() {
	o := w.order()
	_, holding := w.n.holds[o]
	if _, err := w.mail(Confirm{Order: o}); (err == nil) != holding {
		w.t.Errorf("confirm: got %v, with a hold: %t", err, holding)
	}
	w.n.end(o, true)
}

// wrongMail is mail again or ahead of its turn: it never reaches the machine.
func (w *walk) wrongMail() {
	taken := w.s.Post().Peer(orders).Taken
	if again := w.r.Int64N(taken + 1); !errors.Is(w.s.Post().Expect(orders, again), ledger.ErrMailTaken) {
		w.t.Errorf("mail %d after %d: got %v", again, taken, w.s.Post().Expect(orders, again))
	}
	if gap := taken + 2 + w.r.Int64N(5); !errors.Is(w.s.Post().Expect(orders, gap), ledger.ErrMailGap) {
		w.t.Errorf("mail %d after %d: got %v", gap, taken, w.s.Post().Expect(orders, gap))
	}
}

func (w *walk) ackSome() {
	if p := w.s.Post().Peer(orders); p.Sent > p.Acked {
		w.commit(ledger.Decision{Changes: []ledger.Change{ledger.MailAcked{To: orders, Upto: p.Acked + 1 + w.r.Int64N(p.Sent-p.Acked)}}})
	}
}

func (w *walk) forgetSome() {
	var keys []ledger.UUID
	for p := range w.s.Progress() {
		if w.r.IntN(2) == 0 {
			keys = append(keys, p.Key)
		}
	}
	w.do(ledger.Forget{Keys: keys, Relayed: w.r.Int64N(w.at.Version + 1)})
}

// restart goes on from a snapshot.
func (w *walk) restart() {
	s, err := DecodeState(encode(w.s))
	if err != nil || !bytes.Equal(encode(s), encode(w.s)) {
		w.t.Fatalf("after a snapshot the state is another: %v", err)
	}
	w.s = s
}

func (w *walk) compare() {
	for i := range 4 {
		sku := SKU(fmt.Sprint("sku-", i))
		l, _ := w.s.Level(sku)
		if l.OnHand() != w.n.onHand[sku] || l.Held() != w.n.held[sku] || l.Seq() != w.n.seq[sku] {
			w.t.Errorf("%s: got %+v, want on hand %d, held %d, seq %d", sku, l, w.n.onHand[sku], w.n.held[sku], w.n.seq[sku])
		}
	}
}

// foldAll makes the state again from nothing but its entries.
func (w *walk) foldAll() {
	s := New(w1)
	for i, b := range w.entries {
		e, err := ledger.DecodeEntry(b, DecodeChange)
		if err != nil || e.Version != int64(i+1) {
			w.t.Fatalf("entry %d: %v", i+1, err)
		}
		for _, c := range e.Changes {
			if err := s.Apply(c, e.Stamp); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	if !bytes.Equal(encode(s), encode(w.s)) {
		w.t.Error("the fold of all entries is another state than the live one")
	}
}
