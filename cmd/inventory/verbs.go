package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// verbs are the commands that ask a running service.
type verbs struct {
	Warehouse warehouseCmd `cmd:"" help:"Add or list warehouses."`
	Adjust    adjustCmd    `cmd:"" help:"Change, or count, what is on hand."`
	Reserve   reserveCmd   `cmd:"" help:"Hold stock for an order: all items or none."`
	Release   releaseCmd   `cmd:"" help:"End an order without a pick; what it held is available again."`
	Confirm   confirmCmd   `cmd:"" help:"Say that goods of an order were picked: they leave."`
	Extend    extendCmd    `cmd:"" help:"Hold an order for longer."`
	Order     orderCmd     `cmd:"" help:"Show an order."`
	Stock     stockCmd     `cmd:"" help:"Show how much there is of a SKU, or of several."`
	Threshold thresholdCmd `cmd:"" help:"Set, clear or list low marks of SKUs in warehouses."`
	Why       whyCmd       `cmd:"" help:"Tell how stock of a SKU, or an order, came to be as it is, or was at a past moment."`
	DLQ       dlqCmd       `cmd:"" name:"dlq" help:"Look at dead letters, which are order events that could not be acted on, replay and mend them."`
	Ledgers   ledgersCmd   `cmd:"" help:"Show the ledgers of the service and how they stand."`
}

// verb is a command that a service answers.
type verb interface {
	run(ctx context.Context, c *client) (answer, error)
}

// answer is what a verb says: itself as JSON, and text for people.
type answer interface {
	text(w io.Writer)
}

// ask runs a verb and prints the answer.
func (p *program) ask(ctx context.Context, v verb) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	defer c.http.CloseIdleConnections()
	found, err := v.run(ctx, c)
	if err != nil {
		return err
	}
	return p.print(found)
}

func (p *program) print(a answer) error {
	if !p.json {
		a.text(p.stdout)
		return nil
	}
	return writeLine(p.stdout, a)
}

// writeLine writes a value as one line of JSON.
func writeLine(w io.Writer, value any) error {
	var line bytes.Buffer
	e := json.NewEncoder(&line) // ends the line
	e.SetEscapeHTML(false)      // people read it too
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("writing %T as JSON: %w", value, err)
	}
	_, err := w.Write(line.Bytes())
	return err
}

// item is a line of an order as people write it: SKU=QUANTITY or SKU=QUANTITY@WAREHOUSE.
type item struct {
	SKU         string `json:"sku"`
	Quantity    int64  `json:"quantity"`
	WarehouseID string `json:"warehouse_id,omitempty"`
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (i *item) UnmarshalText(text []byte) error {
	sku, rest, ok := strings.Cut(string(text), "=")
	quantity, warehouse, named := strings.Cut(rest, "@")
	n, err := strconv.ParseInt(quantity, 10, 64)
	if !ok || err != nil || named && warehouse == "" {
		return fmt.Errorf("%q: expected SKU=QUANTITY or SKU=QUANTITY@WAREHOUSE, such as SKU-1=2@HCM", text)
	}
	*i = item{sku, n, warehouse}
	return nil
}

// units is a signed number of units, which maskNegatives may have written with a minus.
type units int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *units) UnmarshalText(text []byte) error {
	n, err := strconv.ParseInt(strings.Replace(string(text), minus, "-", 1), 10, 64)
	if err != nil {
		return fmt.Errorf("%q: expected a whole number of units", text)
	}
	*u = units(n)
	return nil
}
