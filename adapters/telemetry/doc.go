// Package telemetry tells people what happens: it turns the events of ports.Observer into
// log lines by zap. A system with nothing wrong is quiet at the level info, and trouble
// that repeats is told once and then counted.
//
// Its named fields come from small sets (ledgers, events, classes of errors), so that a
// log store can index them; a SKU or an order id is at most part of an error's text. Only
// cmd and tests import it.
package telemetry
