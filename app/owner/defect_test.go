package owner_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// broken is a ledger whose state takes no change, though its drafts do.
type broken struct{ ledger.Machine }

func (broken) Apply(ledger.Change, ledger.Stamp) error { return errors.New("an invariant broke") }

type nothing struct{}

func (nothing) Observe(ports.Event)                            {}
func (nothing) Publish(context.Context, []*ledger.Entry) error { return nil }
func (nothing) Write(context.Context, []*ledger.Entry) error   { return nil }
func (nothing) Flush(context.Context) error                    { return nil }

func TestACommandIsNotToBlameForTheDefectThatEndsItsLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		id, store := ledger.StockID("W1", 0), memory.New()
		cfg := owner.DefaultConfig()
		cfg.Owner = "me"
		ended := make(chan error, 1)
		h := owner.NewHost(cfg, owner.World{
			Journal: store, Reader: store, Snapshots: store, Archive: store, Clock: system.Clock{}, Observer: nothing{}, CommitID: system.NewUUID,
			Kinds: map[ledger.Kind]owner.Kind{ledger.KindStock: {New: func(id ledger.ID) ledger.Machine { return broken{stock.New(id)} }}},
			Relay: func(ledger.ID, func() bool, func() bool) owner.Relay { return nothing{} },
		}, nil, func(_ ledger.ID, err error) { ended <- err })
		if _, err := h.Take(t.Context(), id, ports.Head{}); err != nil {
			t.Fatal(err)
		}
		receipt := stock.Adjust{Ledger: id, Actor: "a", Key: "k", SKU: "A", Type: stock.Receipt, Quantity: 1}
		_, err := h.Ask(t.Context(), id, receipt, owner.Decided)
		if errors.Is(err, owner.ErrDefect) || !errors.Is(err, owner.ErrUnsettled) {
			t.Errorf("expected that nobody knows, found: %v", err)
		}
		if err := <-ended; !errors.Is(err, owner.ErrDefect) {
			t.Errorf("the ledger is to end with the defect, found: %v", err)
		}
	})
}
