package letters

import (
	"context"
	"hash/fnv"
	"sync"
)

// laneDepth is how many letters wait in a lane before those of other lanes have to wait too.
const laneDepth = 64

// lanes handle letters side by side, but those of one key one after the other, whatever their
// topic: they are about one order. Letters without a key share a lane.
type lanes struct {
	in      []chan *fetched
	working sync.WaitGroup
}

func newLanes(n int, do func(*fetched)) *lanes {
	l := &lanes{in: make([]chan *fetched, n)}
	for i := range l.in {
		in := make(chan *fetched, laneDepth)
		l.in[i] = in
		l.working.Go(func() {
			for f := range in {
				do(f)
			}
		})
	}
	return l
}

// put hands a letter to its lane; false where ctx ended first.
func (l *lanes) put(ctx context.Context, f *fetched) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(f.Key)) // never fails
	select {
	case l.in[int(h.Sum32()%uint32(len(l.in)))] <- f:
		return true
	case <-ctx.Done():
		return false
	}
}

// finish waits until all letters that were put are handled.
func (l *lanes) finish() {
	for _, in := range l.in {
		close(in)
	}
	l.working.Wait()
}
