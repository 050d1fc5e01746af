package crash

import (
	"fmt"
	"maps"
	"slices"
)

// CheckEvents compares the books with what was published: reserved counts how often an order
// was, and held and picked are units by SKU and warehouse, levels the last on hand and held.
func (w *Callers) CheckEvents(
	told func(order string) (reserved int, held, picked map[[2]string]int64), levels map[[2]string][2]int64,
) (wrong []string) {
	for at, l := range w.books.levels() {
		if found := levels[[2]string{at.sku, at.warehouse}]; found != [2]int64{l.onHand, l.held} {
			wrong = append(wrong, fmt.Sprintf("%s in %s: by the books on hand %d, held %d, the last level published has %v", at.sku, at.warehouse, l.onHand, l.held, found))
		}
	}
	w.books.mu.Lock()
	defer w.books.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(w.books.orders)) {
		o := w.books.orders[id]
		reserved, held, picked := told(id)
		want, took := map[[2]string]int64{}, map[[2]string]int64{}
		for _, l := range o.lines {
			at := [2]string{l.SKU, l.WarehouseID}
			if l.Status == heldLine {
				want[at] += l.Quantity
			}
			if l.Picked > 0 {
				took[at] += l.Picked
			}
		}
		maps.DeleteFunc(held, none)
		maps.DeleteFunc(picked, none)
		if (reserved == 1) != o.held || reserved > 1 || !maps.Equal(want, held) || !maps.Equal(took, picked) {
			wrong = append(wrong, fmt.Sprintf("order %s: by the books it is %s with %+v; published were %d outcomes, %v held and %v picked", id, o.status, o.lines, reserved, held, picked))
		}
	}
	return wrong
}

func none(_ [2]string, units int64) bool { return units == 0 }
