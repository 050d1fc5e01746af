// Package deploy embeds the files from which servers are set up. It holds no logic; integration/stack reads it.
package deploy

import "embed"

// Stack holds, one folder a server, the pom that fetches its JARs, where it is of Java, and the templates of its configuration.
//
//go:embed stack
var Stack embed.FS

// Alerts holds Prometheus' rules.
//
//go:embed alerts/*.yaml
var Alerts embed.FS

// Debezium holds the configuration of the agent that captures what is written to Cassandra.
//
//go:embed debezium
var Debezium embed.FS

// Flink holds the job that sums stock by SKU and region, and the program that submits it.
//
//go:embed flink
var Flink embed.FS
