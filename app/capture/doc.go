// Package capture publishes what relays appended to inventory.events and left to be
// published: as capture of that table brings it, and, where capture is late or lost it, from
// the table itself. It decides nothing, and what it publishes is what the relay would have.
//
// It keeps one number a ledger: the version up to which all is published.
package capture
