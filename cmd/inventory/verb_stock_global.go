package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// global reads how much there is of a SKU by region; region may be empty.
func (c *client) global(ctx context.Context, sku, region string) (globalAnswer, error) {
	path := "/inventory/global?sku=" + url.QueryEscape(sku)
	if region != "" {
		path += "&region=" + url.QueryEscape(region)
	}
	g := globalAnswer{sku: sku}
	err := c.ask(ctx, http.MethodGet, path, nil, nil, &g)
	return g, err
}

// globalAnswer is how much there is of a SKU by region, in units.
type globalAnswer struct {
	sku    string
	Totals []globalStock `json:"totals"`
	Source string        `json:"source"`
}

type globalStock struct {
	SKU       string    `json:"sku"`
	Region    string    `json:"region"`
	OnHand    int64     `json:"on_hand"`
	Held      int64     `json:"held"`
	Available int64     `json:"available"`
	Version   int64     `json:"version"`
	AsOf      time.Time `json:"as_of"`
}

func (g globalAnswer) text(out io.Writer) {
	table := newTable(out, g.sku+"\tON HAND\tHELD\tAVAILABLE\tAS OF")
	var all globalStock
	for _, t := range g.Totals {
		all.OnHand, all.Held, all.Available = all.OnHand+t.OnHand, all.Held+t.Held, all.Available+t.Available
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%s\n", t.Region, t.OnHand, t.Held, t.Available, t.AsOf.Local().Format(time.DateTime))
	}
	fmt.Fprintf(table, "in all\t%d\t%d\t%d\t\n", all.OnHand, all.Held, all.Available)
	_ = table.Flush()
}
