package grafana

// reservations: how orders fare, and why those fail that do.
func reservations() board {
	return board{name: "reservations", title: "reservations", about: "How orders fare, and why those fail that do.", rows: []row{
		{"Success", []panel{
			{
				title: "Reservation success rate", unit: share, about: "Orders that were held, of all that were decided. Repeats do not count.",
				queries: []query{
					{expr: held("") + ` / ` + decided(""), legend: "all"},
					{expr: held(" by (via)") + ` / ` + decided(" by (via)"), legend: "{{via}}"},
				},
			},
			one("Decided", perSecond, `sum by (outcome) (rate(inventory_reserve_latency_seconds_count`+rate+`))`, "{{outcome}}", "insufficient is by HTTP and may be asked again; rejected is by Kafka and for ever."),
		}},
		{"Refusals", []panel{
			one("Orders rejected for ever, by reason", perSecond, `sum by (reason) (rate(inventory_orders_rejected_total`+rate+`))`, "{{reason}}", "Published on inventory.rejected.v1 with the same reason."),
			one("Reserve commands refused over HTTP", perSecond, `sum by (status) (rate(inventory_http_requests_seconds_count{route="/inventory/reserve",status=~"4.."}`+rate+`)) or on () vector(0)`, "{{status}}", "409 is want of stock, or an order that has ended; 400 and 422 are the caller's."),
		}},
		{"What becomes of orders that are held", []panel{
			one("Ends", perSecond, `sum by (command) (rate(inventory_order_commands_total{outcome="done"}`+rate+`))`, "{{command}}", "Confirms and releases; extends hold on."),
			one("Lapses", perSecond, `sum(rate(inventory_ttl_expired_total`+rate+`))`, "lapsed", "Nobody confirmed or released them in time: the dashboard Expiry."),
			one("Picks that were parked or refused", perSecond, `sum by (command, outcome) (rate(inventory_order_commands_total{outcome!="done"}`+rate+`)) > 0 or on () vector(0)`, "{{command}} {{outcome}}", "Parked ones wait for their order."),
		}},
	}}
}

func held(by string) string {
	return `sum` + by + ` (rate(inventory_reserve_latency_seconds_count{outcome="held"}` + rate + `))`
}

func decided(by string) string {
	return `sum` + by + ` (rate(inventory_reserve_latency_seconds_count{` + outcomes + `}` + rate + `))`
}
