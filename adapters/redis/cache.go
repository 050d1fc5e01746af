package redis

import (
	"context"
	_ "embed"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"inventory/ports"
)

// Cache implements ports.LevelCache.
type Cache struct {
	cfg  Config
	link *link
}

var _ ports.LevelCache = (*Cache)(nil)

// The script that puts a level in its place; see there. Redis has it by its hash, and is given
// it again where it was restarted.
var (
	//go:embed put.lua
	putText string
	put     = rueidis.NewLuaScript(putText)
)

// New makes a cache. Redis need not be there: until it is, and while it is away, calls fail
// at once with ports.ErrTransient. A configuration that can't be right is ports.ErrPermanent.
func New(cfg Config) (*Cache, error) {
	option, err := cfg.option()
	if err != nil {
		return nil, err
	}
	return &Cache{cfg: cfg, link: newLink(option)}, nil
}

// Close ends all connections.
func (c *Cache) Close() { c.link.close() }

// Lasting returns a handle on the same cache, by which what is stored lasts as long as is said.
func (c *Cache) Lasting(ttl, lease time.Duration) *Cache {
	other := *c
	other.cfg.TTL, other.cfg.Lease = ttl, lease
	return &other
}

// Get implements ports.LevelCache.
func (c *Cache) Get(ctx context.Context, keys []ports.LevelKey) ([]ports.Cached, error) {
	all := make([]ports.Cached, len(keys))
	err := c.call(ctx, len(keys), func(client rueidis.Client) error {
		names := make([]string, 0, len(keys))
		for _, k := range keys {
			names = append(names, c.name(k))
		}
		found, err := mget(ctx, client, names)
		if err != nil {
			return err
		}
		for i, k := range keys {
			if text, err := found[i].ToString(); err == nil {
				all[i] = read(k, text)
			} else if !rueidis.IsRedisNil(err) {
				return err
			}
		}
		return nil
	})
	return all, err
}

// mget gets the values of keys, in their order; those of a cluster from the node of each.
func mget(ctx context.Context, client rueidis.Client, names []string) ([]rueidis.RedisMessage, error) {
	if client.Mode() != rueidis.ClientModeCluster {
		return client.Do(ctx, client.B().Mget().Key(names...).Build()).ToArray()
	}
	byName, err := rueidis.MGet(client, ctx, names)
	if err != nil {
		return nil, err
	}
	found := make([]rueidis.RedisMessage, 0, len(names))
	for _, name := range names {
		found = append(found, byName[name])
	}
	return found, nil
}

// Claim implements ports.LevelCache.
func (c *Cache) Claim(ctx context.Context, by string, keys []ports.LevelKey) ([]bool, error) {
	mine := make([]bool, len(keys))
	err := c.call(ctx, len(keys), func(client rueidis.Client) error {
		all := make(rueidis.Commands, 0, len(keys))
		for _, k := range keys {
			all = append(all, client.B().Set().Key(c.name(k)).Value(claimOf(by)).Nx().Px(c.cfg.Lease).Build())
		}
		for i, r := range client.DoMulti(ctx, all...) {
			err := r.Error()
			if err != nil && !rueidis.IsRedisNil(err) {
				return err
			}
			mine[i] = err == nil
		}
		return nil
	})
	return mine, err
}

// Fill implements ports.LevelCache.
func (c *Cache) Fill(ctx context.Context, by string, levels []ports.CachedLevel) (stored int, err error) {
	return c.put(ctx, claimOf(by), levels)
}

// Tell implements ports.LevelCache.
func (c *Cache) Tell(ctx context.Context, levels []ports.CachedLevel) error {
	_, err := c.put(ctx, "", levels)
	return err
}

// put runs the script for each of some levels.
func (c *Cache) put(ctx context.Context, claim string, levels []ports.CachedLevel) (stored int, err error) {
	err = c.call(ctx, len(levels), func(client rueidis.Client) error {
		all := make([]rueidis.LuaExec, 0, len(levels))
		for _, l := range levels {
			all = append(all, rueidis.LuaExec{
				Keys: []string{c.name(l.LevelKey)},
				Args: []string{textOf(l), strconv.FormatInt(l.Version, 10), strconv.FormatInt(c.lasts().Milliseconds(), 10), claim},
			})
		}
		for _, r := range put.ExecMulti(ctx, client, all...) {
			n, err := r.AsInt64()
			if err != nil {
				return err
			}
			stored += int(n)
		}
		return nil
	})
	return stored, err
}

// lasts is how long a level lasts: what was filled in together is not to be missed together.
func (c *Cache) lasts() time.Duration {
	return max(time.Millisecond, c.cfg.TTL-rand.N(c.cfg.TTL/5+1))
}

func (c *Cache) name(k ports.LevelKey) string {
	return c.cfg.Prefix + ":level1:" + k.WarehouseID + ":" + k.SKU
}

// call makes a call about some keys on the connection that there is.
func (c *Cache) call(ctx context.Context, keys int, do func(rueidis.Client) error) error {
	if err := ctx.Err(); err != nil || keys == 0 {
		return err
	}
	client, done, err := c.link.take()
	if err != nil {
		return err
	}
	defer done()
	return errorOf(do(client))
}
