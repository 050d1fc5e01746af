// Package letters is the desk where dead letters are looked at, replayed, edited and put
// away: the use cases of whoever is on call.
//
// Each process has a Desk. It reads the logs of letters and of notes as far as they go
// whenever it is asked, so that all desks say the same. A job is worked at by one process, and
// by another one when that one dies; what a letter does it does once, however often it is
// handled: that is the ledgers' doing.
package letters
