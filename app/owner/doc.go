// Package owner runs ledgers: it takes them over, decides the commands that wait as one
// batch, commits the batch as one journal entry, answers, and carries mail between
// ledgers. One Host runs all ledgers of a process; each ledger that it owns has a Tenure.
//
// It knows ledgers only as ledger.Machine, and the world only through ports. Commands
// reach a ledger through Host.Ask and nowhere else.
package owner
