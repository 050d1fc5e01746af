package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

type stockCmd struct {
	SKUs       []string `arg:"" name:"sku" help:"Of what; several at once, at most 500."`
	Region     string   `placeholder:"NAME" help:"Where. Default: everywhere."`
	Global     bool     `help:"By region, from the table of totals, which is a little old."`
	MinVersion []string `placeholder:"WAREHOUSE:VERSION" help:"Of one SKU: the version that its level in a warehouse must have reached, as an adjustment tells it; several, with commas between."`
}

func (c *stockCmd) run(ctx context.Context, to *client) (answer, error) {
	switch several := len(c.SKUs) > 1; {
	case c.Global && (several || len(c.MinVersion) > 0):
		return nil, fmt.Errorf("%w: --global: expected one SKU, and no --min-version", errUsage)
	case c.Global:
		return to.global(ctx, c.SKUs[0], c.Region)
	case several && len(c.MinVersion) > 0:
		return nil, fmt.Errorf("%w: --min-version: expected one SKU, found %d: ask for each by itself", errUsage, len(c.SKUs))
	case several:
		return to.stocks(ctx, c.SKUs, c.Region)
	}
	return to.stock(ctx, c.SKUs[0], c.Region, c.MinVersion...)
}

// stock reads how much there is of a SKU; region may be empty.
func (c *client) stock(ctx context.Context, sku, region string, minVersions ...string) (stockAnswer, error) {
	asked := url.Values{}
	if region != "" {
		asked.Set("region", region)
	}
	if len(minVersions) > 0 {
		asked["min_version"] = minVersions
	}
	path := "/inventory/" + seg(sku)
	if len(asked) > 0 {
		path += "?" + asked.Encode()
	}
	var s stockAnswer
	err := c.ask(ctx, http.MethodGet, path, nil, nil, &s)
	return s, err
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
	Source     string           `json:"source"`
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

func (s stockAnswer) text(out io.Writer) {
	table := newTable(out, s.SKU+"\tREGION\tON HAND\tHELD\tAVAILABLE\tSHORT")
	for _, w := range s.Warehouses {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\n", w.WarehouseID, w.Region, w.OnHand, w.Held, w.Available, w.Short)
	}
	fmt.Fprintf(table, "in all\t%s\t%d\t%d\t%d\t%d\n", s.Region, s.OnHand, s.Held, s.Available, s.Short)
	_ = table.Flush()
}
