// Package watch tells many watchers of a warehouse what changes in it: a snapshot at a
// revision, then every change in order, none twice and none left out.
//
// One follower per ledger and process keeps up with the ledger's journal, whoever owns the
// ledger, and remembers what changed lately. Watchers read there, each at its own pace: one
// that is too slow is cut off, and neither others nor the ledger's owner wait for it.
//
// app gives a Hub what it follows. Nothing is decided here, and nothing is written.
package watch
