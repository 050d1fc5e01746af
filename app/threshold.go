package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"inventory/app/owner"
	"inventory/app/parallel"
	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// ThresholdRequest asks to give a SKU a low mark in a warehouse, or to take it away.
type ThresholdRequest struct {
	SKU         string
	WarehouseID string
	Low         int64 // units; stock.NoMark: take it away
	Actor       string
	Source      string
	Trace       string
}

// SetThreshold sets a low mark. The same request again changes nothing. From then on
// inventory.threshold.v1 tells when what is available crosses it, and at once where that is at
// the mark or below. Errors: stock.ErrInvalid, ErrUnknownWarehouse.
func (in *Inventory) SetThreshold(ctx context.Context, req ThresholdRequest) (stock.Mark, error) {
	cmd := stock.SetMark{SKU: stock.SKU(req.SKU), Low: req.Low, Actor: req.Actor, Origin: stock.Origin{Source: req.Source, Trace: req.Trace}}
	id, err := stock.ParseWarehouseID(req.WarehouseID)
	if err := errors.Join(err, cmd.Validate()); err != nil {
		return stock.Mark{}, err
	}
	w, err := in.warehouse(ctx, id)
	if err != nil {
		return stock.Mark{}, err
	}
	outcome, err := in.ask(ctx, w.LedgerOf(cmd.SKU), cmd, owner.Decided)
	set, _ := outcome.(stock.Mark)
	return set, err
}

// Threshold reads a SKU's low mark in a warehouse, and how it stands, from its ledger's owner.
// Errors: stock.ErrInvalid, ErrUnknownWarehouse, stock.ErrNoMark.
func (in *Inventory) Threshold(ctx context.Context, sku, warehouse string) (stock.Mark, error) {
	id, err := stock.ParseWarehouseID(warehouse)
	parsed, skuErr := stock.ParseSKU(sku)
	if err := errors.Join(err, skuErr); err != nil {
		return stock.Mark{}, err
	}
	w, err := in.warehouse(ctx, id)
	if err != nil {
		return stock.Mark{}, err
	}
	marks, err := in.askMarks(ctx, w.LedgerOf(parsed), stock.ReadMarks{SKU: parsed, Limit: 1})
	if err != nil {
		return stock.Mark{}, err
	}
	return marks[0], nil
}

// Thresholds is a page of low marks, by SKU.
type Thresholds struct {
	Marks []stock.Mark
	More  bool // there are marks after the last of them
}

// MaxThresholds bounds a page of low marks.
const MaxThresholds = stock.MaxMarks - 1

// ledgersAtOnce bounds the ledgers of a warehouse that are asked for marks at a time.
const ledgersAtOnce = 8

// Thresholds reads the low marks of a warehouse, of the SKUs above after, which may be empty:
// at most limit, from 1 to MaxThresholds. They are those of one moment for each ledger of the
// warehouse. Errors: stock.ErrInvalid, ErrUnknownWarehouse.
func (in *Inventory) Thresholds(ctx context.Context, warehouse, after string, limit int) (Thresholds, error) {
	id, err := stock.ParseWarehouseID(warehouse)
	if err == nil && after != "" {
		_, err = stock.ParseSKU(after)
	}
	if err != nil {
		return Thresholds{}, err
	}
	w, err := in.warehouse(ctx, id)
	if err != nil {
		return Thresholds{}, err
	}
	ids := w.LedgerIDs()
	parts := make([][]stock.Mark, len(ids))
	if err := parallel.Do(len(ids), ledgersAtOnce, func(i int) (err error) {
		parts[i], err = in.askMarks(ctx, ids[i], stock.ReadMarks{After: stock.SKU(after), Limit: limit + 1})
		return err
	}); err != nil {
		return Thresholds{}, err
	}
	all := slices.Concat(parts...)
	slices.SortFunc(all, func(a, b stock.Mark) int { return cmp.Compare(a.SKU, b.SKU) })
	return Thresholds{Marks: all[:min(len(all), limit)], More: len(all) > limit}, nil
}

func (in *Inventory) askMarks(ctx context.Context, id ledger.ID, cmd stock.ReadMarks) (stock.Marks, error) {
	outcome, err := in.ask(ctx, id, cmd, owner.Decided)
	if err != nil {
		return nil, err
	}
	marks, ok := outcome.(stock.Marks)
	if !ok || cmd.SKU != "" && len(marks) != 1 {
		return nil, fmt.Errorf("%w: %s answers %T to a question for its marks", owner.ErrDefect, id, outcome)
	}
	return marks, nil
}
