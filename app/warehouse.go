package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// Errors of naming what there is not.
var (
	ErrUnknownWarehouse = errors.New("unknown warehouse")
	ErrUnknownRegion    = errors.New("unknown region: no warehouse is in it")
	// ErrFixed: region and number of ledgers of a warehouse never change.
	ErrFixed = errors.New("region and ledgers of a warehouse never change")
)

// directory remembers the warehouses.
type directory struct {
	port  ports.Directory
	now   atomic.Pointer[warehouses]
	asked atomic.Int64 // readings that were begun
}

// warehouses is one reading of the directory. It is never changed.
type warehouses struct {
	number   int64             // of the reading, in the order in which they began
	sorted   []stock.Warehouse // by rank
	byID     map[stock.WarehouseID]stock.Warehouse
	byRegion map[stock.Region][]stock.Warehouse
}

func newDirectory(port ports.Directory) *directory {
	d := &directory{port: port}
	d.now.Store(&warehouses{})
	return d
}

// refresh reads the directory. Of readings that overlap the one that was begun last counts: a
// slow one may not know the warehouses that others have come to rely on.
func (d *directory) refresh(ctx context.Context) error {
	number := d.asked.Add(1)
	records, err := d.port.Warehouses(ctx)
	if err != nil {
		return fmt.Errorf("reading the warehouses: %w", err)
	}
	ws := &warehouses{number: number, byID: map[stock.WarehouseID]stock.Warehouse{}, byRegion: map[stock.Region][]stock.Warehouse{}}
	for _, r := range records {
		w, err := stock.NewWarehouse(r.ID, r.Region, r.Rank, r.Ledgers)
		if err != nil {
			return fmt.Errorf("the stored warehouse %q: %w", r.ID, err)
		}
		ws.sorted = append(ws.sorted, w)
	}
	slices.SortFunc(ws.sorted, stock.CompareRank)
	for _, w := range ws.sorted {
		ws.byID[w.ID] = w
		ws.byRegion[w.Region] = append(ws.byRegion[w.Region], w)
	}
	for {
		old := d.now.Load()
		if old.number > number || d.now.CompareAndSwap(old, ws) {
			return nil
		}
	}
}

func (d *directory) all() []stock.Warehouse { return d.now.Load().sorted }

// warehouse finds a warehouse, in the store too where it is not remembered.
func (in *Inventory) warehouse(ctx context.Context, id stock.WarehouseID) (stock.Warehouse, error) {
	if w, ok := in.directory.now.Load().byID[id]; ok {
		return w, nil
	}
	if err := in.look(ctx); err != nil {
		return stock.Warehouse{}, err
	}
	w, ok := in.directory.now.Load().byID[id]
	if !ok {
		return w, fmt.Errorf("%w %s", ErrUnknownWarehouse, id)
	}
	return w, nil
}

// checkRegion looks for a region in the same way.
func (in *Inventory) checkRegion(ctx context.Context, region stock.Region) error {
	if len(in.directory.now.Load().byRegion[region]) > 0 {
		return nil
	}
	if err := in.look(ctx); err != nil {
		return err
	}
	if len(in.directory.now.Load().byRegion[region]) == 0 {
		return fmt.Errorf("%w: %s", ErrUnknownRegion, region)
	}
	return nil
}

// learn reads the warehouses for a reservation ledger that was just taken over: an order that
// its last owner planned may name one that this process has not heard of.
// Nor does it plan by levels of which it knows nothing yet.
func (in *Inventory) learn(ctx context.Context, id ledger.ID) error {
	if id.Kind() != ledger.KindReservation {
		if in.teller != nil {
			in.teller.Took(id)
		}
		return nil
	}
	if err := in.directory.refresh(ctx); err != nil {
		return err
	}
	return in.fleet.AwaitLevels(ctx)
}

// lookAgain reads the warehouses, and has the ledgers of new ones taken.
func (in *Inventory) lookAgain(ctx context.Context) error {
	if err := in.directory.refresh(ctx); err != nil {
		return err
	}
	return in.fleet.Refresh(ctx)
}

// watchDirectory looks for warehouses that other processes added.
func (in *Inventory) watchDirectory(ctx context.Context) {
	timer := in.world.Clock.NewTimer(in.cfg.DirectoryRefresh)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
		}
		if err := in.lookAgain(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, owner.ErrNotOwner) {
			in.world.Observer.Observe(ports.DirectoryTrouble{Err: err})
		}
		timer.Reset(in.cfg.DirectoryRefresh)
	}
}

// Warehouses lists the warehouses, the preferred ones first, as the store has them.
func (in *Inventory) Warehouses(ctx context.Context) ([]stock.Warehouse, error) {
	if err := in.lookAgain(ctx); err != nil {
		return nil, err
	}
	return in.directory.all(), nil
}

// PutWarehouse adds a warehouse, or changes the rank of one. ErrFixed where region or
// number of ledgers differ from what was set.
func (in *Inventory) PutWarehouse(ctx context.Context, w stock.Warehouse) error {
	if _, err := stock.NewWarehouse(string(w.ID), string(w.Region), w.Rank, w.Ledgers); err != nil {
		return err
	}
	asked := ports.WarehouseRecord{ID: string(w.ID), Region: string(w.Region), Rank: w.Rank, Ledgers: w.Ledgers}
	stored, err := in.directory.port.PutWarehouse(ctx, asked)
	if errors.Is(err, ports.ErrConflict) {
		return fmt.Errorf("%w: %s is in region %s with %d ledgers, asked for %s with %d", ErrFixed, w.ID, stored.Region, stored.Ledgers, w.Region, w.Ledgers)
	}
	if err != nil {
		return fmt.Errorf("storing warehouse %s: %w", w.ID, err)
	}
	return in.lookAgain(ctx)
}
