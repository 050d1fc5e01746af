package owner

import "inventory/domain/ledger"

// waiters are callers whose answer waits for more than their command's entry.
type waiters struct {
	settling map[ledger.UUID][]waiter // by the record that is to be settled
	taking   []taker
}

type waiter struct {
	r      *request
	answer func(ledger.Change) ledger.Decision // nil: decide again
}

// taker waits until other ledgers have taken mail.
type taker struct {
	r *request
	d ledger.Decision
}

func newWaiters() *waiters { return &waiters{settling: map[ledger.UUID][]waiter{}} }

// settled removes those who wait for a record.
func (w *waiters) settled(key ledger.UUID) []waiter {
	all := w.settling[key]
	delete(w.settling, key)
	return all
}

// acknowledged answers those whose mail has been taken, as taken tells.
func (w *waiters) acknowledged(taken func([]ledger.Receipt) bool) {
	left := w.taking[:0]
	for _, one := range w.taking {
		if taken(one.d.After) {
			one.r.answer(one.d.Outcome, one.d.Err)
			continue
		}
		left = append(left, one)
	}
	clear(w.taking[len(left):])
	w.taking = left
}

func (w *waiters) answerAll(err error) {
	for _, ws := range w.settling {
		for _, one := range ws {
			one.r.answer(nil, err)
		}
	}
	for _, one := range w.taking {
		one.r.answer(one.d.Outcome, one.d.Err) // its entry is durable, whoever carries the mail
	}
	clear(w.settling)
	w.taking = nil
}
