// Package reservation is the state machine of a reservation ledger: the life of each
// order, from its plan to its end, decided one step after the other in one place.
//
// It is pure. It asks stock ledgers for stock by mail (the messages of domain/stock) and
// imports only domain/ledger and domain/stock.
package reservation
