package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"inventory/app"
)

type stockCmd struct {
	SKU    string `arg:"" name:"sku" help:"Of what."`
	Region string `placeholder:"NAME" help:"Where. Default: everywhere."`
}

func (c *stockCmd) decides() bool { return false }

func (c *stockCmd) run(ctx context.Context, s *service) (answer, error) {
	found, err := s.in.Stock(ctx, c.SKU, c.Region)
	if err != nil {
		return nil, err
	}
	return newStock(found), nil
}

// stockAnswer is how much there is of a SKU, in units.
type stockAnswer struct {
	SKU        string           `json:"sku"`
	Region     string           `json:"region,omitempty"`
	OnHand     int64            `json:"on_hand"`
	Held       int64            `json:"held"`
	Available  int64            `json:"available"`
	Short      int64            `json:"short"`
	Warehouses []warehouseStock `json:"warehouses"`
	AsOf       time.Time        `json:"as_of"`
}

type warehouseStock struct {
	WarehouseID string `json:"warehouse_id"`
	Region      string `json:"region"`
	OnHand      int64  `json:"on_hand"`
	Held        int64  `json:"held"`
	Available   int64  `json:"available"`
	Short       int64  `json:"short"`
	Version     int64  `json:"version"`
}

func newStock(s app.Stock) stockAnswer {
	told := stockAnswer{
		SKU: string(s.SKU), Region: string(s.Region), OnHand: s.OnHand, Held: s.Held, Available: s.Available, Short: s.Short,
		Warehouses: []warehouseStock{}, AsOf: s.AsOf.UTC().Truncate(time.Millisecond),
	}
	for _, w := range s.Warehouses {
		told.Warehouses = append(told.Warehouses, warehouseStock{
			string(w.WarehouseID), string(w.Region), w.OnHand, w.Held, w.Available, w.Short, w.Version,
		})
	}
	return told
}

func (s stockAnswer) text(out io.Writer) {
	table := newTable(out, s.SKU+"\tREGION\tON HAND\tHELD\tAVAILABLE\tSHORT")
	for _, w := range s.Warehouses {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\n", w.WarehouseID, w.Region, w.OnHand, w.Held, w.Available, w.Short)
	}
	fmt.Fprintf(table, "in all\t%s\t%d\t%d\t%d\t%d\n", s.Region, s.OnHand, s.Held, s.Available, s.Short)
	_ = table.Flush()
}
