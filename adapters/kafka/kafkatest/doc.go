// Package kafkatest runs Watermill's suite of pub/sub tests on adapters/kafka's Subscriber,
// against whatever speaks Kafka's protocol: the in-process broker or a real one. Only tests
// import it.
package kafkatest
