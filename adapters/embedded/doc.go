// Package embedded holds the servers that run inside the service where no real ones are
// configured: a Kafka broker and a schema registry. A laptop then needs nothing installed,
// and every Kafka client and registry client works as it does against the real ones.
//
// Both keep what they acknowledged in a directory, also when the process is killed.
// Neither asks who is there, neither replicates: they are for one machine, and for tests.
// cmd starts and closes them; nothing else imports this package.
package embedded
