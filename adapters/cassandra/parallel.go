package cassandra

import (
	"context"
	"sync"
)

// each calls do for 0 to n-1, as many at once as room has places, and returns the first
// error. After one it begins no more, and waits for those under way. Several calls may share
// room.
func each(ctx context.Context, room chan struct{}, n int, do func(i int) error) error {
	var (
		wg     sync.WaitGroup
		once   sync.Once
		first  error
		failed = make(chan struct{})
	)
	fail := func(err error) {
		once.Do(func() {
			first = err
			close(failed)
		})
	}
begin:
	for i := range n {
		select {
		case room <- struct{}{}:
		case <-failed:
			break begin
		case <-ctx.Done():
			fail(ctx.Err())
			break begin
		}
		wg.Go(func() {
			defer func() { <-room }()
			if err := do(i); err != nil {
				fail(err)
			}
		})
	}
	wg.Wait()
	return first
}
