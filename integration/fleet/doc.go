// Package fleet tests several processes of the real program on one Cassandra and one Kafka: they
// are restarted, killed, paused and joined by another under load, and audited from outside.
//
// It has nothing but tests; nobody imports it.
package fleet
