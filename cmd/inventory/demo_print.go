package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"inventory/ports"
)

const demoLine = "%-8s  %s %-25s  %-14s  %s\n"

func (d *demo) header() {
	fmt.Fprintf(d.out, demoLine, "TIME", " ", "TOPIC", "KEY", "WHAT (→ sent to the service, ← heard from it)")
}

func (d *demo) line(way, topic, key, what string) {
	fmt.Fprintf(d.out, demoLine, time.Now().Format(time.TimeOnly), way, topic, key, what)
}

// explain says what an outcome says.
func (d *demo) explain(topic string, fields map[string]any) string {
	items, _ := fields["items"].([]any)
	what := describe(items)
	switch topic {
	case ports.ReservedTopic:
		if until, ok := fields["ttl_expire"].(time.Time); ok {
			what += " held until " + until.Local().Format(time.TimeOnly)
		}
	case ports.RejectedTopic:
		what = fmt.Sprint(fields["reason"], ": ", what)
	case ports.ConfirmedTopic:
		what += " gone"
	case ports.ExpiringTopic:
		if until, ok := fields["ttl_expire"].(time.Time); ok {
			what = "held no longer than " + until.Local().Format(time.TimeOnly)
		}
	case ports.ReleasedTopic:
		what += fmt.Sprint(" available again: ", fields["reason"])
	case ports.ThresholdTopic:
		what = fmt.Sprintf("%v: %v available, the mark is %v", fields["threshold"], fields["available"], fields["low_mark"])
	case ports.StockLevelTopic, ports.GlobalStockTopic:
		what = fmt.Sprintf("%v on hand, %v held, %v available", fields["on_hand"], fields["held"], fields["available"])
	}
	return what
}

// describe lists the items of an event.
func describe(items []any) string {
	var parts []string
	for _, it := range items {
		fields, ok := it.(map[string]any)
		if !ok {
			continue
		}
		text := fmt.Sprintf("%v×%v", fields["quantity"], fields["sku"])
		if w, ok := fields["warehouse_id"].(string); ok {
			text += " in " + w
		}
		if asked, ok := fields["requested"]; ok {
			text = fmt.Sprintf("%v of %v asked, %v available", asked, fields["sku"], fields["available"])
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// nextSteps says what to try meanwhile.
func (d *demo) nextSteps() {
	program := os.Args[0]
	fmt.Fprintf(d.out, `
  Orders go on; Ctrl-C ends the service, and what it knows is kept. Try in another terminal:
    %s stock %s
    %s reserve my-order %s=3 && %s confirm my-order
    curl -s %s/inventory/%s
    curl -s %s/readyz
    %s reconcile        # journals, tables and memory say the same

`, program, skuName(0), program, skuName(1), program, d.api.base, skuName(1), d.api.base, program)
}
