// Package fleet shares the ledgers out among the processes on one store, and brings commands
// and mail to the process that owns the ledger they are for.
//
// Nothing here is needed for the ledgers to be right: what the members believe of each other
// decides who tries to own a ledger, and the journal decides who does.
package fleet
