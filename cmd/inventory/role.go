package main

import "slices"

// What a process does.
const (
	roleAll        = "all"
	roleCore       = "core"       // owns ledgers, takes order events in, serves the API
	roleCDC        = "cdc"        // publishes what is left to capture
	roleAggregator = "aggregator" // publishes totals by SKU and region
	roleProjector  = "projector"  // writes those totals to the table
)

// does tells whether this process has a role.
func (s *settings) does(role string) bool {
	return slices.Contains(s.Role, roleAll) || slices.Contains(s.Role, role)
}

// roles lists what this process does.
func (s *settings) roles() []string {
	return slices.DeleteFunc([]string{roleCore, roleCDC, roleAggregator, roleProjector}, func(role string) bool { return !s.does(role) })
}

func (s *settings) roleFaults(fault func(bad bool, format string, args ...any)) {
	fault(len(s.Role) == 0, "--role: expected one or more of all, core, cdc, aggregator and projector")
	fault(!s.does(roleCore) && s.Store != storeCassandra, "--role=%v: expected --store=cassandra: one process alone can use another store, and does all", s.Role)
}
