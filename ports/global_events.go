package ports

import "time"

// Aggregated says how an aggregator of global stock stands, after each look at the topics; the
// zero value, that this process aggregates no more.
type Aggregated struct {
	Active bool          // it publishes what the topic lacks at once
	Lag    time.Duration // for how long the topic has lacked what it has lacked longest
	Late   int           // totals that the topic lacks the newest of
	Levels int           // that it keeps: of a SKU in a warehouse each
}

// AggregationChanged says that an aggregator took over, as the topic lacked something for too
// long, or stepped back for another program that keeps it.
type AggregationChanged struct {
	Active bool
	Lag    time.Duration
	Late   int
}

// TotalsProjected says that rows of global stock were written.
type TotalsProjected struct{ Rows int }

// GlobalTrouble says that keeping global stock failed, and is tried again, or that a record was
// left out.
type GlobalTrouble struct{ Err error }

func (Aggregated) event()         {}
func (AggregationChanged) event() {}
func (TotalsProjected) event()    {}
func (GlobalTrouble) event()      {}
