// Package service runs the real binary for tests: it builds it, finds or starts the servers
// that it needs, starts it on free ports, asks it over HTTP, kills it, and reads what it
// said. Tests of integration import it; the product never does.
package service
