package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
)

// warehouseCmd has the commands on warehouses.
type warehouseCmd struct {
	Put  warehousePutCmd  `cmd:"" help:"Add a warehouse, or change the rank of one."`
	List warehouseListCmd `cmd:"" help:"List the warehouses, the preferred ones first."`
}

type warehousePutCmd struct {
	Warehouse string `arg:"" help:"Its id, such as HCM."`
	Region    string `arg:"" help:"Its region, such as south; never changes once set."`
	Rank      int    `default:"1" help:"Lower is preferred."`
	Ledgers   int    `default:"1" help:"Stock ledgers that its SKUs are divided among; never changes once set."`
}

func (c *warehousePutCmd) run(ctx context.Context, to *client) (answer, error) {
	return to.putWarehouse(ctx, warehouse{WarehouseID: c.Warehouse, Region: c.Region, Rank: c.Rank, Ledgers: c.Ledgers})
}

func (c *client) putWarehouse(ctx context.Context, w warehouse) (warehouse, error) {
	body := struct {
		Region  string `json:"region"`
		Rank    int    `json:"rank"`
		Ledgers int    `json:"ledgers,omitempty"`
	}{w.Region, w.Rank, w.Ledgers}
	err := c.ask(ctx, http.MethodPut, "/inventory/warehouses/"+seg(w.WarehouseID), nil, body, &w)
	return w, err
}

type warehouseListCmd struct{}

func (c *warehouseListCmd) run(ctx context.Context, to *client) (answer, error) {
	var list warehouseList
	err := to.ask(ctx, http.MethodGet, "/inventory/warehouses", nil, nil, &list)
	return list, err
}

// warehouse is a warehouse as it is answered.
type warehouse struct {
	WarehouseID string `json:"warehouse_id"`
	Region      string `json:"region"`
	Rank        int    `json:"rank"`
	Ledgers     int    `json:"ledgers"`
}

func (w warehouse) text(out io.Writer) {
	fmt.Fprintf(out, "warehouse %s in region %s, rank %d, %d stock ledger%s\n", w.WarehouseID, w.Region, w.Rank, w.Ledgers, plural(w.Ledgers))
}

type warehouseList struct {
	Warehouses []warehouse `json:"warehouses"`
}

func (l warehouseList) text(out io.Writer) {
	if len(l.Warehouses) == 0 {
		fmt.Fprintln(out, "no warehouse yet: `warehouse put <id> <region>` adds one")
		return
	}
	table := newTable(out, "WAREHOUSE\tREGION\tRANK\tLEDGERS")
	for _, w := range l.Warehouses {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\n", w.WarehouseID, w.Region, w.Rank, w.Ledgers)
	}
	_ = table.Flush() // what can't be told to people can't be told to them otherwise
}

// newTable aligns columns that are ended by tabs.
func newTable(out io.Writer, header string) *tabwriter.Writer {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, header)
	return table
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
