// Package app holds the use cases of the inventory, a file each: reserve, release,
// confirm, adjust, query, reconcile. Each brings a command to the ledger that decides it.
//
// It imports the domain, the ports and the packages below it; adapters and cmd import it.
package app
