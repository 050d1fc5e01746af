// Package stock is the state machine of a stock ledger: how much of each SKU is on hand
// and held in one warehouse (or in one part of a split one), and for which orders.
//
// It is pure and imports only domain/ledger. Orders' lives are domain/reservation's.
package stock
