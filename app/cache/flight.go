package cache

import (
	"context"
	"sync"

	"inventory/ports"
)

// flights has each level read once at a time, however many ask for it.
type flights struct {
	mu  sync.Mutex
	all map[ports.LevelKey]*flight
}

// flight is a level that is being read.
type flight struct {
	landed chan struct{} // closed when the others are to be read
	level  Level
	ok     bool  // else whoever waits reads it himself
	err    error // why it can't be read by anybody
}

// board joins the flights of keys. Those that are nil in joined are this caller's own to land.
func (f *flights) board(keys []ports.LevelKey) (joined, own []*flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	joined, own = make([]*flight, len(keys)), make([]*flight, len(keys))
	for i, k := range keys {
		if joined[i] = f.all[k]; joined[i] == nil {
			own[i] = &flight{landed: make(chan struct{})}
			f.all[k] = own[i]
		}
	}
	return joined, own
}

// land ends a flight of the caller's own.
func (f *flights) land(k ports.LevelKey, own *flight, level Level, ok bool, err error) {
	own.level, own.ok, own.err = level, ok, err
	f.mu.Lock()
	delete(f.all, k)
	f.mu.Unlock()
	close(own.landed)
}

// wait waits for another's flight. ok is false where it came to nothing that is of use to others.
func (f *flight) wait(ctx context.Context) (level Level, ok bool, err error) {
	select {
	case <-ctx.Done():
		return Level{}, false, context.Cause(ctx)
	case <-f.landed:
		return f.level, f.ok, f.err
	}
}
