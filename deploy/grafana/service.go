package grafana

// outcomes are what a reserve command is promised: a refusal for want of stock is one.
const outcomes = `outcome=~"held|rejected|insufficient"`

// service: rate, errors, how long it takes, and what is near its bound.
func service() board {
	return board{name: "service", title: "service", about: "Rate, errors, how long it takes, and what is near its bound. Look here first.", rows: []row{
		{"Reserve commands, which is what is promised", []panel{
			one("Reserve commands", perSecond, `sum by (via, outcome) (rate(inventory_reserve_latency_seconds_count`+rate+`))`, "{{via}} {{outcome}}",
				"By way and outcome. retry and error are none: the caller, or the consumer, asks again."),
			{
				title: "Reserve commands without an outcome", unit: share, about: "Promised: below 0.1 % over 30 days. The alert InventoryReserveUnavailable compares these. Needs the rules of deploy/alerts/reserve.yaml.",
				queries: []query{
					{expr: `inventory:reserve_failures:ratio_rate5m`, legend: "5 min"},
					{expr: `inventory:reserve_failures:ratio_rate1h`, legend: "1 h"},
					{expr: `inventory:reserve_failures:ratio_rate3d`, legend: "3 days"},
				},
			},
			{title: "Reserve: latency", unit: seconds, about: "From intake to the outcome. Promised: 99 % below 250 ms.", queries: quantiles("inventory_reserve_latency_seconds", "{"+outcomes+"}", "via")},
		}},
		{"The API", []panel{
			one("Requests", perSecond, `sum by (route) (rate(inventory_http_requests_seconds_count`+rate+`))`, "{{route}}", "By route."),
			one("Requests that were refused or failed", perSecond, `sum by (route, status) (rate(inventory_http_requests_seconds_count{status=~"[45].."}`+rate+`)) or on () vector(0)`, "{{route}} {{status}}",
				"4xx is the caller's, 503 says to come again, 5xx else is ours."),
			{title: "Requests: latency", unit: seconds, about: "99 % of requests of a route are quicker.", queries: []query{quantile("0.99", "99 %", "inventory_http_requests_seconds", "", "route")}},
		}},
		{"What else is asked", []panel{
			one("Releases, confirms, extends", perSecond, `sum by (command, outcome) (rate(inventory_order_commands_total`+rate+`)) > 0 or on () vector(0)`, "{{command}} {{outcome}}", "Of orders that were decided, repeats included."),
			one("Adjustments", perSecond, `sum by (type, outcome) (rate(inventory_adjustment_total`+rate+`))`, "{{type}} {{outcome}}", "By type and outcome."),
			{title: "Adjustments: latency", unit: seconds, about: "From intake to the outcome.", queries: quantiles("inventory_adjustment_latency_seconds", "")},
		}},
		{"Saturation, by role: a process with several roles counts in each", []panel{
			one("CPU", plain, byRole(`rate(process_cpu_seconds_total`+rate+`)`), "{{role}}", "Cores in use."),
			one("Memory", bytes, byRole(`process_resident_memory_bytes`), "{{role}}", "Resident. Ledgers are in it: 10 KiB for each live order."),
			one("Goroutines", plain, byRole(`go_goroutines`), "{{role}}", "What grows without an end is a leak."),
			one("Mailboxes", plain, `max by (ledger_kind) (inventory_mailbox_messages)`, "{{ledger_kind}}", "Of the ledger with the most. Beyond 8192 commands callers are refused."),
			one("Lanes", plain, `sum by (instance) (inventory_lanes_in_use)`, "{{instance}}", "Order events under way: at most --lanes (64) for each partition that a process reads."),
			one("Open files", share, `process_open_fds / process_max_fds`, "{{instance}}", "Of those that the system allows."),
		}},
		{"What runs", []panel{
			now("Processes", `count by (role) (inventory_role_info)`, "{{role}}", "By role."),
			now("Versions", `count by (version) (inventory_build_info)`, "{{version}}", "More than one: a rollout, or a part of one."),
			one("Failures of what is done again by itself", perSecond, `sum by (of) (rate(inventory_trouble_total`+rate+`))`, "{{of}}", "The log has each. A rate that stays has a reason that does not go away."),
		}},
	}}
}

// byRole sums a metric of processes by what they do.
func byRole(metric string) string {
	return `sum by (role) (inventory_role_info * on (instance, job) group_left () ` + metric + `)`
}
