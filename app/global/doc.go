// Package global keeps the totals of stock by SKU and region: an aggregator publishes what the
// topic of totals lacks, a projector writes what the topic has to the table.
//
// It imports the domain and the ports; cmd and tests import it.
package global
