package main

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

type whyCmd struct {
	Subject   string `arg:"" help:"A SKU, an order's id or a reservation's id."`
	As        string `placeholder:"KIND" help:"What it is: sku, order or reservation. Default: whichever there is; a SKU and an order are both shown."`
	Warehouse string `placeholder:"NAME" help:"Of a SKU: only there. Default: everywhere."`
	At        string `placeholder:"TIME" help:"Of a SKU: its stock and the holds at this moment, such as 2026-03-02T08:15:30Z (RFC 3339)."`
	Limit     int    `placeholder:"N" help:"Of a SKU: the newest lines, or holds, at most. Default: 100."`
}

func (c *whyCmd) run(ctx context.Context, to *client) (answer, error) {
	query := url.Values{"subject": {c.Subject}}
	for name, value := range map[string]string{"as": c.As, "warehouse": c.Warehouse, "at": c.At} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if c.Limit != 0 {
		query.Set("limit", strconv.Itoa(c.Limit))
	}
	var w whyAnswer
	err := to.ask(ctx, http.MethodGet, "/admin/why?"+query.Encode(), nil, nil, &w)
	return w, err
}

// whyAnswer is what is known of a subject. Times are as the service writes them: any of
// them can be given back to --at.
type whyAnswer struct {
	Subject string       `json:"subject"`
	Stock   *stockStory  `json:"stock,omitempty"`
	Moment  *stockMoment `json:"moment,omitempty"`
	Order   *orderStory  `json:"order,omitempty"`
}

type stockStory struct {
	SKU     string      `json:"sku"`
	LeftOut int64       `json:"left_out"`
	Lines   []storyLine `json:"lines"`
}

type orderStory struct {
	ReservationID string      `json:"reservation_id"`
	OrderID       string      `json:"order_id"`
	Region        string      `json:"region,omitempty"`
	Status        string      `json:"status"`
	Reason        string      `json:"reason,omitempty"`
	Detail        string      `json:"detail,omitempty"`
	Late          bool        `json:"late,omitempty"`
	LatePick      bool        `json:"late_pick,omitempty"`
	TTLSeconds    float64     `json:"ttl_seconds,omitempty"`
	PlannedAt     string      `json:"planned_at"`
	HeldAt        string      `json:"held_at,omitempty"`
	ExpiresAt     string      `json:"expires_at,omitempty"`
	ChangedAt     string      `json:"changed_at,omitempty"`
	Items         []lineItem  `json:"items"`
	LeftOut       int64       `json:"left_out"`
	Lines         []storyLine `json:"lines"`
}

// lineItem is a line of an order and how it stands.
type lineItem struct {
	orderItem
	Status string `json:"status"`
}

type storyLine struct {
	At             string     `json:"at"`
	What           string     `json:"what"`
	SKU            string     `json:"sku,omitempty"`
	WarehouseID    string     `json:"warehouse_id,omitempty"`
	Quantity       int64      `json:"quantity,omitempty"`
	Before         *unitsTold `json:"before,omitempty"`
	After          *unitsTold `json:"after,omitempty"`
	AdjustmentType string     `json:"adjustment_type,omitempty"`
	Late           bool       `json:"late,omitempty"`
	Threshold      string     `json:"threshold,omitempty"`
	Actor          string     `json:"actor,omitempty"`
	Source         string     `json:"source,omitempty"`
	OrderID        string     `json:"order_id,omitempty"`
	ReservationID  string     `json:"reservation_id,omitempty"`
	Reason         string     `json:"reason,omitempty"`
	Reference      string     `json:"reference,omitempty"`
	Trace          string     `json:"trace,omitempty"`
	Ledger         string     `json:"ledger,omitempty"`
	Version        int64      `json:"version,omitempty"`
	Ordinal        int        `json:"ordinal"`
	Seq            int64      `json:"seq,omitempty"`
	Note           string     `json:"note,omitempty"`
}

type unitsTold struct {
	OnHand int64 `json:"on_hand"`
	Held   int64 `json:"held"`
}

type stockMoment struct {
	SKU        string            `json:"sku"`
	At         string            `json:"at"`
	OnHand     int64             `json:"on_hand"`
	Held       int64             `json:"held"`
	Warehouses []warehouseMoment `json:"warehouses"`
}

type warehouseMoment struct {
	WarehouseID string     `json:"warehouse_id"`
	OnHand      int64      `json:"on_hand"`
	Held        int64      `json:"held"`
	Available   int64      `json:"available"`
	Short       int64      `json:"short"`
	Last        storyLine  `json:"last"`
	Holds       []pastHold `json:"holds"`
	HoldsBefore int64      `json:"holds_before"`
	Unexplained int64      `json:"unexplained"`
}

type pastHold struct {
	OrderID       string `json:"order_id"`
	ReservationID string `json:"reservation_id"`
	Quantity      int64  `json:"quantity"`
	Since         string `json:"since"`
}
