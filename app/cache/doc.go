// Package cache brings copies of levels of SKUs that are read much to where reading them is cheap
// (ports.LevelCache), and reads them there. Nothing is decided by them, and nothing waits for
// them: where the cache is away, reads go on to who owns the ledgers.
//
// Which SKUs are read much is found by counting, in each process that reads (heat). Of these a
// level that is missing is claimed, read from its ledger's owner once, however many ask, and
// filled in (Reader). The owner knows by that which levels may be in the cache (noted), and
// tells it of their changes, as they are committed (Teller); of all others it tells nothing.
//
// A level in the cache is so old at most: as long as telling takes while all is well, and the time
// to live whatever fails. It imports domain and ports.
package cache
