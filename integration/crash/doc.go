// Package crash kills the real program, again and again and at random moments, and audits
// it from outside: what was answered before must be true afterwards, exactly once.
//
// The tests run `inventory serve` as a process, ask it over HTTP, and keep their own books.
// The clients and their books (Callers) also serve the tests of a fleet.
package crash
