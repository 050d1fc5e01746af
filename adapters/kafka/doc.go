// Package kafka is the service's side of Kafka: it takes order events in, publishes public
// events, buries what can't be handled, and reads dead letters and the notes about them back.
//
// Records of a partition are handled in lanes by key: one at a time within a lane, many
// lanes at once, so that a group commit downstream fills. Offsets are marked up to the first
// record that is not done, so nothing is passed over by a crash; what was done after it is
// delivered again. Nothing here makes a topic by accident: CreateTopics is the only way.
//
// It imports ports, domain and its clients (sarama, Watermill); only cmd and tests import it.
package kafka
