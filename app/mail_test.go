package app_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/ledger"
)

// gap is mail of which the first, once armed, never arrives.
type gap struct {
	owner.Carrier
	armed *atomic.Bool
}

func (g gap) Deliver(from, to ledger.ID, mail []ledger.Mail) {
	if g.armed.CompareAndSwap(true, false) {
		mail = mail[1:]
	}
	g.Carrier.Deliver(from, to, mail)
}

// What is behind a mail that got lost follows as fast as it is taken, not so much at a time as
// the timer of resending gives: else a backlog that grows faster than that never ends.
func TestOneLostMailHoldsManyUpForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const orders = 3000
		var lose atomic.Bool
		var resend time.Duration
		in, stop := beginUntil(t, memory.New(), app.Outside{
			Carry: func(next owner.Carrier) owner.Carrier { return gap{next, &lose} },
		}, func(cfg *app.Config) {
			cfg.ReservationLedgers, cfg.Owner.Batch, cfg.Owner.MailRoom = 1, 16, 64
			resend = cfg.Owner.Resend
		})
		defer stop()
		synctest.Wait()
		stockUp(t, in)
		must(t)(in.Adjust(t.Context(), app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "RECEIPT", Quantity: orders, Actor: "test", Key: "many"}))
		lose.Store(true)
		began := time.Now()
		var asking sync.WaitGroup
		for n := range orders {
			asking.Go(func() {
				must(t)(in.Reserve(t.Context(), app.ReserveRequest{OrderID: fmt.Sprint("o", n), Items: []app.ReserveItem{{SKU: "A", Quantity: 1}}}))
			})
		}
		asking.Wait()
		if took := time.Since(began); took > 4*resend {
			t.Errorf("%d orders took %s, where mail is sent again after %s", orders, took, resend)
		}
	})
}
