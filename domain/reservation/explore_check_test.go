package reservation

import (
	"flag"
	"fmt"
	"testing"

	"inventory/domain/ledger"
)

var deep = flag.Bool("deep", false, "explore more inputs, and live longer lives, as make test does")

// inputs are what may still come, how often.
type inputs struct{ http, created, cancel, pick, part, none, park, lapse, receipt, steal int8 }

func TestNoSequenceOfEventsHoldsAnOrderTwiceOrLosesIt(t *testing.T) {
	left := inputs{http: 1, created: 2, cancel: 1, pick: 1, lapse: 1, receipt: 1, steal: 1}
	if *deep {
		left.http, left.pick = 2, 2
	}
	explore(t, "1 A@W1, 1 A@W2", "1 W1/A", left)
}

func TestNoSequenceOfEventsLosesAnOrderThatIsPlannedAgain(t *testing.T) {
	left := inputs{http: 1, created: 1, cancel: 1, pick: 1, lapse: 1, receipt: 1, steal: 1}
	if *deep {
		left.pick, left.steal = 2, 2
	}
	explore(t, "2 A", "1 W1/A, 1 W2/A", left)
}

func TestNoSequenceOfPartialPicksLosesAUnit(t *testing.T) {
	left := inputs{created: 1, cancel: 1, pick: 1, part: 1, none: 1, lapse: 1}
	if *deep {
		left = inputs{created: 1, cancel: 1, pick: 1, part: 2, none: 1, lapse: 1, receipt: 1, steal: 1}
	}
	explore(t, "1 A@W1, 1 A@W2", "1 W1/A, 1 W2/A", left)
}

func TestNoSequenceOfEventsLosesAParkedPick(t *testing.T) {
	left := inputs{created: 1, cancel: 1, park: 2, lapse: 1, steal: 1}
	if *deep {
		left.http, left.lapse = 1, 2
	}
	explore(t, "1 A@W1, 1 A@W2", "1 W1/A, 1 W2/A", left)
}

// take uses up one input of a kind, if one is left.
func (in *inputs) take(step string) bool {
	n := map[string]*int8{
		"http": &in.http, "created": &in.created, "cancel": &in.cancel, "pick": &in.pick, "part": &in.part, "none": &in.none, "park": &in.park,
		"lapse": &in.lapse, "receipt": &in.receipt, "steal": &in.steal,
	}[step]
	if *n == 0 {
		return false
	}
	*n--
	return true
}

// expand takes every step that can be taken from a world.
func (x *explorer) expand(w *world) {
	available := [2]int64{w.legs[0].level().Available(), w.legs[1].level().Available()}
	for _, step := range []string{"http", "created", "cancel", "pick", "part", "none", "park", "lapse"} {
		if after := *w; after.left.take(step) {
			x.follow(w, after, -1, view{step: step, res: w.res, row: w.row, available: available})
		}
	}
	for i, step := range []string{"steal", "receipt"} {
		if after := *w; after.left.take(step) {
			x.follow(w, after, i, view{step: step, leg: w.legs[i], id: legIDs[i]})
		}
	}
	for i, id := range legIDs {
		x.follow(w, *w, i, view{step: "mail to", res: w.res, leg: w.legs[i], id: id})
		x.follow(w, *w, i, view{step: "mail from", res: w.res, leg: w.legs[i], id: id, row: w.row, available: available})
	}
	x.follow(w, *w, -1, view{step: "look", res: w.res, row: w.row})
	x.follow(w, *w, -1, view{step: "forget", res: w.res, row: w.row})
}

// follow visits the world after a step. A step that changes nothing, not even what has
// been seen, is left for later: whatever may follow it may follow without it.
func (x *explorer) follow(w *world, after world, leg int, v view) {
	e := x.take(v)
	if e.fault != "" {
		x.t.Fatalf("%s\nin %s %s after %s", e.fault, v.step, v.id, x.trace(w))
	}
	after.created = after.created || v.step == "created"
	after.cancelled = after.cancelled || v.step == "cancel"
	if !e.done && after.created == w.created && after.cancelled == w.cancelled {
		return
	}
	if v.res != nil {
		after.res = e.res
	}
	if leg >= 0 {
		after.legs[leg] = e.leg
	}
	if v.step != "mail to" && v.res != nil {
		after.row = e.row
	}
	if e.event != NoEvent {
		after.said[e.event]++
	}
	x.visit(&after, edge{w, v.step + " " + string(v.id)})
}

// order is the order in memory, else in the archive, else nil.
func (x *explorer) order(w *world) *Order {
	if o, ok := w.res.m.(*State).Order(IDOf("order-1")); ok || w.row == "" {
		return o
	}
	return DecodeOrder(ledger.NewReader([]byte(w.row)))
}

// underWay tells whether mail is under way to the legs, or from them.
func (x *explorer) underWay(w *world) (to, from bool) {
	for i, id := range legIDs {
		to = to || w.res.m.Post().Unacknowledged(id) > 0
		from = from || w.legs[i].m.Post().Unacknowledged(home) > 0
	}
	return to, from
}

// fault says what is wrong with a world.
func (x *explorer) fault(w *world) string {
	o := x.order(w)
	to, from := x.underWay(w)
	if w.said[ReservedEvent]+w.said[RejectedEvent] > 1 || w.said[ConfirmedEvent] > 2 || w.said[ReleasedEvent] > 2 {
		return fmt.Sprintf("the order was decided more than once: %v", w.said)
	}
	if w.said[ConfirmedEvent]+w.said[ReleasedEvent] > 0 && w.said[ReservedEvent] == 0 {
		return fmt.Sprintf("the order has ended and never begun: %v", w.said)
	}
	for i, id := range legIDs {
		if fault := legFault(o, id, w.legs[i].level().Held(), w.legs[i].level().Week().Picked, to, from); fault != "" {
			return fault
		}
	}
	switch _, inMemory := w.res.m.(*State).Order(IDOf("order-1")); {
	case o != nil && !inMemory && !o.Ended():
		return fmt.Sprintf("an order was forgotten that is %s: nobody will end it", o.Status)
	case to || from:
		return ""
	case w.created && w.said[ReservedEvent]+w.said[RejectedEvent] == 0:
		return "created, and no outcome although nothing is under way"
	case w.cancelled && o != nil && o.Status == Held:
		return "the cancel was lost"
	case o != nil && o.settled() && x.sleeping(w):
		return "the order is settled, and a parked pick is not woken"
	case o != nil && !o.settled() && (len(o.Legs) > 0 || o.Due == 0):
		return "nothing is under way, and the order waits for ever"
	}
	return ""
}

// sleeping tells whether a parked pick waits for something that may never come.
func (x *explorer) sleeping(w *world) bool {
	for p := range w.res.m.(*State).Parked {
		return p.Due == 0
	}
	return false
}

// legFault compares what a leg holds and has given out with what the order says; while
// mail is under way it may differ, but the leg never gives out too much, and what is HELD
// is held.
func legFault(o *Order, id ledger.ID, held, picked int64, to, from bool) string {
	var asked, wantHeld, wantPicked int64
	if o != nil {
		for _, l := range o.Lines {
			if string(l.Warehouse) != id.Scope() {
				continue
			}
			asked += l.Quantity
			switch l.Status {
			case Held:
				wantHeld += l.Quantity
			case Confirmed:
				wantPicked += l.Picked
			case Planned, Released, Expired, Rejected:
			}
		}
	}
	switch {
	case picked > 0 && picked != asked:
		return fmt.Sprintf("%s has given out %d of %d", id, picked, asked)
	case !to && held < wantHeld:
		return fmt.Sprintf("%s holds %d of an order that is HELD", id, held)
	case !to && !from && (held != wantHeld || picked != wantPicked):
		return fmt.Sprintf("%s holds %d and has given out %d, expected %d and %d", id, held, picked, wantHeld, wantPicked)
	}
	return ""
}
