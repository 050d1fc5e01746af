package crash

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"inventory/integration/service"
)

// audit compares the service with the books. Nothing may be open, and nobody else at work.
// It fails with errGone where the process is killed meanwhile.
func (w *world) audit(p *service.Process) error {
	for _, step := range []func(*service.Process) error{w.auditOrders, w.auditLevels, w.auditReconcile} {
		if err := step(p); err != nil {
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
func (w *world) auditOrders(p *service.Process) error {
	orders := w.ordersToAudit()
	var group sync.WaitGroup
	errs := make([]error, clients)
	for n := range clients {
		group.Go(func() {
			for i := n; i < len(orders) && errs[n] == nil; i += clients {
				errs[n] = w.auditOrder(p, orders[i])
			}
		})
	}
	group.Wait()
	if err := w.books.verdict(); err != nil {
		return err
	}
	return errors.Join(errs...)
}

func (w *world) auditOrder(p *service.Process, o *order) error {
	err := eventually(func() (bool, error) {
		a, err := o.request(whole(looks)).decide(p)
		if err != nil {
			return false, err
		}
		w.books.answer(o, whole(looks), a)
		return !o.fleeting || o.status != "HELD", w.books.verdict()
	})
	if err != nil {
		return fmt.Errorf("order %s, %s: %w", o.id, o.status, err)
	}
	return nil
}

func (w *world) ordersToAudit() []*order {
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
func (w *world) auditLevels(p *service.Process) error {
	var wrong []string
	err := eventually(func() (ok bool, err error) {
		wrong, err = w.wrongLevels(p)
		return len(wrong) == 0, err
	})
	if err != nil {
		return fmt.Errorf("levels: %w\n%s", err, strings.Join(wrong, "\n"))
	}
	return nil
}

func (w *world) wrongLevels(p *service.Process) (wrong []string, err error) {
	want := w.books.levels()
	for _, sku := range append(append([]string{}, plenty...), scarce...) {
		a, err := get("/inventory/" + sku).decide(p)
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

// auditReconcile has the service compare itself once all is written to its tables.
func (w *world) auditReconcile(p *service.Process) error {
	if err := eventually(func() (bool, error) { return relayed(p) }); err != nil {
		return fmt.Errorf("waiting for the tables: %w", err)
	}
	a, err := post("/admin/reconcile", nil).decide(p)
	if err != nil {
		return err
	}
	var found struct {
		SKUs        int
		Differences []json.RawMessage
	}
	if err := a.Into(&found); err != nil {
		return err
	}
	if levels := len(w.books.levels()); found.SKUs != levels || len(found.Differences) > 0 {
		return fmt.Errorf("reconcile: expected %d levels and no difference, found %s", levels, a)
	}
	return nil
}

// relayed tells whether all entries are known to be in the tables, and on Kafka.
func relayed(p *service.Process) (bool, error) {
	a, err := get("/admin/ledgers").decide(p)
	if err != nil {
		return false, err
	}
	var found struct {
		Ledgers []struct{ Version, Relayed int64 }
	}
	if err := a.Into(&found); err != nil {
		return false, err
	}
	for _, l := range found.Ledgers {
		if l.Relayed != l.Version {
			return false, nil
		}
	}
	return len(found.Ledgers) > 0, nil
}
