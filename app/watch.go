package app

import (
	"context"
	"fmt"

	"inventory/app/watch"
	"inventory/domain/stock"
)

// MostWatchedSKUs bounds the SKUs that a watch can be narrowed to.
const MostWatchedSKUs = 1000

// WatchRequest says what is to be watched.
type WatchRequest struct {
	WarehouseID string
	SKUs        []string // empty: all
	// From is the revision after which changes are told, as a watch gave it; empty: a snapshot
	// comes first.
	From string
}

// WatchStock begins a watch of a warehouse, at any process, whoever owns its ledgers. End it.
// Errors: stock.ErrInvalid, ErrUnknownWarehouse, and those of watch.Hub.
func (in *Inventory) WatchStock(ctx context.Context, req WatchRequest) (*watch.Watcher, error) {
	id, err := stock.ParseWarehouseID(req.WarehouseID)
	if err != nil {
		return nil, err
	}
	var r watch.Request
	if len(req.SKUs) > MostWatchedSKUs {
		return nil, fmt.Errorf("%w skus: expected at most %d, found %d", stock.ErrInvalid, MostWatchedSKUs, len(req.SKUs))
	}
	for _, name := range req.SKUs {
		sku, err := stock.ParseSKU(name)
		if err != nil {
			return nil, err
		}
		r.SKUs = append(r.SKUs, sku)
	}
	w, err := in.warehouse(ctx, id)
	if err != nil {
		return nil, err
	}
	r.Ledgers = w.LedgerIDs()
	if r.From, err = watch.ParseRevision(req.From, len(r.Ledgers)); err != nil {
		return nil, err
	}
	return in.hub.Watch(ctx, r)
}

// EndWatches ends all watches, and takes no other: whoever watched goes on elsewhere.
func (in *Inventory) EndWatches() { in.hub.End() }

// Close waits until nothing that watches needed works any more.
func (in *Inventory) Close() { in.hub.Close() }
