package grafana

// streams: what is derived, and who is told.
func streams() board {
	return board{name: "streams", title: "capture, totals, cache, watches", about: "What is derived from the ledgers elsewhere: publishing by capture, totals by SKU and region, the cache of levels, and watches of warehouses.", rows: []row{
		{"Capture: with --publish=cdc alone", []panel{
			one("Published", perSecond, `sum by (by) (rate(inventory_capture_published_total`+rate+`))`, "by {{by}}", "by table: capture was late with them or lost them."),
			{title: "How old events are when they are published", unit: seconds, about: "The oldest of those that are published together.", queries: []query{quantile("0.99", "99 %", "inventory_capture_published_age_seconds", "", "by")}},
			one("The oldest that waits", seconds, `max(inventory_capture_lag_seconds)`, "age", "Above --capture-lateness (10 s) publishing itself is behind."),
			now("Processes that publish", `sum(inventory_capture_leading_members)`, "processes", "One, but for moments."),
			{title: "Rows that were dropped", unit: perSecond, about: "Repeats are the rule. Those too far ahead are read from the table in their turn.", queries: []query{
				{expr: `sum(rate(inventory_capture_repeats_total` + rate + `))`, legend: "repeats"}, {expr: `sum(rate(inventory_capture_dropped_total` + rate + `))`, legend: "too far ahead"},
			}},
		}},
		{"Totals by SKU and region", []panel{
			one("Behind", seconds, `max(inventory_global_lag_seconds)`, "behind", "For how long the topic has lacked what it has lacked longest."),
			one("Totals that are late", plain, `max(inventory_global_late_totals)`, "totals", "Whose newest is not on the topic."),
			now("Aggregators that publish", `sum(inventory_global_active_info)`, "active", "0 where a Flink job does."),
			one("Took over, stepped back", plain, `sum by (change) (increase(inventory_global_changes_total[5m]))`, "{{change}}", "Again and again: the job is late by about the bound."),
			one("Levels kept", plain, `sum by (instance) (inventory_global_kept_levels)`, "{{instance}}", "200 bytes each."),
			one("Rows written", perSecond, `sum(rate(inventory_global_rows_total`+rate+`))`, "rows", "Of inventory.global_stock."),
		}},
		{"The cache of levels: with --redis alone", []panel{
			one("Looked up", perSecond, `sum by (found) (rate(inventory_cache_reads_total`+rate+`))`, "{{found}}", "passed ones were read past it: it did not answer lately."),
			{title: "Redis is told after", unit: seconds, about: "From a commit until Redis had the level.", queries: quantiles("inventory_cache_told_age_seconds", "")},
			one("Changes it was never told", plain, `sum(increase(inventory_cache_untold_total[5m]))`, "levels", "They leave it by themselves, within --redis-ttl."),
			one("Calls that failed", plain, `sum by (call) (increase(inventory_cache_errors_total[5m]))`, "{{call}}", "Or took too long."),
			now("Processes that read past it", `sum(inventory_cache_passing_members)`, "processes", "0, unless Redis is away or slow."),
		}},
		{"Watches of warehouses", []panel{
			one("Watches", plain, `sum by (instance) (inventory_watches)`, "{{instance}}", "At most --max-watches a process."),
			one("Told", perSecond, `sum(rate(inventory_watch_changes_total`+rate+`))`, "changes", "Counted for each watch."),
			{title: "Told late by", unit: seconds, about: "From the entry of a change. After a cut it has the time of the cut, too.", queries: quantiles("inventory_watch_delay_seconds", "")},
			one("Ended", plain, `sum by (outcome) (increase(inventory_watches_ended_total[5m]))`, "{{outcome}}", "behind ones were read too slowly."),
		}},
	}}
}
