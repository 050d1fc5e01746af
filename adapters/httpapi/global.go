package httpapi

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"inventory/app"
	appglobal "inventory/app/global"
	"inventory/domain/global"
	"inventory/ports"
)

// Totals are the use cases about stock by SKU and region, as app/global.Reader has them.
type Totals interface {
	Page(context.Context, appglobal.Query) (appglobal.Page, error)
	Each(ctx context.Context, regions []string, take func(ports.GlobalRow) error) error
}

var _ Totals = (*appglobal.Reader)(nil)

// globalList is a part of the totals.
type globalList struct {
	Totals []globalTotal `json:"totals" nullable:"false" doc:"Of the SKUs that were asked for, by SKU and region; of all, in an order that never changes. One that never was is absent."`
	Source string        `json:"source" doc:"Where the numbers come from: global, the table of totals, which follows the warehouses' levels within moments."`
	Next   string        `json:"next,omitzero" doc:"What to give as after for the next page. Absent: this is the last one."`
}

// globalTotal is how much there is of a SKU in all warehouses of a region. All are units.
type globalTotal struct {
	SKU       string `json:"sku"`
	Region    string `json:"region"`
	OnHand    int64  `json:"on_hand" doc:"Units that are there: the sum of the warehouses'."`
	Held      int64  `json:"held" doc:"Units that are promised: the sum of the warehouses'."`
	Available int64  `json:"available" doc:"Units that can be promised: the sum of the warehouses', so that what one lacks is not made up by another."`
	Version   int64  `json:"version" doc:"Of the total; grows with each change."`
	AsOf      string `json:"as_of" format:"date-time" doc:"When the newest change that is in it happened. UTC, milliseconds."`
}

// The bounds of a list of totals.
const (
	maxGlobalSKUs   = 100
	maxGlobalPage   = 1000
	usualGlobalPage = 100
)

func (a *API) listGlobal(ctx context.Context, c *call) (reply, error) {
	q := appglobal.Query{SKUs: c.query["sku"], Regions: c.regions(), Limit: usualGlobalPage}
	if n := len(q.SKUs); n > maxGlobalSKUs {
		c.faults.add("query.sku", fmt.Sprintf("expected %d at most, found %d", maxGlobalSKUs, n))
	}
	for _, sku := range q.SKUs {
		c.faults.check("query.sku", skuFault(sku))
	}
	if after, given := c.parameter("after"); given {
		var err error
		q.After, err = global.ParseKey(after)
		c.faults.check("query.after", err)
	}
	if limit, given := c.parameter("limit"); given {
		n, err := strconv.Atoi(limit)
		if err != nil || n < 1 || n > maxGlobalPage {
			c.faults.add("query.limit", fmt.Sprintf("%.40q: expected 1 to %d", limit, maxGlobalPage))
		}
		q.Limit = n
	}
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.options.Totals.Page(ctx, q)
	if err != nil {
		return reply{}, err
	}
	return ok(newGlobalList(found))
}

// regions reads the regions that are asked about; none: all.
func (c *call) regions() []string {
	for _, region := range c.query["region"] {
		c.faults.check("query.region", regionFault(region))
	}
	return c.query["region"]
}

func newGlobalList(p appglobal.Page) globalList {
	told := globalList{Totals: make([]globalTotal, 0, len(p.Totals)), Source: app.SourceGlobal}
	for _, r := range p.Totals {
		told.Totals = append(told.Totals, newGlobalTotal(r))
	}
	if p.Next != (global.Key{}) {
		told.Next = p.Next.String()
	}
	return told
}

func newGlobalTotal(r ports.GlobalRow) globalTotal {
	return globalTotal{
		SKU: r.SKU, Region: r.Region, OnHand: r.OnHand, Held: r.Held, Available: r.Available, Version: r.Version, AsOf: instant(r.AsOf),
	}
}

// The formats of an export.
const (
	formatCSV    = "csv"
	formatNDJSON = "ndjson"
)

func (a *API) exportGlobal(ctx context.Context, c *call) (reply, error) {
	regions := c.regions()
	format, given := c.parameter("format")
	if !given {
		format = formatCSV
	}
	if format != formatCSV && format != formatNDJSON {
		c.faults.add("query.format", fmt.Sprintf("%.40q: expected %s or %s", format, formatCSV, formatNDJSON))
	}
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	if format == formatNDJSON {
		return reply{status: http.StatusOK, lines: func(write func(any) error) error {
			return a.options.Totals.Each(ctx, regions, func(r ports.GlobalRow) error { return write(newGlobalTotal(r)) })
		}}, nil
	}
	return reply{status: http.StatusOK, mediaType: csvType + "; charset=utf-8; header=present", writeLine: csvLines(), lines: func(write func(any) error) error {
		headed := false
		err := a.options.Totals.Each(ctx, regions, func(r ports.GlobalRow) error {
			if err := writeOnce(&headed, write); err != nil {
				return err
			}
			return write(csvOf(r))
		})
		if err != nil {
			return err
		}
		return writeOnce(&headed, write)
	}}, nil
}

// globalColumns are those of an export as CSV.
var globalColumns = []string{"sku", "region", "on_hand", "held", "available", "version", "as_of"}

// writeOnce writes the columns' names before all else, so that a failure before the first total
// is still answered as one.
func writeOnce(done *bool, write func(any) error) error {
	if *done {
		return nil
	}
	*done = true
	return write(globalColumns)
}

func csvOf(r ports.GlobalRow) []string {
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	return []string{r.SKU, r.Region, n(r.OnHand), n(r.Held), n(r.Available), n(r.Version), instant(r.AsOf)}
}

// csvLines writes lines of fields as RFC 4180 has them.
func csvLines() func(io.Writer, any) error {
	var text bytes.Buffer
	fields := csv.NewWriter(&text)
	fields.UseCRLF = true
	return func(w io.Writer, line any) error {
		text.Reset()
		if err := fields.Write(line.([]string)); err != nil {
			return err
		}
		if fields.Flush(); fields.Error() != nil {
			return fields.Error()
		}
		_, err := w.Write(text.Bytes())
		return err
	}
}
