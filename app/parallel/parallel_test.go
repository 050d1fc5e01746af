package parallel_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"inventory/app/parallel"
)

func TestEachIsDoneOnceAndNoMoreAtOnceThanMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, most = 100, 4
		var done [n]atomic.Int32
		var underWay atomic.Int32
		open, all := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(all)
			parallel.Each(n, most, func(i int) {
				underWay.Add(1)
				<-open
				done[i].Add(1)
			})
		}()
		synctest.Wait()
		if got := underWay.Load(); got != most {
			t.Errorf("%d at once, expected %d", got, most)
		}
		close(open)
		<-all
		for i := range done {
			if got := done[i].Load(); got != 1 {
				t.Errorf("%d was done %d times", i, got)
			}
		}
	})
}

func TestAfterAnErrorNoMoreIsBegun(t *testing.T) {
	fault := errors.New("no")
	calls := 0
	err := parallel.Do(100, 1, func(i int) error {
		calls++
		if i == 2 {
			return fault
		}
		return nil
	})
	if !errors.Is(err, fault) || calls != 3 {
		t.Errorf("%d calls, %v", calls, err)
	}
}
