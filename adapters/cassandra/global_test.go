package cassandra

import (
	"testing"
	"time"

	"inventory/ports"
)

func TestTheTimestampOfATotalGrowsWithItsVersionAndTellsOthersOfTheSameApart(t *testing.T) {
	row := func(version, onHand int64) ports.GlobalRow {
		return ports.GlobalRow{SKU: "S", Region: "south", OnHand: onHand, Version: version, AsOf: time.UnixMilli(onHand)}
	}
	seen := map[int64]bool{}
	for version := int64(1); version < 1<<50; version *= 3 {
		for onHand := range int64(50) {
			at := stampOf(row(version, onHand))
			if at != stampOf(row(version, onHand)) || at < stampOf(row(version-1, 7)) || stampOf(row(version+1, 9)) <= at {
				t.Fatalf("version %d, %d on hand: %d", version, onHand, at)
			}
			seen[at] = true
		}
		if len(seen) < 40 {
			t.Fatalf("50 rows of version %d have %d timestamps", version, len(seen))
		}
		clear(seen)
	}
}
