package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// thresholdCmd has the commands on low marks.
type thresholdCmd struct {
	Set   thresholdSetCmd   `cmd:"" help:"Give a SKU a low mark: inventory.threshold.v1 tells when what is available crosses it."`
	Clear thresholdClearCmd `cmd:"" help:"Take a SKU's low mark away: nothing more is told of it."`
	List  thresholdListCmd  `cmd:"" help:"List a warehouse's low marks, and how each SKU stands."`
}

type thresholdSetCmd struct {
	Warehouse string `arg:"" help:"Where."`
	SKU       string `arg:"" name:"sku" help:"Of what."`
	Low       units  `arg:"" help:"Units: LOW is told when as many are available, or fewer; 0 tells only OUT."`
	Actor     string `placeholder:"NAME" help:"Who. Default: the system's user."`
}

func (c *thresholdSetCmd) run(ctx context.Context, to *client) (answer, error) {
	var set threshold
	body := struct {
		LowMark int64 `json:"low_mark"`
	}{int64(c.Low)}
	err := to.ask(ctx, http.MethodPut, thresholdPath(c.Warehouse, c.SKU), header{"Inventory-Actor": cmp.Or(c.Actor, to.actor)}, body, &set)
	return set, err
}

type thresholdClearCmd struct {
	Warehouse string `arg:"" help:"Where."`
	SKU       string `arg:"" name:"sku" help:"Of what."`
	Actor     string `placeholder:"NAME" help:"Who. Default: the system's user."`
}

func (c *thresholdClearCmd) run(ctx context.Context, to *client) (answer, error) {
	var left threshold
	err := to.ask(ctx, http.MethodDelete, thresholdPath(c.Warehouse, c.SKU), header{"Inventory-Actor": cmp.Or(c.Actor, to.actor)}, nil, &left)
	return left, err
}

type thresholdListCmd struct {
	Warehouse string `arg:"" help:"Where."`
}

// mostThresholds is a page of low marks.
const mostThresholds = 1000

func (c *thresholdListCmd) run(ctx context.Context, to *client) (answer, error) {
	list := thresholdList{Thresholds: []threshold{}, warehouse: c.Warehouse}
	page := thresholdPage{}
	for more := true; more; more = page.Next != "" {
		query := url.Values{"limit": {strconv.Itoa(mostThresholds)}}
		if page.Next != "" {
			query.Set("after", page.Next)
		}
		page = thresholdPage{}
		if err := to.ask(ctx, http.MethodGet, "/inventory/warehouses/"+seg(c.Warehouse)+"/thresholds?"+query.Encode(), nil, nil, &page); err != nil {
			return nil, err
		}
		list.Thresholds = append(list.Thresholds, page.Thresholds...)
	}
	return list, nil
}

func thresholdPath(warehouse, sku string) string {
	return "/inventory/warehouses/" + seg(warehouse) + "/thresholds/" + seg(sku)
}

// threshold is a low mark, and how the SKU stands, as it is answered. All are units.
type threshold struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id"`
	LowMark     *int64 `json:"low_mark"`
	Threshold   string `json:"threshold"`
	OnHand      int64  `json:"on_hand"`
	Held        int64  `json:"held"`
	Available   int64  `json:"available"`
}

func (t threshold) text(out io.Writer) {
	if t.LowMark == nil {
		fmt.Fprintf(out, "%s in %s has no low mark; %d available\n", t.SKU, t.WarehouseID, t.Available)
		return
	}
	fmt.Fprintf(out, "%s in %s: low mark %d, %d available: %s\n", t.SKU, t.WarehouseID, *t.LowMark, t.Available, t.Threshold)
}

type thresholdPage struct {
	Thresholds []threshold `json:"thresholds"`
	Next       string      `json:"next"`
}

type thresholdList struct {
	Thresholds []threshold `json:"thresholds"`
	warehouse  string
}

func (l thresholdList) text(out io.Writer) {
	if len(l.Thresholds) == 0 {
		fmt.Fprintf(out, "no low mark in %s yet: `threshold set %s <sku> <units>` sets one\n", l.warehouse, l.warehouse)
		return
	}
	table := newTable(out, l.warehouse+"\tLOW MARK\tAVAILABLE\tON HAND\tHELD\tTHRESHOLD")
	for _, t := range l.Thresholds {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%s\n", t.SKU, number(t.LowMark), t.Available, t.OnHand, t.Held, t.Threshold)
	}
	_ = table.Flush()
}
