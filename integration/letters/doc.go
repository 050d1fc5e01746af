// Package letters tests the tools for dead letters with the real program, on the embedded default
// and on real servers: letters are looked at, rehearsed, replayed, edited and put away by commands
// as people give them, and what became of orders and stock is read over HTTP.
//
// It has nothing but tests; nobody imports it.
package letters
