package letters

import (
	"net/http"
	"testing"

	"inventory/domain/letter"
	"inventory/integration/service"
	"inventory/ports"
)

func TestLettersThatHaveStoppedBeingTrueChangeNothing(t *testing.T) { everywhere(t, stopBeingTrue) }

// stopBeingTrue has the world go on while letters lie there.
func stopBeingTrue(t *testing.T, s *service.Site) {
	o := open(t, s, "SKU-A", "SKU-B")
	letters := map[string]letter.Letter{
		"o-cancelled": o.bury("UNAVAILABLE", ports.OrderCreatedTopic, created("o-cancelled", "SKU-A", 2)),
		"o-copied":    o.bury("UNAVAILABLE", ports.OrderCreatedTopic, created("o-copied", "SKU-A", 3)),
		"o-picked":    o.bury("UNAVAILABLE", ports.OrderCancelledTopic, newEvent("c-picked", "o-picked", nil)),
		"o-lapsed":    o.bury("UNAVAILABLE", ports.FulfilmentPickedTopic, newEvent("p-lapsed", "o-lapsed", nil)),
	}
	for _, l := range letters {
		o.append(l)
	}
	goOn(o)
	before, taken := o.level("SKU-A"), o.level("SKU-B")
	o.says(o.dlq("replay", "--dry-run"), "superseded", "duplicate", "SHORTAGE")
	j := o.replay(tally{Letters: 4, Superseded: 2, Duplicate: 1, Failed: 1})
	found := o.report(j.ID)
	for order, want := range map[string]fate{
		"o-cancelled": {Outcome: letter.Superseded}, "o-copied": {Outcome: letter.Duplicate},
		"o-picked": {Outcome: letter.Superseded}, "o-lapsed": {Outcome: letter.Failed, Code: "SHORTAGE"},
	} {
		if f := found[letters[order].ID.String()]; f.Outcome != want.Outcome || f.Code != want.Code {
			t.Errorf("%s: %+v, expected %s %s", order, f, want.Outcome, want.Code)
		}
	}
	if open := o.entries(""); len(open) != 1 || open[0].Key != "o-lapsed" {
		t.Errorf("open are %+v, expected the pick alone that there is no stock for", open)
	}
	if a, b := o.level("SKU-A"), o.level("SKU-B"); a.OnHand != before.OnHand || a.Held != before.Held || b.OnHand != taken.OnHand || b.Held != taken.Held {
		t.Errorf("%+v became %+v, %+v became %+v: nothing was to change", before, a, taken, b)
	}
	for order, want := range map[string]string{"o-cancelled": "REJECTED", "o-copied": "HELD", "o-picked": "CONFIRMED", "o-lapsed": "EXPIRED"} {
		if found := o.status(order); found != want {
			t.Errorf("order %s is %s, expected %s", order, found, want)
		}
	}
	o.reconcile()
	s.Stop(o.p)
}

// goOn cancels one order before it was created, has another one created by a copy of the event
// and one picked, and lets one expire whose stock then goes.
func goOn(o *office) {
	o.t.Helper()
	o.send(ports.OrderCancelledTopic, newEvent("c-cancelled", "o-cancelled", nil))
	o.send(ports.OrderCreatedTopic, created("o-copied", "SKU-A", 3))
	o.send(ports.OrderCreatedTopic, created("o-picked", "SKU-A", 4))
	brief := created("o-lapsed", "SKU-B", filled)
	brief["ttl_seconds"] = 1
	o.send(ports.OrderCreatedTopic, brief)
	o.awaitStatus("o-picked", "HELD")
	o.ask(http.MethodPost, "/inventory/confirm", map[string]any{"order_id": "o-picked"}, nil)
	o.awaitStatus("o-picked", "CONFIRMED")
	o.awaitStatus("o-copied", "HELD")
	o.awaitStatus("o-lapsed", "EXPIRED")
	o.awaitHeld("SKU-B", 0)
	o.ask(http.MethodPost, "/inventory/reserve", map[string]any{
		"order_id": "o-taker", "items": []map[string]any{{"sku": "SKU-B", "quantity": filled}},
	}, nil)
	o.await("the cancelled order is known", func() bool { return o.status("o-cancelled") != "" })
	o.awaitHeld("SKU-A", 3)
}
