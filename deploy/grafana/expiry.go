package grafana

// expiry: holds that end by themselves.
func expiry() board {
	const announced = `rate(inventory_published_total{topic="inventory.expiring.v1"}`
	return board{name: "expiry", title: "expiry", about: "Holds that end by themselves: how many, how late, and how many are about to.", rows: []row{{"Holds", []panel{
		{title: "Holds: announced, ended", unit: perSecond, about: "Announced --hold-warning (5 min) before their end on inventory.expiring.v1. Those that are neither confirmed, released nor extended lapse.", queries: []query{
			{expr: `sum(` + announced + rate + `))`, legend: "about to end"},
			{expr: `sum(rate(inventory_ttl_expired_total` + rate + `))`, legend: "lapsed"},
			{expr: `sum(rate(inventory_order_commands_total{command="extend",outcome="done"}` + rate + `))`, legend: "extended"},
		}},
		{title: "Near their end, beside the usual", unit: plain, about: "Announced in ten minutes, of what is usual in a day: the alert InventoryHoldsEndSoon fires above 3.", queries: []query{
			{expr: `sum(` + announced + `[10m])) / sum(` + announced + `[1d]))`, legend: "times"},
		}},
		{title: "Holds: ended late", unit: seconds, about: "From the end of a hold until its stock was available again.", queries: quantiles("inventory_ttl_expiry_lateness_seconds", "")},
		one("Lapsed, of those held", share, `sum(rate(inventory_ttl_expired_total[15m])) / sum(rate(inventory_reserve_latency_seconds_count{outcome="held"}[1h]))`, "share", "The alert InventoryHoldsExpire fires above 20 %."),
	}}}}
}
