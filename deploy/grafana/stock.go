package grafana

// stock: of one SKU, which a reader names. A metric with an SKU as a label would have a series
// for each of them: the service is asked instead, by the data source Infinity.
func stock() board {
	history := func(selector, text string) query {
		return query{
			path: "/admin/why?as=sku&limit=1000&subject=${sku:percentencode}", root: "stock.lines", overTime: true,
			columns: []column{{"at", "time", "timestamp"}, {"warehouse_id", "warehouse", "string"}, {selector, text, "number"}},
		}
	}
	return board{name: "stock", title: "stock of a SKU", asksAPI: true, about: "The stock of a SKU over time, as its changes say, and now. It asks the service itself: give the data source Infinity the address of its API as the base URL.", rows: []row{
		{"Over time: the newest 1000 changes", []panel{
			{title: "On hand", unit: plain, about: "After each change, by warehouse: exact, from the ledgers' history.", queries: []query{history("after.on_hand", "on hand")}},
			{title: "Held", unit: plain, about: "What is promised of it.", queries: []query{history("after.held", "held")}},
		}},
		{"Now", []panel{
			{title: "By warehouse", show: rows, about: "From the memory of the ledgers' owners.", queries: []query{{
				path: "/inventory/${sku:percentencode}", root: "warehouses",
				columns: []column{{"warehouse_id", "warehouse", "string"}, {"on_hand", "on hand", "number"}, {"held", "held", "number"}, {"available", "available", "number"}},
			}}},
			{title: "By region", show: rows, about: "As totals have it, a second or two behind.", queries: []query{{
				path: "/inventory/global?sku=${sku:percentencode}", root: "totals",
				columns: []column{{"region", "region", "string"}, {"on_hand", "on hand", "number"}, {"held", "held", "number"}, {"available", "available", "number"}, {"as_of", "as of", "timestamp"}},
			}}},
			one("Adjusted, of all SKUs", perSecond, `sum by (type) (rate(inventory_adjustment_total`+rate+`))`, "{{type}}", "By type: what else moves stock."),
		}},
	}}
}
