package httpapi

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"inventory/domain/ledger"
	"inventory/domain/letter"
)

// letterFilterRequest chooses letters: those that fit all that is given. Nothing given
// chooses all that are open.
type letterFilterRequest struct {
	ID          []string `json:"id,omitempty" nullable:"true" maxItems:"1000" doc:"Letters with one of these ids."`
	Topic       *string  `json:"topic,omitempty" nullable:"true" doc:"Of records of this topic."`
	Group       *string  `json:"group,omitempty" nullable:"true" doc:"Of this group, by its id."`
	Code        *string  `json:"code,omitempty" nullable:"true" doc:"That died of this."`
	Key         *string  `json:"key,omitempty" nullable:"true" doc:"Of records with this key."`
	OrderID     *string  `json:"order_id,omitempty" nullable:"true" doc:"About this order."`
	Schema      *int64   `json:"schema,omitempty" nullable:"true" doc:"Written with the schema that has this id on the registry; -1: not in the wire format."`
	From        *string  `json:"from,omitempty" nullable:"true" format:"date-time" doc:"Buried at this moment or later."`
	Until       *string  `json:"until,omitempty" nullable:"true" format:"date-time" doc:"Buried before."`
	Partition   *int64   `json:"partition,omitempty" nullable:"true" minimum:"0" maximum:"2147483647" doc:"In this partition of the topic of dead letters."`
	FirstOffset *int64   `json:"first_offset,omitempty" nullable:"true" minimum:"0" doc:"At this offset there or a later one."`
	LastOffset  *int64   `json:"last_offset,omitempty" nullable:"true" minimum:"0" doc:"At this offset there or an earlier one."`
	State       []string `json:"state,omitempty" nullable:"true" maxItems:"6" doc:"In one of these states: open, applied, duplicate, superseded, discarded or edited. Default: open."`
}

// letterFilter is what chose letters.
type letterFilter letterFilterRequest

// filter reads a filter from the query.
func (c *call) filter() letter.Filter {
	text := func(name string) *string {
		if value, given := c.parameter(name); given {
			return &value
		}
		return nil
	}
	number := func(name string) *int64 {
		value, given := c.parameter(name)
		if !given {
			return nil
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			c.faults.add("query."+name, fmt.Sprintf("%.40q: expected a whole number", value))
		}
		return &n
	}
	return letterFilterRequest{
		ID: c.query["id"], Topic: text("topic"), Group: text("group"), Code: text("code"), Key: text("key"), OrderID: text("order_id"),
		Schema: number("schema"), From: text("from"), Until: text("until"), Partition: number("partition"),
		FirstOffset: number("first_offset"), LastOffset: number("last_offset"), State: c.query["state"],
	}.read(&c.faults, "query")
}

// read checks a filter. Its faults are at a place.
func (q letterFilterRequest) read(f *faults, at string) letter.Filter {
	chosen := letter.Filter{
		Topic: given(q.Topic), Group: given(q.Group), Code: given(q.Code), Key: given(q.Key), Order: given(q.OrderID),
		Schema: q.Schema, FirstAt: q.FirstOffset, LastAt: q.LastOffset, States: q.State,
		From: readTime(f, at+".from", q.From), Until: readTime(f, at+".until", q.Until),
	}
	for _, id := range q.ID {
		chosen.IDs = append(chosen.IDs, readUUID(f, at+".id", id))
	}
	if p := q.Partition; p != nil && (*p < 0 || *p > math.MaxInt32) {
		f.add(at+".partition", fmt.Sprintf("%d: expected 0 to %d", *p, math.MaxInt32))
	} else if p != nil {
		chosen.Partition = new(int32(*p))
	}
	for _, state := range q.State {
		if !slices.Contains(letter.States(), state) {
			f.add(at+".state", fmt.Sprintf("%.40q: expected %s", state, oneOf(letter.States())))
		}
	}
	return chosen
}

func readTime(f *faults, at string, text *string) time.Time {
	if text == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		f.add(at, fmt.Sprintf("%.40q: expected a time such as 2026-03-02T08:15:30Z (RFC 3339)", *text))
	}
	return t
}

func newLetterFilter(f letter.Filter) letterFilter {
	text := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	moment := func(t time.Time) *string {
		if t.IsZero() {
			return nil
		}
		return new(instant(t))
	}
	told := letterFilter{
		Topic: text(f.Topic), Group: text(f.Group), Code: text(f.Code), Key: text(f.Key), OrderID: text(f.Order), Schema: f.Schema,
		From: moment(f.From), Until: moment(f.Until), FirstOffset: f.FirstAt, LastOffset: f.LastAt, State: f.States,
	}
	for _, id := range f.IDs {
		told.ID = append(told.ID, id.String())
	}
	if f.Partition != nil {
		told.Partition = new(int64(*f.Partition))
	}
	return told
}

// filterParams describes a filter in a query.
func filterParams() []*huma.Param {
	return []*huma.Param{
		listParam("id", "Letters with one of these ids.", exampleLetterID),
		queryParam("topic", "Of records of this topic.", "order.created.v1", false),
		queryParam("group", "Of this group, by its id.", exampleGroup, false),
		queryParam("code", "That died of this.", "UNAVAILABLE", false),
		queryParam("key", "Of records with this key.", exampleID, false),
		queryParam("order_id", "About this order.", exampleID, false),
		queryParam("schema", "Written with the schema that has this id on the registry; -1: not in the wire format.", "7", false),
		queryParam("from", "Buried at this moment or later, RFC 3339.", "2026-03-02T08:00:00Z", false),
		queryParam("until", "Buried before, RFC 3339.", "2026-03-03T00:00:00Z", false),
		queryParam("partition", "In this partition of the topic of dead letters.", "3", false),
		queryParam("first_offset", "At this offset there or a later one.", "0", false),
		queryParam("last_offset", "At this offset there or an earlier one.", "1000", false),
		listParam("state", "In one of these states: open, applied, duplicate, superseded, discarded or edited. Default: open.", letter.Open),
	}
}

func listParam(name, about, example string) *huma.Param {
	return &huma.Param{
		Name: name, In: "query", Description: about, Explode: new(true), Example: []string{example},
		Schema: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}},
	}
}

func pageParams() []*huma.Param {
	return []*huma.Param{
		queryParam("after", "The next of the page before: what comes after it.", exampleLetterID, false),
		queryParam("limit", "Letters of the page at most: 1 to 10000. Default: 100.", "100", false),
	}
}

// uuidOf writes an id; empty for none.
func uuidOf(id ledger.UUID) string {
	if id == (ledger.UUID{}) {
		return ""
	}
	return id.String()
}
