package owner

import "inventory/domain/ledger"

// waiters are callers whose answer waits for more than their command's entry.
type waiters struct {
	settling map[ledger.UUID][]waiter // by the record that is to be settled
	taking   []taker
}

type waiter struct {
	r      *request
	answer func(ledger.Change) (any, error) // nil: decide again
}

// taker waits until other ledgers have taken mail.
type taker struct {
	r       *request
	after   []ledger.Receipt
	outcome any
	err     error
}

func newWaiters() *waiters { return &waiters{settling: map[ledger.UUID][]waiter{}} }

// settled answers those who wait for the change's record, and returns the commands that
// are to be decided again.
func (w *waiters) settled(key ledger.UUID, c ledger.Change) (again []*request) {
	for _, one := range w.settling[key] {
		if one.answer == nil {
			again = append(again, one.r)
			continue
		}
		one.r.answer(one.answer(c))
	}
	delete(w.settling, key)
	return again
}

// acknowledged answers those whose mail has been taken.
func (w *waiters) acknowledged(acked map[ledger.ID]int64) {
	left := w.taking[:0]
	for _, one := range w.taking {
		if one.taken(acked) {
			one.r.answer(one.outcome, one.err)
			continue
		}
		left = append(left, one)
	}
	clear(w.taking[len(left):])
	w.taking = left
}

func (t taker) taken(acked map[ledger.ID]int64) bool {
	for _, receipt := range t.after {
		if acked[receipt.Ledger] < receipt.Number {
			return false
		}
	}
	return true
}

func (w *waiters) answerAll(err error) {
	for _, ws := range w.settling {
		for _, one := range ws {
			one.r.answer(nil, err)
		}
	}
	for _, one := range w.taking {
		one.r.answer(one.outcome, one.err) // its entry is durable, whoever carries the mail
	}
	clear(w.settling)
	w.taking = nil
}
