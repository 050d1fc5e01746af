package owner

import (
	"container/heap"

	"inventory/domain/ledger"
)

// agenda keeps each record's next deadline, in Unix milliseconds.
type agenda struct {
	queue dueQueue
	next  map[ledger.UUID]int64
}

type dueItem struct {
	at  int64
	key ledger.UUID
}

func newAgenda() *agenda { return &agenda{next: map[ledger.UUID]int64{}} }

// set notes that a record's only deadline is at; 0: it has none.
func (a *agenda) set(key ledger.UUID, at int64) {
	if at == 0 {
		delete(a.next, key)
		return
	}
	if a.next[key] != at {
		a.next[key] = at
		heap.Push(&a.queue, dueItem{at, key})
	}
}

// first is the earliest deadline; ok is false where there is none.
func (a *agenda) first() (at int64, ok bool) {
	for len(a.queue) > 0 {
		if top := a.queue[0]; a.next[top.key] == top.at {
			return top.at, true
		}
		heap.Pop(&a.queue) // replaced meanwhile
	}
	return 0, false
}

// take removes up to limit records whose deadline is not after now.
func (a *agenda) take(now int64, limit int) []ledger.UUID {
	var keys []ledger.UUID
	for len(keys) < limit {
		at, ok := a.first()
		if !ok || at > now {
			break
		}
		item := heap.Pop(&a.queue).(dueItem)
		delete(a.next, item.key)
		keys = append(keys, item.key)
	}
	return keys
}

type dueQueue []dueItem

func (q dueQueue) Len() int           { return len(q) }
func (q dueQueue) Less(i, j int) bool { return q[i].at < q[j].at }
func (q dueQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *dueQueue) Push(x any)        { *q = append(*q, x.(dueItem)) }
func (q *dueQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
