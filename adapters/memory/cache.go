package memory

import (
	"context"
	"sync"
	"time"

	"inventory/ports"
)

// Cache is a ports.LevelCache of one process. It forgets nothing but what is too old, so it is for
// stores that are small enough for one process.
type Cache struct {
	*shelf
	ttl, lease time.Duration
}

// shelf is what all handles on a cache have in common.
type shelf struct {
	now func() time.Time

	mu     sync.Mutex
	levels map[ports.LevelKey]cached
	swept  time.Time
}

var _ ports.LevelCache = (*Cache)(nil)

// cached is a level, or a claim of it.
type cached struct {
	level ports.CachedLevel
	by    string // whose claim it is; empty: a level
	until time.Time
}

// NewCache returns an empty cache whose levels last for ttl, and claims for lease.
func NewCache(ttl, lease time.Duration, now func() time.Time) *Cache {
	return &Cache{shelf: &shelf{now: now, levels: map[ports.LevelKey]cached{}}, ttl: ttl, lease: lease}
}

// Lasting returns a handle on the same cache, by which what is stored lasts as long as is said.
func (c *Cache) Lasting(ttl, lease time.Duration) *Cache { return &Cache{c.shelf, ttl, lease} }

// Get implements ports.LevelCache.
func (c *Cache) Get(ctx context.Context, keys []ports.LevelKey) ([]ports.Cached, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]ports.Cached, len(keys))
	for i, k := range keys {
		if is, ok := c.get(k); ok {
			all[i] = ports.Cached{Level: is.level, Found: is.by == "", Claimed: is.by != ""}
		}
	}
	return all, nil
}

// Claim implements ports.LevelCache.
func (c *Cache) Claim(ctx context.Context, by string, keys []ports.LevelKey) ([]bool, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sweep()
	mine := make([]bool, len(keys))
	for i, k := range keys {
		if _, ok := c.get(k); !ok {
			c.levels[k], mine[i] = cached{by: by, until: c.now().Add(c.lease)}, true
		}
	}
	return mine, nil
}

// Fill implements ports.LevelCache.
func (c *Cache) Fill(ctx context.Context, by string, levels []ports.CachedLevel) (stored int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range levels {
		if is, ok := c.get(l.LevelKey); ok && (is.by == by || is.by == "") && c.put(is, l) {
			stored++
		}
	}
	return stored, nil
}

// Tell implements ports.LevelCache.
func (c *Cache) Tell(ctx context.Context, levels []ports.CachedLevel) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range levels {
		if is, ok := c.get(l.LevelKey); ok {
			c.put(is, l)
		}
	}
	return nil
}

// get finds what is not too old; c.mu is held.
func (c *Cache) get(k ports.LevelKey) (cached, bool) {
	is, ok := c.levels[k]
	return is, ok && c.now().Before(is.until)
}

// put puts a level in the place of a claim or of an older one; c.mu is held.
func (c *Cache) put(is cached, l ports.CachedLevel) bool {
	switch {
	case is.by != "":
		is = cached{until: c.now().Add(c.ttl)}
	case l.Version <= is.level.Version:
		return false
	}
	is.level = l
	c.levels[l.LevelKey] = is
	return true
}

// sweep takes out what is too old, once in a time to live; c.mu is held.
func (c *Cache) sweep() {
	now := c.now()
	if now.Sub(c.swept) < c.ttl {
		return
	}
	c.swept = now
	for k, is := range c.levels {
		if !now.Before(is.until) {
			delete(c.levels, k)
		}
	}
}
