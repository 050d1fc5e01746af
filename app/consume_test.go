package app_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// upstream is another team's service: what it sends, and what it hears.
type upstream struct {
	t   *testing.T
	in  *app.Inventory
	all *memory.Publisher
}

func newUpstream(t *testing.T) *upstream {
	u := &upstream{t: t, all: &memory.Publisher{}}
	u.in = beginIn(t, memory.New(), app.Outside{Publisher: u.all})
	synctest.Wait()
	stockUp(t, u.in)
	return u
}

// send has an event consumed, and everything that follows from it happen.
func (u *upstream) send(e ports.OrderEvent) error {
	switch o := e.(type) {
	case ports.OrderCreated:
		o.OccurredAt = cmp.Or(o.OccurredAt, time.Now())
		e = o
	case ports.OrderCancelled:
		o.OccurredAt = time.Now()
		e = o
	case ports.FulfilmentPicked:
		o.OccurredAt = time.Now()
		e = o
	}
	err := u.in.Consume(context.WithoutCancel(u.t.Context()), app.Consumption{Event: e, Topic: "orders", Trace: "trace-" + e.About()})
	<-time.After(200 * time.Millisecond)
	return err
}

// outcomes are the events about an order so far, each once.
func (u *upstream) outcomes(order string) []string {
	var told []string
	for _, e := range u.all.Published() {
		text := ""
		switch e := e.(type) {
		case ports.Reserved:
			text = "reserved"
		case ports.Rejected:
			text = "rejected " + e.Reason
		case ports.Confirmed:
			text = fmt.Sprint("confirmed late=", e.Late)
		case ports.Released:
			text = "released " + e.Reason
		case ports.Expiring:
			text = "expiring"
		case ports.Adjusted, ports.StockLevel:
			continue
		}
		if e.Key() == order {
			told = append(told, text)
			if trace := e.Header().Trace; trace != "trace-"+order {
				u.t.Errorf("%s: the trace is %q", text, trace)
			}
		}
	}
	return told
}

func created(order string, units int64) ports.OrderCreated {
	return ports.OrderCreated{EventID: "c-" + order, OrderID: order, Items: []ports.OrderItem{{SKU: "A", Quantity: units}}}
}

func cancelled() ports.OrderCancelled {
	return ports.OrderCancelled{EventID: "x-o", OrderID: "o", Reason: "changed my mind"}
}

func picked() ports.FulfilmentPicked {
	return ports.FulfilmentPicked{EventID: "p-o", OrderID: "o"}
}

func TestEachOrderEventHasTheOutcomeOfTheTable(t *testing.T) {
	badItem := created("o", 1)
	badItem.Items = []ports.OrderItem{{SKU: "A", Quantity: -5}, {SKU: strings.Repeat("x", 1000), Quantity: 1}}
	nowhere := created("o", 1)
	nowhere.Items[0].WarehouseID = "MARS"
	paid := cancelled()
	paid.Reason = "PAYMENT_FAILED"
	old := created("o", 1)
	old.OccurredAt = time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC) // a bubble's time begins with 2000
	nameless := created("o", 1)
	nameless.EventID = ""
	whole, part, wrongPlace := picked(), picked(), picked()
	whole.WarehouseID, whole.Items = "W1", []ports.OrderItem{{SKU: "A", Quantity: 2}}
	part.Items = []ports.OrderItem{{SKU: "A", Quantity: 1}}
	wrongPlace.WarehouseID = "W2"
	short := int64(2)
	brief := created("o", 2)
	brief.TTLSeconds = &short

	for name, c := range map[string]struct {
		events   []ports.OrderEvent
		errs     map[int]error // by place
		outcomes []string
	}{
		"held":                         {[]ports.OrderEvent{created("o", 2)}, nil, []string{"reserved"}},
		"held once, however often":     {[]ports.OrderEvent{created("o", 2), created("o", 2)}, nil, []string{"reserved"}},
		"other items":                  {[]ports.OrderEvent{created("o", 2), created("o", 3)}, map[int]error{1: reservation.ErrMismatch}, []string{"reserved"}},
		"too little":                   {[]ports.OrderEvent{created("o", 11), created("o", 11)}, nil, []string{"rejected INSUFFICIENT_STOCK"}},
		"impossible items":             {[]ports.OrderEvent{badItem, badItem}, nil, []string{"rejected INVALID_ORDER"}},
		"unknown warehouse":            {[]ports.OrderEvent{nowhere, nowhere}, nil, []string{"rejected INVALID_ORDER"}},
		"cancelled":                    {[]ports.OrderEvent{created("o", 2), cancelled(), cancelled()}, nil, []string{"reserved", "released ORDER_CANCELLED"}},
		"payment failed":               {[]ports.OrderEvent{created("o", 2), paid}, nil, []string{"reserved", "released PAYMENT_FAILED"}},
		"cancelled first":              {[]ports.OrderEvent{cancelled(), created("o", 2), created("o", 2)}, nil, []string{"rejected ALREADY_CANCELLED"}},
		"picked":                       {[]ports.OrderEvent{created("o", 2), picked(), picked()}, nil, []string{"reserved", "confirmed late=false"}},
		"picked, spelled out":          {[]ports.OrderEvent{created("o", 2), whole}, nil, []string{"reserved", "confirmed late=false"}},
		"picked in part":               {[]ports.OrderEvent{created("o", 2), part}, nil, []string{"reserved", "confirmed late=false", "released SHORT_PICK"}},
		"picked elsewhere":             {[]ports.OrderEvent{created("o", 2), wrongPlace}, map[int]error{1: reservation.ErrOverPick}, []string{"reserved"}},
		"picked, then cancelled":       {[]ports.OrderEvent{created("o", 2), picked(), cancelled()}, nil, []string{"reserved", "confirmed late=false"}},
		"cancelled, then picked":       {[]ports.OrderEvent{created("o", 2), cancelled(), picked()}, nil, []string{"reserved", "released ORDER_CANCELLED", "confirmed late=true"}},
		"picked, never seen":           {[]ports.OrderEvent{picked()}, map[int]error{0: reservation.ErrUnknownOrder}, nil},
		"picked, rejected":             {[]ports.OrderEvent{created("o", 11), picked()}, map[int]error{1: reservation.ErrNotHeld}, []string{"rejected INSUFFICIENT_STOCK"}},
		"too old":                      {[]ports.OrderEvent{old}, map[int]error{0: app.ErrTooOld}, nil},
		"no event id":                  {[]ports.OrderEvent{nameless}, map[int]error{0: stock.ErrInvalid}, nil},
		"an order id that can't be":    {[]ports.OrderEvent{created(strings.Repeat("o", 1000), 1)}, map[int]error{0: stock.ErrInvalid}, nil},
		"its own time to live, lapsed": {[]ports.OrderEvent{brief, sleep{}, picked()}, nil, []string{"reserved", "expiring", "released TTL_EXPIRED", "confirmed late=true"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUpstream(t)
				for i, e := range c.events {
					if _, ok := e.(sleep); ok {
						<-time.After(5 * time.Second)
						continue
					}
					if err := u.send(e); !errors.Is(err, c.errs[i]) || err != nil && c.errs[i] == nil {
						t.Errorf("event %d: expected %v, found %v", i, c.errs[i], err)
					}
				}
				if got := u.outcomes("o"); !slices.Equal(got, c.outcomes) {
					t.Errorf("expected %q, found %q", c.outcomes, got)
				}
			})
		})
	}
}

// sleep lets a hold lapse.
type sleep struct{}

func (sleep) About() string { return "" }
