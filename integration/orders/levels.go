package orders

import (
	"time"

	"inventory/ports"
)

// Outdated tells how often a level was published after a newer one of the same place, and for how
// long at most such a one was the last that was heard. open tells where one still is.
func (m *Market) Outdated() (times int, longest time.Duration, open []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	newest, since := map[place]int64{}, map[place]time.Time{}
	for _, h := range m.all {
		if h.Topic != ports.StockLevelTopic {
			continue
		}
		at := place{h.Value.SKU, h.Value.WarehouseID}
		began, outdated := since[at]
		switch {
		case h.Value.Version < newest[at] && !outdated:
			times, since[at] = times+1, h.at
		case h.Value.Version >= newest[at]:
			newest[at] = h.Value.Version
			if outdated {
				longest = max(longest, h.at.Sub(began))
				delete(since, at)
			}
		}
	}
	for at := range since {
		open = append(open, at.sku+" in "+at.warehouse)
	}
	return times, longest, open
}

// Levels are the last ones that were published: on hand and held, by SKU and warehouse.
func (m *Market) Levels() map[[2]string][2]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	levels := map[[2]string][2]int64{}
	_, last := m.levels()
	for at, l := range last {
		levels[[2]string{at.sku, at.warehouse}] = [2]int64{l.OnHand, l.Held}
	}
	return levels
}

// Told is what the events of an order that is not the market's say of it, in units by SKU and
// warehouse.
func (m *Market) Told(order string) (reserved int, held, picked map[[2]string]int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held, picked = map[[2]string]int64{}, map[[2]string]int64{}
	f := fateOf(m.others[order])
	for at, units := range f.left {
		held[[2]string{at.sku, at.warehouse}] = units
	}
	for at, units := range f.picked {
		picked[[2]string{at.sku, at.warehouse}] = units
	}
	return f.reserved + f.rejected, held, picked
}
