package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"inventory/app/wire"
	"inventory/domain/stock"
	"inventory/ports"
)

// ErrBehind is of a level that has not reached the version that its reader must see, as far as
// anybody could tell. It is a *BehindError.
var ErrBehind = errors.New("not there yet")

// MaxReadPatience bounds Config.ReadPatience, so that requests which wait do not crowd others out.
const MaxReadPatience = 5 * time.Second

// MinVersion is a version that a SKU's level in a warehouse must have reached: who was told of a
// write reads what it wrote.
type MinVersion struct {
	WarehouseID string
	Version     int64
}

// String writes it as ParseMinVersion reads it.
func (v MinVersion) String() string { return v.WarehouseID + ":" + strconv.FormatInt(v.Version, 10) }

// ParseMinVersion reads WAREHOUSE:VERSION. Errors: stock.ErrInvalid.
func ParseMinVersion(s string) (MinVersion, error) {
	id, number, _ := strings.Cut(s, ":")
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil || version < 1 || strconv.FormatInt(version, 10) != number {
		return MinVersion{}, fmt.Errorf("%w min_version %.80q: expected WAREHOUSE:VERSION with a version from 1, such as HCM:12", stock.ErrInvalid, s)
	}
	if _, err := stock.ParseWarehouseID(id); err != nil {
		return MinVersion{}, fmt.Errorf("min_version %.80q: %w", s, err)
	}
	return MinVersion{id, version}, nil
}

// BehindError names a level that is behind.
type BehindError struct {
	SKU       stock.SKU
	Warehouse stock.WarehouseID
	Wanted    int64 // the version asked for
	Found     int64 // the version there is; 0: the SKU never was there
}

// Error implements error.
func (e *BehindError) Error() string {
	return fmt.Sprintf("%s in %s is at version %d, asked for %d or newer: %v", e.SKU, e.Warehouse, e.Found, e.Wanted, ErrBehind)
}

// Unwrap makes it ErrBehind.
func (e *BehindError) Unwrap() error { return ErrBehind }

// leastOf sorts an item's versions by warehouse; each is one of those asked about, once.
func leastOf(it StockItem, asked []stock.Warehouse) (map[stock.WarehouseID]int64, error) {
	if len(it.AtLeast) == 0 {
		return nil, nil
	}
	least := make(map[stock.WarehouseID]int64, len(it.AtLeast))
	for _, v := range it.AtLeast {
		id := stock.WarehouseID(v.WarehouseID)
		if !slices.ContainsFunc(asked, func(w stock.Warehouse) bool { return w.ID == id }) {
			return nil, fmt.Errorf("%w min_version %s of %s: expected one of the warehouses asked about", stock.ErrInvalid, v, it.SKU)
		}
		least[id] = v.Version
	}
	return least, nil
}

// behind says where a level has not reached the version that it must.
func (q question) behind(s Stock) error {
	if len(q.least) == 0 {
		return nil
	}
	for _, w := range q.in {
		wanted := q.least[w.ID]
		var found int64
		if i := slices.IndexFunc(s.Warehouses, func(p WarehouseStock) bool { return p.WarehouseID == w.ID }); i >= 0 {
			found = s.Warehouses[i].Version
		}
		if found < wanted {
			return &BehindError{q.sku, w.ID, wanted, found}
		}
	}
	return nil
}

// wanted is a level to be read, and the version that it must have reached.
type wanted struct {
	wire.Shelf
	least int64
}

// The time between two readings of a level that is behind.
const (
	firstReadPause = 5 * time.Millisecond
	lastReadPause  = 100 * time.Millisecond
)

// freshReadings reads levels, and those that are behind again, at their source, until they are
// not or Config.ReadPatience is over.
func (in *Inventory) freshReadings(ctx context.Context, asked []wanted) ([]reading, error) {
	shelves := make([]wire.Shelf, 0, len(asked))
	for _, a := range asked {
		shelves = append(shelves, a.Shelf)
	}
	found, err := in.readings(ctx, shelves, in.elsewhere)
	if err != nil {
		return nil, err
	}
	until := in.world.Clock.Now().Add(in.cfg.ReadPatience)
	pause := time.Duration(0) // what is a copy is asked of its source at once
	for {
		late := behindOf(asked, found)
		left := until.Sub(in.world.Clock.Now())
		if len(late) == 0 || left < 0 {
			return found, nil
		}
		if err := ports.Sleep(ctx, in.world.Clock, min(pause, left)); err != nil {
			return nil, fmt.Errorf("waiting for a version: %w", err)
		}
		again, err := in.readings(ctx, pick(shelves, late), in.atSource)
		if err != nil {
			return nil, err
		}
		for n, i := range late {
			found[i] = again[n]
		}
		if left == 0 {
			return found, nil
		}
		pause = min(max(2*pause, firstReadPause), lastReadPause)
	}
}

// behindOf gives the places of levels that are behind.
func behindOf(asked []wanted, found []reading) (late []int) {
	for i, a := range asked {
		if found[i].version < a.least {
			late = append(late, i)
		}
	}
	return late
}
