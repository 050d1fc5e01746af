package crash

import (
	"encoding/json"
	"fmt"

	"inventory/integration/service"
)

// audit compares the process with the books, and with itself.
func (w *world) audit(p *service.Process) error {
	if err := w.Audit(One(p)); err != nil {
		return err
	}
	return w.auditReconcile(p)
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
