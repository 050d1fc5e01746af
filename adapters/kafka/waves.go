package kafka

import (
	"inventory/ports"
)

// wavesOf divides events into what may be on its way at once: an outcome waits for the
// earlier outcome of the same key, so that a failure of one can't let a later one be first.
// Levels and totals go with the last wave, in their order: their versions say which is newer.
// It returns indices of events.
func wavesOf(events []ports.PublicEvent) [][]int {
	waves := make([][]int, 1)
	depth := make(map[string]int, len(events))
	var levels []int
	for i, e := range events {
		switch e.(type) {
		case ports.StockLevel, ports.GlobalStock:
			levels = append(levels, i)
			continue
		}
		d := depth[e.Key()]
		depth[e.Key()] = d + 1
		if d == len(waves) {
			waves = append(waves, nil)
		}
		waves[d] = append(waves[d], i)
	}
	last := len(waves) - 1
	waves[last] = append(waves[last], levels...)
	return waves
}
