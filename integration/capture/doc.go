// Package capture has tests of publishing by capture: with an agent that captures, and with
// none, on the embedded default and on real servers.
package capture
