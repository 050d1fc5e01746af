package app_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/ledger"
)

// slowMail brings mail late, in a bubble: what is answered meanwhile shows what it waited for.
type slowMail struct{ owner.Carrier }

const mailDelay = 100 * time.Millisecond

func slowly(c owner.Carrier) owner.Carrier { return slowMail{c} }

func (m slowMail) Deliver(from, to ledger.ID, mail []ledger.Mail) {
	time.AfterFunc(mailDelay, func() { m.Carrier.Deliver(from, to, mail) })
}

// TestAnAnsweredCommandShowsInTheStock has mail travel for so long that an answer which did
// not wait for it would be given before the stock ledger knows.
func TestAnAnsweredCommandShowsInTheStock(t *testing.T) {
	ref := app.OrderRef{OrderID: "o"}
	confirm := func(ctx context.Context, in *app.Inventory) (any, error) {
		return in.Confirm(ctx, app.ConfirmRequest{OrderRef: ref})
	}
	release := func(ctx context.Context, in *app.Inventory) (any, error) {
		return in.Release(ctx, app.ReleaseRequest{OrderRef: ref})
	}
	for name, c := range map[string]struct {
		first  func(context.Context, *app.Inventory) (any, error)
		gap    time.Duration // from the first command to the second one
		second func(context.Context, *app.Inventory) (any, error)
		onHand int64
	}{
		"picked":                         {nil, 0, confirm, 9},
		"picked late":                    {release, 10 * time.Second, confirm, 9},
		"picked late, not yet forgotten": {release, mailDelay / 2, confirm, 9},
		"picked while a pick is on its way to the stock": {confirm, mailDelay / 2, confirm, 9},
		"released": {nil, 0, release, 10},
		"released while a release is on its way to the stock": {release, mailDelay / 2, release, 10},
		"released after a pick that is on its way":            {confirm, mailDelay / 2, release, 9},
		"picked again long after":                             {confirm, 10 * time.Second, confirm, 9},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := beginIn(t, memory.New(), app.Outside{Carry: slowly})
				synctest.Wait()
				stockUp(t, in)
				reserve := app.ReserveRequest{OrderID: "o", Items: []app.ReserveItem{{SKU: "A", Quantity: 1}}}
				must(t)(in.Reserve(t.Context(), reserve))

				ctx := context.WithoutCancel(t.Context())
				var first sync.WaitGroup
				if c.first != nil {
					first.Go(func() { must(t)(c.first(ctx, in)) })
					<-time.After(c.gap)
				}
				must(t)(c.second(ctx, in))
				s, err := in.Stock(ctx, "A", "")
				if err != nil || s.OnHand != c.onHand || s.Held != 0 {
					t.Errorf("when it was answered: %d on hand, %d held (%v); expected %d and 0", s.OnHand, s.Held, err, c.onHand)
				}
				first.Wait()
			})
		})
	}
}
