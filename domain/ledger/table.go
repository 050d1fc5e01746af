package ledger

import (
	"iter"
	"slices"
)

// Table is a map that can be drafted upon: a draft reads through to the table below it
// and keeps its own changes, which are thrown away with it or merged. Values are
// replaced, never changed in place. It is not safe for concurrent writing; a table that
// has a draft on it may be read by others, since all changes go to the draft.
type Table[K comparable, V any] struct {
	below *Table[K, V]
	rows  map[K]V
	gone  map[K]struct{} // deleted here, though below may have it
	n     int
}

// NewTable returns an empty table.
func NewTable[K comparable, V any]() *Table[K, V] {
	return &Table[K, V]{rows: map[K]V{}}
}

// Draft returns a table on top of t that starts with t's rows.
func (t *Table[K, V]) Draft() *Table[K, V] {
	return &Table[K, V]{below: t, rows: map[K]V{}, n: t.n}
}

// Merge brings the changes of a draft into the table below it, and returns that one.
func (t *Table[K, V]) Merge() *Table[K, V] {
	for k := range t.gone {
		t.below.Delete(k)
	}
	for k, v := range t.rows {
		t.below.Put(k, v)
	}
	return t.below
}

// Get returns the row of k and whether there is one.
func (t *Table[K, V]) Get(k K) (V, bool) {
	for ; t != nil; t = t.below {
		if v, ok := t.rows[k]; ok {
			return v, true
		}
		if _, ok := t.gone[k]; ok {
			break
		}
	}
	var none V
	return none, false
}

// Put sets the row of k.
func (t *Table[K, V]) Put(k K, v V) {
	if _, ok := t.Get(k); !ok {
		t.n++
	}
	delete(t.gone, k)
	t.rows[k] = v
}

// Delete removes the row of k, if there is one.
func (t *Table[K, V]) Delete(k K) {
	if _, ok := t.Get(k); !ok {
		return
	}
	t.n--
	delete(t.rows, k)
	if t.below == nil {
		return
	}
	if t.gone == nil {
		t.gone = map[K]struct{}{}
	}
	t.gone[k] = struct{}{}
}

// Len is the number of rows.
func (t *Table[K, V]) Len() int { return t.n }

// All yields every row once, in no order.
func (t *Table[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for layer := t; layer != nil; layer = layer.below {
			for k, v := range layer.rows {
				if layer.newestFrom(t, k) && !yield(k, v) {
					return
				}
			}
		}
	}
}

// Sorted lists the keys in the order of compare.
func (t *Table[K, V]) Sorted(compare func(a, b K) int) []K {
	keys := make([]K, 0, t.n)
	for k := range t.All() {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compare)
	return keys
}

// newestFrom tells whether no layer from top down to this one has another word on k.
func (t *Table[K, V]) newestFrom(top *Table[K, V], k K) bool {
	for ; top != t; top = top.below {
		if _, ok := top.rows[k]; ok {
			return false
		}
		if _, ok := top.gone[k]; ok {
			return false
		}
	}
	return true
}
