package grafana

// kafka: order events in, public events out.
func kafka() board {
	const topic = "{{topic}}"
	return board{name: "kafka", title: "Kafka", about: "Order events that come in, and events that go out.", rows: []row{
		{"In", []panel{
			one("Order events that wait", plain, `max by (topic) (inventory_consumer_lag_records)`, topic, "Not done by the consumer group, those in flight and those that nobody reads included."),
			one("Order events", perSecond, `sum by (topic, outcome) (rate(inventory_records_consumed_total`+rate+`))`, topic+" {{outcome}}", "abandoned ones come again, elsewhere."),
			one("Lanes in use", plain, `sum by (instance) (inventory_lanes_in_use)`, "{{instance}}", "Orders under way at once: at most --lanes (64) for each partition."),
			{title: "An event takes", unit: seconds, about: "From taking it up to being done with it, with what it was tried again.", queries: quantiles("inventory_consume_seconds", "", "topic")},
			one("Tried again", perSecond, `sum by (topic, code) (rate(inventory_record_retries_total`+rate+`)) or on () vector(0)`, topic+" {{code}}", "What they need is away: /readyz says what. After --retry-for they are dead letters."),
			one("Became dead letters", perSecond, `sum by (topic, code) (rate(inventory_dead_letters_total`+rate+`)) or on () vector(0)`, topic+" {{code}}", "The dashboard Dead letters has those that wait."),
		}},
		{"Out", []panel{
			one("Published", perSecond, `sum by (topic) (rate(inventory_published_total`+rate+`))`, topic, "Those that were published again included."),
			{title: "Publishing takes", unit: seconds, about: "Some events of a topic, together.", queries: []query{quantile("0.99", "99 %", "inventory_publish_seconds", "", "topic")}},
		}},
	}}
}
