// Command inventory is the service as one binary: it serves, sets up what serving needs, or
// asks a service that runs.
//
// This package holds configuration, wiring and what people see; it decides nothing about
// stock. Nobody imports it.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
)

func main() {
	// Ledgers' states are large and long-lived: at Go's default, collecting garbage took a
	// third of the processor time. GOGC in the environment decides where it is set.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	ctx, stop := untilSignal()
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "inventory: "+explain(err))
	}
	os.Exit(exitCode(err))
}
