// Package ledger is what stock and reservation ledgers share: a state machine whose
// every change is in a journal entry, the entry's encoding, the numbered mail between
// two ledgers, and a table that can be drafted upon.
//
// It is pure: no clock, no I/O, no randomness. domain/stock and domain/reservation
// build on it; app/owner runs it. It knows nothing of SKUs or orders.
package ledger
