package audit

import (
	"context"
	"fmt"

	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// published is what the topic of stock levels says of a key: its last record.
type published struct {
	partition int32
	none      string // why there is no level
	version   int64
	onHand    int64
	held      int64
	available int64
	region    string
}

func (p published) String() string {
	if p.none != "" {
		return p.none
	}
	return fmt.Sprintf("version %d, on_hand %d, held %d, available %d, region %s", p.version, p.onHand, p.held, p.available, p.region)
}

// hear notes a record. The last one of a partition is what compaction keeps. Where a key is
// in several, since the number of partitions was changed, readers go by the version.
func (a *Auditor) hear(l ports.PublishedLevel) {
	p := published{partition: l.Partition}
	switch {
	case l.Err != nil:
		p.none = "unreadable: " + l.Err.Error()
	case l.Level == nil:
		p.none = "deleted"
	default:
		p.version, p.onHand, p.held, p.available, p.region = l.Level.Version, l.Level.OnHand, l.Level.Held, l.Level.Available, l.Level.Region
	}
	if old, ok := a.levels[l.Key]; ok && old.partition != p.partition && p.version <= old.version {
		return
	}
	a.levels[l.Key] = p
}

// topic compares the stock levels as they were when they had been published with what the
// topic says since.
func (a *Auditor) topic(ctx context.Context) error {
	if a.w.Topic == nil {
		return nil
	}
	stocks := a.stocks()
	for _, f := range stocks {
		if _, err := a.w.toRelayed(ctx, f); err != nil {
			return err
		}
		if err := a.toPublished(ctx, f); err != nil {
			return err
		}
	}
	if a.listen(ctx); a.deaf {
		return ctx.Err()
	}
	for _, f := range stocks {
		if f.at.Version > f.relayed {
			continue
		}
		for sku := range f.stock().Levels() {
			found, err := a.level(ctx, f, sku)
			if err != nil {
				return err
			}
			a.suspect(found, func(ctx context.Context) ([]Difference, bool, error) {
				found, err := a.level(ctx, f, sku)
				return found, false, err
			})
		}
	}
	return nil
}

// toPublished notes what is published of a follower's ledger, before the topic is read.
func (a *Auditor) toPublished(ctx context.Context, f *follower) (err error) {
	f.told = f.relayed
	if a.w.Published != nil {
		f.told, err = a.w.Published(ctx, f.id)
	}
	return err
}

// listen reads what came to the topic. Where that fails the topic is left out of the pass,
// and told: the tables are compared all the same.
func (a *Auditor) listen(ctx context.Context) {
	if a.w.Topic == nil || a.deaf {
		return
	}
	if err := a.w.Topic.Read(ctx, a.hear); err != nil {
		a.deaf = true
		if ctx.Err() == nil {
			a.observe(ports.AuditTrouble{Err: fmt.Errorf("reading stock levels back: %w", err)})
		}
	}
}

// level compares a level with its record. One of an entry after the follower's is not
// compared, if there is such an entry.
func (a *Auditor) level(ctx context.Context, f *follower, sku stock.SKU) ([]Difference, error) {
	l, ok := f.stock().Level(sku)
	if !ok || a.deaf || l.Version() > f.told {
		return nil, nil
	}
	event := relay.LevelEvent(f.id, a.regionOf(f.id), ledger.Stamp{Version: l.Version()}, sku, l)
	p, ok := a.levels[event.Key()]
	if !ok {
		p.none = "no record"
	}
	if p.version > f.at.Version {
		newest, err := a.w.newest(ctx, f.id)
		if err != nil || p.version <= newest {
			return nil, err
		}
	}
	want := published{
		partition: p.partition, version: event.Version, onHand: event.OnHand, held: event.Held, available: event.Available, region: event.Region,
	}
	d := aboutSKU(f, ports.DifferentTopic, sku)
	if p != want {
		d.text(ports.StockLevelTopic, want, p)
	}
	return d.list, nil
}

func (a *Auditor) regionOf(id ledger.ID) string {
	w, _ := a.w.Warehouse(stock.WarehouseID(id.Scope()))
	return string(w.Region)
}

// republish publishes again what the topic lacks, as the relay did, and tells it.
func (a *Auditor) republish(ctx context.Context, found []Difference) error {
	for _, d := range found {
		if d.Kind != ports.DifferentTopic {
			continue
		}
		if err := a.republishOne(ctx, d); err != nil {
			return fmt.Errorf("publishing the level of %s in %s again: %w", d.SKU, d.Ledger.Scope(), err)
		}
	}
	return nil
}

// mostRepublished bounds how often a level is published that changes at the same time.
const mostRepublished = 3

// republishOne publishes a level as it is now. The relay may publish a newer one meanwhile,
// which must not be followed by an older one: then that one is published once more.
func (a *Auditor) republishOne(ctx context.Context, d Difference) error {
	for range mostRepublished {
		var l stock.Level
		owned := a.w.Host.Glance(d.Ledger, func(m ledger.Machine, _ ledger.Stamp) { l, _ = m.(*stock.State).Level(d.SKU) })
		relayed, _ := a.w.Host.Relayed(d.Ledger)
		if a.w.Published != nil {
			published, err := a.w.Published(ctx, d.Ledger)
			if err != nil {
				return err
			}
			relayed = min(relayed, published)
		}
		if !owned || relayed < l.Version() {
			return nil // it is being published: the next pass looks again
		}
		e, ok, err := a.eventOf(ctx, d.Ledger, d.SKU, l)
		if err != nil || !ok || !a.w.Host.Sure(d.Ledger) {
			return err
		}
		if err := a.w.Publisher.Publish(ctx, []ports.PublicEvent{e}); err != nil {
			return err
		}
		a.w.Ledgers.Observer.Observe(ports.LevelRepublished{
			Ledger: d.Ledger, SKU: e.SKU, WarehouseID: e.WarehouseID, Version: e.Version, Found: d.Found,
		})
		var now stock.Level
		a.w.Host.Glance(d.Ledger, func(m ledger.Machine, _ ledger.Stamp) { now, _ = m.(*stock.State).Level(d.SKU) })
		if now.Version() == l.Version() {
			return nil
		}
	}
	return nil
}

// eventOf makes the event of a level as the relay made it: from its entry, or, where that is
// trimmed, with the time that its row has. ok is false where nobody knows the time any more.
func (a *Auditor) eventOf(ctx context.Context, id ledger.ID, sku stock.SKU, l stock.Level) (e ports.StockLevel, ok bool, err error) {
	region := a.regionOf(id)
	entry, err := a.w.Ledgers.Entry(ctx, id, l.Version())
	if err != nil {
		return e, false, err
	}
	if entry != nil {
		for _, one := range relay.PublicEvents(id, stock.Region(region), []*ledger.Entry{entry}) {
			if e, ok := one.(ports.StockLevel); ok && e.SKU == string(sku) {
				return e, true, nil
			}
		}
	}
	rows, err := a.w.Books.Levels(ctx, string(sku), id.Scope(), 1)
	if err != nil || len(rows) == 0 || rows[0].Version != l.Version() {
		return e, false, err
	}
	at := ledger.Stamp{Version: l.Version(), At: rows[0].At.UnixMilli()}
	return relay.LevelEvent(id, region, at, sku, l), true, nil
}
