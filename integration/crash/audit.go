package crash

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Audit compares the service with the books. Nothing may be open, and nobody else at work.
// It fails with ErrGone where nobody is there any more.
func (w *Callers) Audit(to Service) error {
	for _, step := range []func(Service) error{w.auditOrders, w.auditLevels} {
		if err := step(to); err != nil {
			return err
		}
	}
	w.books.mu.Lock()
	defer w.books.mu.Unlock()
	for _, o := range w.books.orders {
		o.dirty = false
	}
	return nil
}

// old is how many orders that nobody asked about are looked at in each audit.
const old = 50

// auditOrders asks for all orders that were touched, and some old ones; those whose
// hold is to lapse are asked for until it has.
func (w *Callers) auditOrders(to Service) error {
	orders := w.ordersToAudit()
	var group sync.WaitGroup
	errs := make([]error, len(w.clients))
	for n := range errs {
		group.Go(func() {
			for i := n; i < len(orders) && errs[n] == nil; i += len(errs) {
				errs[n] = w.auditOrder(to, orders[i])
			}
		})
	}
	group.Wait()
	if err := w.books.verdict(); err != nil {
		return err
	}
	return errors.Join(errs...)
}

func (w *Callers) auditOrder(to Service, o *order) error {
	err := eventually(func() (bool, error) {
		a, err := to.Decide(o.request(whole(looks)))
		if err != nil {
			return false, err
		}
		w.books.answer(o, whole(looks), a.Answer)
		return !o.fleeting || o.status != "HELD", w.books.verdict()
	})
	if err != nil {
		return fmt.Errorf("order %s, %s: %w", o.id, o.status, err)
	}
	return nil
}

func (w *Callers) ordersToAudit() []*order {
	w.books.mu.Lock()
	defer w.books.mu.Unlock()
	var dirty, clean []*order
	for _, id := range slices.Sorted(maps.Keys(w.books.orders)) {
		if o := w.books.orders[id]; o.dirty {
			dirty = append(dirty, o)
		} else {
			clean = append(clean, o)
		}
	}
	w.rand.Shuffle(len(clean), func(i, j int) { clean[i], clean[j] = clean[j], clean[i] })
	return append(dirty, clean[:min(old, len(clean))]...)
}

// verdict is what was found wrong so far.
func (b *books) verdict() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.faults) == 0 {
		return nil
	}
	return fmt.Errorf("%d faults:\n%s", len(b.faults), strings.Join(b.faults[:min(10, len(b.faults))], "\n"))
}

// auditLevels compares every level with what follows from the answers. An order that was
// refused gives back what it held of other lines a moment after its answer.
func (w *Callers) auditLevels(to Service) error {
	var wrong []string
	err := eventually(func() (ok bool, err error) {
		wrong, err = w.wrongLevels(to)
		return len(wrong) == 0, err
	})
	if err != nil {
		return fmt.Errorf("levels: %w\n%s", err, strings.Join(wrong, "\n"))
	}
	return nil
}

func (w *Callers) wrongLevels(to Service) (wrong []string, err error) {
	want := w.books.levels()
	for _, sku := range append(append([]string{}, plenty...), scarce...) {
		a, err := to.Decide(get("/inventory/" + sku))
		if err != nil {
			return nil, err
		}
		var told struct {
			Warehouses []struct {
				WarehouseID string `json:"warehouse_id"`
				OnHand      int64  `json:"on_hand"`
				Held        int64
				Available   int64
			}
		}
		if err := a.Into(&told); err != nil {
			return nil, err
		}
		for _, found := range told.Warehouses {
			at := place{sku, found.WarehouseID}
			if l := want[at]; l.onHand != found.OnHand || l.held != found.Held || l.onHand-l.held != found.Available {
				wrong = append(wrong, fmt.Sprintf("%s in %s: by the books on hand %d, held %d; the service says %d, %d, available %d",
					sku, at.warehouse, l.onHand, l.held, found.OnHand, found.Held, found.Available))
			}
			delete(want, at)
		}
	}
	for at, l := range want {
		wrong = append(wrong, fmt.Sprintf("%s in %s: by the books on hand %d, held %d; the service does not know it", at.sku, at.warehouse, l.onHand, l.held))
	}
	return wrong, nil
}
