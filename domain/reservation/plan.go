package reservation

import (
	"fmt"
	"slices"
	"strings"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// plan chooses warehouses by the levels as they now are, and asks for the stock.
func (t *step) plan() ledger.Decision {
	lines := asked(t.o.Lines)
	candidates, err := t.candidates(lines)
	if err != nil {
		return t.invalid(err.Error())
	}
	exact := true
	sourcing := Source(lines, candidates, func(id stock.WarehouseID, sku stock.SKU) int64 {
		w, ok := t.s.stock.Warehouse(id)
		if !ok {
			return 0
		}
		n, sure := t.s.stock.Available(w, sku)
		exact = exact && sure
		if !sure {
			n = t.corrected(n, id, sku)
		}
		return n + t.returned(w, sku)
	})
	switch short := len(sourcing.Shortages) > 0; {
	case short && t.o.Final && len(t.o.Silent) > 0:
		return t.putOff() // whoever is silent may have it, and a rejection is for ever
	case short && (t.o.Tries > 0 || exact && !t.o.Final):
		t.o.Shortages = sourcing.Shortages
		return t.refuse()
	}
	t.o.Lines = sourcing.Lines
	t.o.end(Planned, "")
	return t.ask()
}

// corrected is what a level that may be a little old says, unless a ledger has just said that
// there is less: it would be asked again, and say the same.
func (t *step) corrected(n int64, id stock.WarehouseID, sku stock.SKU) int64 {
	for _, short := range t.short {
		if short.Warehouse == id && short.SKU == sku {
			return min(n, short.Available)
		}
	}
	return n
}

// returned is what the last plan took and this step releases, in units: it is there for
// the next plan, since a Hold follows the Release, but levels don't show it yet.
func (t *step) returned(w stock.Warehouse, sku stock.SKU) int64 {
	if !slices.Contains(t.freed, w.LedgerOf(sku)) {
		return 0
	}
	var n int64
	for _, l := range t.o.Lines {
		if l.Warehouse == w.ID && l.SKU == sku {
			n += l.Quantity
		}
	}
	return n
}

// candidates lists the warehouses that free lines may come from; an error says that the
// order can't be served as it stands.
func (t *step) candidates(lines []Line) ([]stock.Warehouse, error) {
	for _, l := range lines {
		if !l.Named {
			continue
		}
		if _, ok := t.s.stock.Warehouse(l.Warehouse); !ok {
			return nil, fmt.Errorf("unknown warehouse %s", l.Warehouse)
		}
	}
	region := t.o.Region
	if region == "" {
		region = t.s.cfg.DefaultRegion
	}
	var in []stock.Warehouse
	silent := 0
	for _, w := range t.s.stock.Warehouses(region) {
		if slices.ContainsFunc(t.o.Silent, func(id ledger.ID) bool { return id.Scope() == string(w.ID) }) {
			silent++
			continue
		}
		in = append(in, w)
	}
	free := slices.ContainsFunc(lines, func(l Line) bool { return !l.Named })
	if free && len(in)+silent == 0 {
		return nil, fmt.Errorf("no warehouse in region %q", region)
	}
	return in, nil
}

func (t *step) ask() ledger.Decision {
	if slices.ContainsFunc(t.o.Lines, func(l Line) bool { return l.Warehouse == "" }) {
		return t.putOff() // every warehouse that could serve a line is silent
	}
	items, err := t.layLegs()
	switch {
	case err != nil:
		return t.invalid(err.Error())
	case t.fresh && t.crowded():
		return t.busy()
	}
	return t.askLegs(items)
}

// giveUp follows a plan or a late pick that was not answered in time: what may be held
// is released, which is safe since a Release follows its Hold.
func (t *step) giveUp() ledger.Decision {
	var silent []string
	for _, leg := range t.o.Legs {
		if leg.State == Asked {
			t.o.Silent = append(t.o.Silent, leg.Ledger)
			silent = append(silent, string(leg.Ledger))
		}
	}
	t.releaseLegs(InsufficientStock)
	if len(silent) > 0 {
		t.o.Detail = "no answer from " + strings.Join(silent, ", ")
	}
	switch {
	case t.o.LatePick:
		t.o.Silent = nil
		return t.latePickFailed(t.o.Detail)
	case t.at.At >= t.o.PlannedAt+t.o.TTL:
		return t.refuse()
	case len(silent) > 0 && t.named(t.o.Silent):
		return t.putOff()
	case len(silent) == 0:
		t.o.Silent = nil // put off before: whoever was silent is asked again
	}
	return t.plan()
}

// named tells whether a line names a warehouse that did not answer.
func (t *step) named(silent []ledger.ID) bool {
	return slices.ContainsFunc(t.o.Lines, func(l Line) bool {
		return l.Named && slices.ContainsFunc(silent, func(id ledger.ID) bool { return id.Scope() == string(l.Warehouse) })
	})
}

// putOff lets the order wait, holding nothing, for as long as a plan may take.
func (t *step) putOff() ledger.Decision {
	t.o.Legs, t.after = nil, nil
	t.o.Due = t.until()
	return t.done(NoEvent)
}
