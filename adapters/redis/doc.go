// Package redis keeps copies of levels that are read much in Redis (ports.LevelCache), in one
// server, behind sentinels or in a cluster, as rueidis finds it.
//
// A level is a string that people can read: version, on hand, held, and when it was so, with blanks
// between; a claim is a question mark and who claims. Keys are PREFIX:level1:WAREHOUSE:SKU, where
// the number is of this form. Only cmd and tests import it.
package redis
