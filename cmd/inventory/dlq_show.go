package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

type dlqShowCmd struct {
	Letter string `arg:"" help:"The letter's id; list has it."`
}

func (c *dlqShowCmd) run(ctx context.Context, to *client) (answer, error) {
	return to.letter(ctx, c.Letter)
}

func (c *client) letter(ctx context.Context, id string) (letterShown, error) {
	var s letterShown
	err := c.ask(ctx, http.MethodGet, dlqPath+"/letters/"+seg(id), nil, nil, &s)
	return s, err
}

// letterShown is all that is known of a letter. Source: the API's description.
type letterShown struct {
	Letter      letterEntry     `json:"letter"`
	KeyBase64   *string         `json:"key_base64,omitempty"`
	ValueBase64 *string         `json:"value_base64,omitempty"`
	ValueText   *string         `json:"value_text,omitempty"`
	Headers     []letterHeader  `json:"headers"`
	Event       json.RawMessage `json:"event,omitempty"`
	Undecoded   string          `json:"undecoded,omitempty"`
	Story       *orderStory     `json:"story,omitempty"`
	NoStory     string          `json:"no_story,omitempty"`
	Would       letterVerdict   `json:"would"`
	Fates       []letterFate    `json:"fates"`
}

type letterHeader struct {
	Key         string  `json:"key"`
	Value       *string `json:"value,omitempty"`
	ValueBase64 *string `json:"value_base64,omitempty"`
}

// letterVerdict is what a letter would do now.
type letterVerdict struct {
	Outcome string       `json:"outcome"`
	Code    string       `json:"code,omitempty"`
	Says    string       `json:"says,omitempty"`
	OrderID string       `json:"order_id,omitempty"`
	Status  string       `json:"status,omitempty"`
	Moves   []letterMove `json:"moves"`
}

type letterMove struct {
	SKU         string    `json:"sku"`
	WarehouseID string    `json:"warehouse_id"`
	Before      unitsTold `json:"before"`
	After       unitsTold `json:"after"`
}

func (s letterShown) text(out io.Writer) {
	s.printHead(out)
	s.printValue(out)
	s.printWhy(out)
	s.printHistory(out)
	fmt.Fprintln(out)
	if s.Story != nil {
		s.Story.text(out)
	} else {
		fmt.Fprintf(out, "no order's story: %s\n", cmp.Or(s.NoStory, "it is about none"))
	}
	s.printWould(out)
}

// printWould says what a replay would do with the letter, if one would take it.
func (s *letterShown) printWould(out io.Writer) {
	switch {
	case s.Letter.Job != "":
		fmt.Fprintf(out, "\na job has it: `inventory dlq describe %s`\n", s.Letter.Job)
	case s.Letter.State != "open":
		fmt.Fprintf(out, "\nit is %s: no replay takes it\n", s.Letter.State)
	default:
		fmt.Fprintf(out, "\nnow it would be %s\n", s.Would.says())
		printMoves(out, s.Would.Moves)
		fmt.Fprintf(out, "`inventory dlq replay --id %s` has it done\n", s.Letter.ID)
	}
}

func (s *letterShown) printHead(out io.Writer) {
	e := &s.Letter
	fmt.Fprintf(out, "letter %s: %s\n", e.ID, e.stands())
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(out, "  %-10s %s\n", name, printable(value))
		}
	}
	if e.Origin.Offset < 0 {
		row("topic", e.Topic+", of which it was never a record: it was imported, or made by an edit")
	} else {
		row("topic", fmt.Sprintf("%s, record %d of partition %d%s", e.Topic, e.Origin.Offset, e.Origin.Partition, after(", written ", e.Origin.Timestamp)))
	}
	row("lies at", fmt.Sprintf("offset %d of partition %d of %s.dlq", e.Offset, e.Partition, e.Topic))
	row("key", e.Key)
	row("schema", number(e.Schema))
	row("group", e.Group+after(", handled by ", e.Origin.Handler)+after(" in ", e.Origin.Group))
	row("trace", traceID(e.Trace))
	row("edit of", e.EditOf)
	for _, h := range s.Headers {
		row("header", h.Key+": "+h.value())
	}
}

func (h *letterHeader) value() string {
	switch {
	case h.Value != nil:
		return *h.Value
	case h.ValueBase64 != nil:
		return "base64 " + *h.ValueBase64
	}
	return "none"
}

// after is a text with what comes before it, and nothing for none.
func after(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

// printValue shows the event, or the bytes where they are none.
func (s *letterShown) printValue(out io.Writer) {
	if s.Event != nil {
		var indented bytes.Buffer
		if json.Indent(&indented, s.Event, "  ", "  ") == nil {
			fmt.Fprintf(out, "\nevent:\n  %s\n", indented.String())
			return
		}
	}
	if s.ValueBase64 == nil {
		fmt.Fprintln(out, "\nit has no value")
		return
	}
	fmt.Fprintf(out, "\nno event: %s\n%s:\n", printable(s.Undecoded), numberOf(s.Letter.Size, "byte"))
	value, err := base64.StdEncoding.DecodeString(*s.ValueBase64)
	if err != nil {
		fmt.Fprintf(out, "  %s\n", *s.ValueBase64)
		return
	}
	for line := range strings.Lines(hex.Dump(value)) {
		fmt.Fprint(out, "  "+line)
	}
}

func (s *letterShown) printWhy(out io.Writer) {
	e := &s.Letter
	fmt.Fprintf(out, "\ndied of %s%s\n", e.Code, after(": ", strings.ReplaceAll(printable(e.Error), "\n", "\n  ")))
	fmt.Fprintf(out, "  buried %s, %s", e.BuriedAt, numberOf(e.Times, "time"))
	if e.Attempts > 0 {
		fmt.Fprintf(out, "; tried %s%s%s", numberOf(e.Attempts, "time"), after(", first failed ", e.FirstFailure), after(", last ", e.LastFailure))
	}
	fmt.Fprintf(out, "%s\n  docs/runbooks/dlq-%s.md says what to do\n", after("; by version ", e.Version), e.Code)
}

func (s *letterShown) printHistory(out io.Writer) {
	if s.Letter.Act == nil && len(s.Fates) == 0 {
		return
	}
	fmt.Fprint(out, "\nwhat became of it:\n")
	for i := range s.Fates {
		f := &s.Fates[i]
		fmt.Fprintf(out, "  %s %s in job %s%s%s\n", f.At, f.Outcome, f.Job, after(": ", f.Code), after(": ", printable(f.Says)))
	}
	if a := s.Letter.Act; a != nil {
		fmt.Fprintf(out, "  %s %s by %s%s%s\n", a.At, a.Kind, a.By, after(": ", a.Reason), after("; now it is letter ", a.Edit))
	}
}

// says tells a verdict in a line.
func (v *letterVerdict) says() string {
	return strings.TrimSpace(v.Outcome + after(" as ", v.Code) + after(": ", printable(v.Says)) + after("; the order is then ", v.Status))
}

func printMoves(out io.Writer, moves []letterMove) {
	if len(moves) == 0 {
		return
	}
	table := newTable(out, "  SKU\tWAREHOUSE\tON HAND\tHELD")
	for _, m := range moves {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", m.SKU, m.WarehouseID, step(m.Before.OnHand, m.After.OnHand), step(m.Before.Held, m.After.Held))
	}
	_ = table.Flush()
}

func step(before, after int64) string {
	if before == after {
		return fmt.Sprint(after)
	}
	return fmt.Sprintf("%d → %d", before, after)
}
