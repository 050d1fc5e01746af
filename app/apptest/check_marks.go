package apptest

import (
	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// mark is a low mark, and what was told of it last.
type mark struct {
	low  int64
	told string
}

// noteMarks proves that after each entry what was told last of a SKU with a mark is so.
func (v *view) noteMarks(id ledger.ID, e *ledger.Entry) {
	for _, c := range e.Changes {
		switch c := c.(type) {
		case stock.MarkSet:
			at := place{stock.WarehouseID(id.Scope()), c.SKU}
			m, ok := v.marks[at]
			if !ok {
				m.told = "BACK"
			}
			m.low = c.Low
			v.marks[at] = m
			if c.Low == stock.NoMark {
				delete(v.marks, at)
			}
		case stock.Crossed:
			at := place{stock.WarehouseID(id.Scope()), c.SKU}
			m, ok := v.marks[at]
			if !ok || m.told != c.From.String() || c.To == c.From {
				v.found.add("%s: entry %d: %+v, but %q was told last", id, e.Version, c, m.told)
			}
			m.told = c.To.String()
			v.marks[at] = m
			v.h.c.count("thresholds crossed")
		}
	}
	for at, m := range v.marks {
		if at.warehouse == stock.WarehouseID(id.Scope()) && m.told != standing(*v.level(at), m.low) {
			v.found.add("%s: entry %d: %s was told last of %s: %+v, mark %d", id, e.Version, m.told, at.sku, *v.level(at), m.low)
		}
	}
}

func standing(l naive, low int64) string {
	switch left := l.onHand - l.held; {
	case left <= 0:
		return "OUT"
	case left <= low:
		return "LOW"
	}
	return "BACK"
}
