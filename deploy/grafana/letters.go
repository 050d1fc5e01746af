package grafana

// letters: order events that could not be acted on.
func letters() board {
	return board{name: "letters", title: "dead letters", about: "Order events that could not be acted on. None is lost: `inventory dlq groups` says what died of what, docs/runbooks/dlq-<CODE>.md what to do.", rows: []row{
		{"Waiting for somebody", []panel{
			now("Letters", `max by (topic, code) (inventory_dlq_letters) or on () vector(0)`, "{{topic}} {{code}}", "By what they died of."),
			one("Letters, over time", plain, `max by (topic, code) (inventory_dlq_letters) or on () vector(0)`, "{{topic}} {{code}}", "They end when they are replayed or discarded."),
			one("The oldest", seconds, `time() - max by (topic) (inventory_dlq_oldest_timestamp_seconds > 0) or on () vector(0)`, "{{topic}}", "Since it was buried."),
		}},
		{"Coming and going", []panel{
			one("Buried", perSecond, `sum by (topic, code) (rate(inventory_dead_letters_total`+rate+`)) or on () vector(0)`, "{{topic}} {{code}}", "transient codes come when something was away for --retry-for."),
			one("Replayed", perSecond, `sum by (topic, outcome) (rate(inventory_dlq_replayed_total`+rate+`))`, "{{topic}} {{outcome}}", "applied did what it asks for; duplicate and superseded had nothing to do; failed stay."),
			{title: "Jobs", unit: plain, about: "taken_over: the process that ran it fell silent.", queries: []query{
				{expr: `max(inventory_dlq_jobs)`, legend: "under way"}, {expr: `sum by (change) (increase(inventory_dlq_job_changes_total[5m]))`, legend: "{{change}}"},
			}},
		}},
	}}
}
