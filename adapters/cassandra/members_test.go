package cassandra

import (
	"slices"
	"sync"
	"testing"
	"time"
)

func TestStampsGrowWhateverTheClockDoes(t *testing.T) {
	var s stamps
	noon := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	var got []int64
	for _, now := range []time.Time{noon, noon, noon.Add(time.Hour), noon, noon.Add(-time.Hour), noon.Add(2 * time.Hour)} {
		got = append(got, s.next(now)-noon.UnixMicro())
	}
	hour := time.Hour.Microseconds()
	if want := []int64{0, 1, hour, hour + 1, hour + 2, 2 * hour}; !slices.Equal(got, want) {
		t.Errorf("stamps are %d µs after noon, want %d", got, want)
	}
}

func TestStampsOfManyAtOnceDiffer(t *testing.T) {
	const each = 1000
	var s stamps
	var wg sync.WaitGroup
	got := make([]int64, 8*each)
	for i := range 8 {
		wg.Go(func() {
			for n := range each {
				got[i*each+n] = s.next(time.UnixMicro(7))
			}
		})
	}
	wg.Wait()
	slices.Sort(got)
	if distinct := len(slices.Compact(got)); distinct != 8*each {
		t.Errorf("%d stamps are distinct, want %d", distinct, 8*each)
	}
}
