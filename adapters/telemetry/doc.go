// Package telemetry tells people what happens: it turns the events of ports.Observer into
// log lines by zap and into Prometheus metrics.
//
// The log of a system with nothing wrong is quiet at the level info, and trouble that
// repeats is told once and then counted. From info up its named fields come from small
// sets (ledgers, events, classes of errors), so that a log store can index them; a SKU or
// an order id is at most part of an error's text. Lines at debug name the order, the
// reservation, the SKU and the trace that they are about.
//
// The labels of metrics have closed sets of values, all of them in docs/metrics.md, which
// is made from this package. Whatever else comes from outside is counted as "other".
//
// Only cmd and tests import it.
package telemetry
