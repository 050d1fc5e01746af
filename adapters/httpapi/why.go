package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"inventory/app"
)

func (a *API) declareWhy() *operation {
	return &operation{
		id: "why", method: http.MethodGet, path: "/admin/why", tag: runningTag, asks: ledgers, run: a.why, long: true,
		summary: "Tell how a SKU's stock, or an order, came to be as it is",
		about: "Each line has what was before and after, who and why, and includes what happened a moment ago. A subject is a reservation by its id, " +
			"a SKU, and an order by its id: what is both a SKU and an order is answered as both. A SKU with at is answered with its stock at that moment.",
		params: []*huma.Param{
			queryParam("subject", "A SKU, an order id or a reservation id.", "TEE-M-BLACK", true),
			queryParam("as", "What the subject is: sku, order or reservation. Default: whichever there is.", "sku", false),
			queryParam("warehouse", "Of a SKU: only there.", "HCM", false),
			queryParam("at", "Of a SKU: its stock at this moment, RFC 3339, with the holds that were live.", "2026-03-02T08:15:30.250Z", false),
			queryParam("limit", fmt.Sprintf("Lines of a SKU's story, or holds of a moment, at most: 1 to %d, the newest. Default: %d.", app.MaxWhyLimit, app.DefaultWhyLimit), "100", false),
		},
		answers:  []answer{{http.StatusOK, "What is known.", exampleWhy}},
		refusals: []error{fmt.Errorf("TEE-M-BLUE: %w: looked for a SKU of this name in any warehouse, an order with this id", app.ErrUnknownSubject), fmt.Errorf("%w HUE", app.ErrUnknownWarehouse)},
	}
}

func queryParam(name, about, example string, required bool) *huma.Param {
	return &huma.Param{Name: name, In: "query", Required: required, Description: about, Schema: &huma.Schema{Type: huma.TypeString}, Example: example}
}

func (a *API) why(ctx context.Context, c *call) (reply, error) {
	q := c.whyRequest()
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.in.Why(ctx, q)
	if err != nil {
		return reply{}, err
	}
	return ok(newWhy(found))
}

// whyRequest reads the query, and notes its faults.
func (c *call) whyRequest() app.WhyRequest {
	var q app.WhyRequest
	var given bool
	if q.Subject, given = c.parameter("subject"); !given {
		c.faults.add("query.subject", "missing")
	}
	as, _ := c.parameter("as")
	q.As = app.SubjectKind(as)
	q.Warehouse, _ = c.parameter("warehouse")
	if at, given := c.parameter("at"); given {
		var err error
		if q.At, err = time.Parse(time.RFC3339, at); err != nil {
			c.faults.add("query.at", fmt.Sprintf("%.40q: expected a time as RFC 3339 writes it, such as 2026-03-02T08:15:30Z", at))
		}
	}
	if limit, given := c.parameter("limit"); given {
		n, err := strconv.Atoi(limit)
		if q.Limit = n; err != nil || n < 1 {
			c.faults.add("query.limit", fmt.Sprintf("%.40q: expected 1 to %d", limit, app.MaxWhyLimit))
		}
	}
	return q
}

// whyAnswer is what is known of a subject.
type whyAnswer struct {
	Subject string       `json:"subject"`
	Stock   *stockStory  `json:"stock,omitzero" doc:"Of a SKU: how its stock came to be as it is."`
	Moment  *stockMoment `json:"moment,omitzero" doc:"Of a SKU, where at was given."`
	Order   *orderStory  `json:"order,omitzero" doc:"Of an order: what happened to it."`
}

// stockStory is how a SKU's stock came to be as it is.
type stockStory struct {
	SKU     string      `json:"sku"`
	LeftOut int64       `json:"left_out" doc:"Older changes that are not among the lines."`
	Lines   []storyLine `json:"lines" nullable:"false" doc:"Oldest first."`
}

// orderStory is an order as it is, and what happened to it.
type orderStory struct {
	ReservationID string      `json:"reservation_id" format:"uuid"`
	OrderID       string      `json:"order_id"`
	Region        string      `json:"region,omitzero" doc:"That the order named."`
	Status        string      `json:"status"`
	Reason        string      `json:"reason,omitzero" doc:"Of a release or a rejection."`
	Detail        string      `json:"detail,omitzero" doc:"For people."`
	Late          bool        `json:"late,omitzero" doc:"Picked after the hold had ended."`
	LatePick      bool        `json:"late_pick,omitzero" doc:"Picked after the hold had ended, and the stock is being asked for."`
	TTLSeconds    float64     `json:"ttl_seconds,omitzero" doc:"How long it was to be held."`
	PlannedAt     string      `json:"planned_at" format:"date-time"`
	HeldAt        string      `json:"held_at,omitzero" format:"date-time"`
	ExpiresAt     string      `json:"expires_at,omitzero" format:"date-time" doc:"When the hold ends or would have ended."`
	ChangedAt     string      `json:"changed_at,omitzero" format:"date-time" doc:"When the record changed last: the end of an order that has ended."`
	Items         []orderItem `json:"items" nullable:"false"`
	LeftOut       int64       `json:"left_out" doc:"Older lines that are not among the lines."`
	Lines         []storyLine `json:"lines" nullable:"false" doc:"Oldest first: its own steps, whose what begins with ORDER_, and the stock that was moved for it."`
}

// storyLine is one thing that happened.
type storyLine struct {
	At             string     `json:"at" format:"date-time"`
	What           string     `json:"what" doc:"HELD, RELEASED, CONFIRMED, ADJUSTED or CORRECTED, as in inventory.events; or ORDER_ and the status that the order came to."`
	SKU            string     `json:"sku,omitzero"`
	WarehouseID    string     `json:"warehouse_id,omitzero"`
	Quantity       int64      `json:"quantity,omitzero" doc:"Units, signed where ADJUSTED or CORRECTED."`
	Before         *unitsTold `json:"before,omitzero" doc:"Of stock: what there was before."`
	After          *unitsTold `json:"after,omitzero" doc:"Of stock: what there was after."`
	AdjustmentType string     `json:"adjustment_type,omitzero"`
	Late           bool       `json:"late,omitzero" doc:"Picked after the hold had ended."`
	Threshold      string     `json:"threshold,omitzero" doc:"LOW, OUT or BACK: the change made the SKU cross its low mark."`
	Actor          string     `json:"actor,omitzero"`
	Source         string     `json:"source,omitzero" doc:"The topic, or the API, that it came from."`
	OrderID        string     `json:"order_id,omitzero"`
	ReservationID  string     `json:"reservation_id,omitzero"`
	Reason         string     `json:"reason,omitzero"`
	Reference      string     `json:"reference,omitzero"`
	Trace          string     `json:"trace,omitzero" doc:"W3C traceparent of the command."`
	Ledger         string     `json:"ledger,omitzero"`
	Version        int64      `json:"version,omitzero" doc:"Of the ledger's entry."`
	Ordinal        int        `json:"ordinal" doc:"Within the entry, from 0."`
	Seq            int64      `json:"seq,omitzero" doc:"Numbers the changes of the SKU in the warehouse, without gap."`
	Note           string     `json:"note,omitzero" doc:"For people: changes that are missing before it, or what does not add up."`
}

// unitsTold is how much there is of a SKU in a warehouse.
type unitsTold struct {
	OnHand int64 `json:"on_hand"`
	Held   int64 `json:"held"`
}

// stockMoment is a SKU's stock as it was once. All are units.
type stockMoment struct {
	SKU        string            `json:"sku"`
	At         string            `json:"at" format:"date-time"`
	OnHand     int64             `json:"on_hand"`
	Held       int64             `json:"held"`
	Warehouses []warehouseMoment `json:"warehouses" nullable:"false" doc:"Those where the SKU had been by then."`
}

// warehouseMoment is a SKU's stock in one warehouse as it was once. All are units.
type warehouseMoment struct {
	WarehouseID string     `json:"warehouse_id"`
	OnHand      int64      `json:"on_hand"`
	Held        int64      `json:"held"`
	Available   int64      `json:"available"`
	Short       int64      `json:"short"`
	Last        storyLine  `json:"last" doc:"The last change until then."`
	Holds       []pastHold `json:"holds" nullable:"false" doc:"The holds that were live, oldest first; those that came last, where there were more."`
	HoldsBefore int64      `json:"holds_before" doc:"Units that older holds had, which are not listed."`
	Unexplained int64      `json:"unexplained" doc:"Units of held that no hold explains: 0, unless rows of inventory.events are missing or held was corrected."`
}

// pastHold is what an order held.
type pastHold struct {
	OrderID       string `json:"order_id"`
	ReservationID string `json:"reservation_id"`
	Quantity      int64  `json:"quantity"`
	Since         string `json:"since" format:"date-time"`
}
