package relay

import (
	"fmt"

	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// MarkedEvent is the event type, in inventory.events, of a low mark that was set, or taken
// away: metadata has no low_mark then. The row changes no stock.
const MarkedEvent = "MARKED"

// crossing is what the crossings of a SKU in an entry are together. An entry is told as a
// whole, as its levels are: nobody ever saw what was between.
type crossing struct {
	from stock.Standing
	last stock.Crossed
	low  int64 // the newest mark
}

// marked numbers the row of a mark.
func (p *publication) marked(c stock.MarkSet) {
	if p.marks == nil {
		p.marks = map[stock.SKU]mark{}
	}
	p.marks[c.SKU] = mark{row: p.ordinal, trace: c.Trace}
	p.ordinal++
	for i := range p.crossings {
		if p.crossings[i].last.SKU == c.SKU && c.Low != stock.NoMark {
			p.crossings[i].low = c.Low
		}
	}
}

// mark is where the setting of a mark has its row.
type mark struct {
	row   int
	trace string
}

func (p *publication) crossed(c stock.Crossed) {
	for i := range p.crossings {
		if p.crossings[i].last.SKU == c.SKU {
			p.crossings[i].last, p.crossings[i].low = c, c.Low
			return
		}
	}
	p.crossings = append(p.crossings, crossing{c.From, c, c.Low})
}

// thresholds publishes which SKUs stand otherwise after an entry than before it.
func (p *publication) thresholds() {
	for _, c := range p.crossings {
		if c.from != c.last.To {
			e, row := p.threshold(c)
			p.events, p.rows = append(p.events, e), append(p.rows, row)
		}
	}
}

// threshold is the event of a crossing, and the row that has it: that of the SKU's last change
// in the entry, or else of its mark.
func (p *publication) threshold(c crossing) (ports.Threshold, int) {
	sku, marked := c.last.SKU, p.marks[c.last.SKU]
	e := ports.Threshold{
		EventHeader: ports.EventHeader{ID: thresholdID(p.id, p.at.Version, sku), OccurredAt: timeOf(p.at), Trace: marked.trace},
		SKU:         string(sku), WarehouseID: p.id.Scope(), Region: p.region, Threshold: c.last.To.String(), LowMark: c.low,
		OnHand: c.last.OnHand, Held: c.last.Held, Version: p.at.Version,
	}
	row := marked.row
	if i, ok := p.levels[sku]; ok {
		l := p.events[i].(ports.StockLevel)
		row, e.Trace, e.OnHand, e.Held = p.rows[i], l.Trace, l.OnHand, l.Held
	}
	e.Available = max(0, e.OnHand-e.Held)
	return e, row
}

// thresholdID is the id of what an entry tells of a SKU's mark.
func thresholdID(id ledger.ID, version int64, sku stock.SKU) ledger.UUID {
	return ledger.NewUUIDv5(ledger.Namespace, fmt.Sprintf("%s:%d:threshold:%s", id, version, sku))
}

// marked adds the row of a mark.
func (d *derivation) marked(c stock.MarkSet) error {
	m, row := metadata{Actor: c.Actor, Trace: c.Trace}, ports.EventRow{SKU: string(c.SKU), WarehouseID: d.id.Scope(), EventType: MarkedEvent, Source: c.Source}
	if c.Low != stock.NoMark {
		m.LowMark, row.Quantity = &c.Low, c.Low
	}
	return d.row(row, m)
}

// crossed has the row of the change that made a SKU cross say so.
func (d *derivation) crossed(c stock.Crossed) error {
	for i := len(d.rows.Events) - 1; i >= 0; i-- {
		r := &d.rows.Events[i]
		if r.SKU != string(c.SKU) {
			continue
		}
		told, err := ReadMetadata(*r)
		if err != nil {
			return err
		}
		m := metadata(told)
		if m.Version != d.at.Version {
			break
		}
		m.Threshold, m.LowMark = c.To.String(), &c.Low
		r.Metadata, err = m.json()
		return err
	}
	return fmt.Errorf("%w: sku %s crossed to %s without a change", ledger.ErrCorrupt, c.SKU, c.To)
}
