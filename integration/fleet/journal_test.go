package fleet

import (
	"context"
	"fmt"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/integration/service"
	"inventory/ports"
)

// checkJournals proves of every ledger that its entries have no gap and that none was written
// by an owner after its successor's first, and that it was given up in good order.
func (f *fleet) checkJournals() {
	f.t.Helper()
	f.site.Read(func(store service.Store) {
		for id := range f.known {
			if err := checkJournal(store, ledger.ID(id)); err != nil {
				f.t.Errorf("journal of %s: %v", id, err)
			}
		}
	})
}

func checkJournal(store service.Store, id ledger.ID) error {
	ctx := context.Background()
	head, err := store.Head(ctx, id)
	if err != nil {
		return err
	}
	if head.Owner != "" || head.Relayed != head.Version {
		return fmt.Errorf("it was not left in good order: %+v", head)
	}
	decode := reservation.DecodeChange
	if id.Kind() == ledger.KindStock {
		decode = stock.DecodeChange
	}
	version, epoch := head.Trimmed, int64(0)
	err = store.Entries(ctx, id, head.Trimmed, head.Version, true, func(r ports.Record) error {
		e, err := ledger.DecodeEntry(r.Body, decode)
		if err != nil {
			return err
		}
		if r.Version != version+1 || e.Version != r.Version || e.Epoch < epoch || e.Epoch > head.Epoch {
			return fmt.Errorf("entry %d of epoch %d comes after %d of epoch %d; the head is %+v", e.Version, e.Epoch, version, epoch, head)
		}
		version, epoch = e.Version, e.Epoch
		return nil
	})
	if err == nil && version != head.Version {
		err = fmt.Errorf("the newest entry is %d, the head is %+v", version, head)
	}
	return err
}
