package grafana

// ledgers: who owns them, how they commit, what waits, and whether all adds up.
func ledgers() board {
	const kind = "{{ledger_kind}}"
	return board{name: "ledgers", title: "ledgers", about: "Who owns the ledgers, how they commit, what waits behind them, and whether tables say what they say.", rows: []row{
		{"Owners", []panel{
			now("Without an owner", `min by (ledger_kind) (inventory_unowned_ledgers)`, kind, "They take no commands. Above 0 for a minute is an alert."),
			one("Owned", plain, `sum by (instance, ledger_kind) (inventory_ledgers_owned)`, "{{instance}} "+kind, "By process."),
			one("Members", plain, `inventory_fleet_members`, "{{instance}}", "That a process sees alive. Lines that differ for long: they do not see each other."),
			{title: "Ledgers that moved", unit: plain, about: "In five minutes. given_up is in good order; conflict, clock and error are not.", queries: []query{
				{expr: `sum(increase(inventory_takeovers_total[5m]))`, legend: "taken over"},
				{expr: `sum(increase(inventory_handovers_total[5m]))`, legend: "handed over"},
				{expr: `sum by (cause) (increase(inventory_lost_total[5m]))`, legend: "lost: {{cause}}"},
			}},
			{title: "Moving takes", unit: seconds, about: "Commands wait for so long.", queries: []query{
				quantile("0.99", "taking over", "inventory_takeover_seconds", ""), quantile("0.99", "handing over", "inventory_handover_seconds", ""),
			}},
		}},
		{"Commits", []panel{
			one("Writes to journals", perSecond, `sum by (outcome) (rate(inventory_commits_total`+rate+`))`, "{{outcome}}", "unknown ones are settled and made again; a conflict or a permanent refusal lost the ledger."),
			{title: "Commands in an entry", unit: plain, about: "More under load: that is what makes a hot ledger quick.", queries: []query{
				{expr: `sum by (ledger_kind) (rate(inventory_commit_commands_sum` + rate + `)) / sum by (ledger_kind) (rate(inventory_commit_commands_count` + rate + `))`, legend: kind + " mean"},
				quantile("0.99", "99 %", "inventory_commit_commands", "", "ledger_kind"),
			}},
			{title: "Commits: latency", unit: seconds, about: "From the first write of an entry until it was known to be durable.", queries: quantiles("inventory_commit_seconds", "", "ledger_kind")},
			{title: "Size of entries", unit: bytes, about: "As encoded.", queries: quantiles("inventory_entry_bytes", "", "ledger_kind")},
			{title: "Snapshots take", unit: seconds, about: "Stored, relayed, journal trimmed.", queries: quantiles("inventory_snapshot_seconds", "")},
			one("Clock, ahead of the store's", seconds, `inventory_clock_offset_seconds`, "{{instance}}", "Beyond 2 s either way the process owns nothing."),
		}},
		{"What waits", []panel{
			one("Entries that are in no table, and not published", plain, `max by (ledger_kind) (inventory_relay_lag_entries)`, kind, "Of the ledger with the most."),
			one("Mail to other ledgers", plain, `max by (ledger_kind) (inventory_mail_lag_messages)`, kind, "Of the ledger with the most."),
			one("Commands brought to other members", perSecond, `sum by (outcome) (rate(inventory_forwarded_total`+rate+`))`, "{{outcome}}", "All but decided are trouble."),
		}},
		{"Does all add up?", []panel{
			now("Differences from the journals", `max by (kind) (inventory_audit_differences)`, "{{kind}}", "0 in a healthy system. holds is what is held against what orders say."),
			one("The auditor's last pass", seconds, `time() - max(inventory_audit_last_pass_timestamp_seconds > 0)`, "ago", "Older than some intervals: passes fail, or take too long."),
			{title: "Corrected, and defects", unit: plain, about: "In an hour. A defect is a bug of this program, which refused to act on it.", queries: []query{
				{expr: `sum by (kind) (increase(inventory_repairs_total[1h])) > 0 or on () vector(0)`, legend: "corrected: {{kind}}"},
				{expr: `sum(increase(inventory_levels_republished_total[1h]))`, legend: "levels published again"},
				{expr: `sum(increase(inventory_defects_total[1h]))`, legend: "defects"},
			}},
		}},
	}}
}
