package app_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/ledger"
)

// detour is mail that takes as long as a test says.
type detour struct {
	owner.Carrier
	delay *atomic.Int64
}

func (d detour) Deliver(from, to ledger.ID, mail []ledger.Mail) {
	time.AfterFunc(time.Duration(d.delay.Load()), func() { d.Carrier.Deliver(from, to, mail) })
}

// While mail about an order is on its way its stock ledger holds what the order does not,
// for minutes, and that is no difference; not even when the order is forgotten meanwhile.
func TestMailThatIsLongOnItsWayIsNoDifference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var delay atomic.Int64
		a := &audit{T: t, store: &damaged{Store: memory.New()}, told: &audits{}, topic: &memory.Publisher{}}
		in, stop := beginUntil(t, a.store, app.Outside{
			Observer: a.told, Publisher: a.topic, LevelTopic: a.topic.LevelTopic(),
			Carry: func(next owner.Carrier) owner.Carrier { return detour{next, &delay} },
		})
		defer stop()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = in.Audit(ctx) }() // nil when ctx ends
		synctest.Wait()
		stockUp(t, in)
		for _, order := range []string{"a", "b"} {
			must(t)(in.Reserve(t.Context(), app.ReserveRequest{OrderID: order, Items: []app.ReserveItem{{SKU: "A", Quantity: 1}}}))
		}
		a.expect()
		delay.Store(int64(5 * time.Minute))
		for _, end := range []func(context.Context) error{
			func(asked context.Context) error {
				_, err := in.Release(asked, app.ReleaseRequest{OrderRef: app.OrderRef{OrderID: "a"}})
				return err
			},
			func(asked context.Context) error {
				_, err := in.Confirm(asked, app.ConfirmRequest{OrderRef: app.OrderRef{OrderID: "b"}})
				return err
			},
		} {
			asked, giveUp := context.WithTimeout(t.Context(), time.Second)
			err := end(asked)
			giveUp()
			if !app.Retryable(err) {
				t.Errorf("the mail did not take long: %v", err)
			}
		}
		held := func() int64 {
			s, err := in.Stock(t.Context(), "A", "")
			must(t)(nil, err)
			return s.Held
		}
		a.expect() // three minutes
		if held() != 2 {
			t.Fatalf("2 units held expected while the mail is on its way, found %d", held())
		}
		a.expect()
		if r, err := in.Reconcile(t.Context()); err != nil || len(r.Differences) > 0 || held() != 0 {
			t.Errorf("when it has come: %v, %v, %d held", r.Differences, err, held())
		}
	})
}
