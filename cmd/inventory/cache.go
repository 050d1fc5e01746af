package main

import (
	"fmt"
	"net"
	"time"

	"inventory/adapters/memory"
	"inventory/adapters/redis"
	"inventory/adapters/tlsfiles"
	"inventory/app/cache"
	"inventory/ports"
)

// redisSettings say how Redis is spoken to.
type redisSettings struct {
	Username string        `placeholder:"NAME" help:"User name of Redis, where it has several; the password comes from INVENTORY_REDIS_PASSWORD alone."`
	TLS      bool          `name:"tls" help:"Speak TLS with Redis."`
	CA       string        `name:"ca" placeholder:"FILE" help:"With --redis-tls: certificates that Redis's chains to, in PEM, instead of the system's."`
	Cert     string        `placeholder:"FILE" help:"With --redis-tls: a certificate that Redis knows us by, in PEM."`
	Key      string        `placeholder:"FILE" help:"Its private key, in PEM."`
	Prefix   string        `placeholder:"TEXT" help:"What all keys begin with: another one for each store. Default: Cassandra's keyspace."`
	TTL      time.Duration `name:"ttl" default:"5s" help:"How long a level is kept, or a little less: so old one may be at most, whatever fails. 100ms to 5m; usually it is some milliseconds old."`
	password string
}

// redisFaults says what can be seen to be wrong before anything is opened.
func (s *settings) redisFaults(fault func(bad bool, format string, args ...any)) {
	r := s.RedisLink
	for _, addr := range s.Redis {
		_, _, err := net.SplitHostPort(addr)
		fault(err != nil, "--redis=%s: expected HOST:PORT, such as 127.0.0.1:6379", addr)
	}
	fault(r.TTL < cache.MinTTL || r.TTL > cache.MaxTTL, "--redis-ttl=%s: expected %s to %s", r.TTL, cache.MinTTL, cache.MaxTTL)
	fault((r.Cert == "") != (r.Key == ""), "--redis-cert and --redis-key: expected both, or neither")
	fault(!r.TLS && r.CA+r.Cert != "", "--redis-ca, --redis-cert and --redis-key: expected with --redis-tls")
	fault(len(s.Redis) > 0 && s.Store != storeCassandra, "--redis: expected with --store=cassandra: one process alone has all levels in memory")
}

// openCache makes the cache of levels: Redis, or on a store that only one process can use its
// memory. nil: there is none. Redis need not be there now.
func (n *node) openCache(cfg cache.Config) (ports.LevelCache, error) {
	switch {
	case n.s.Store != storeCassandra:
		return memory.NewCache(cfg.TTL, cfg.Lease, time.Now), nil
	case len(n.s.Redis) == 0:
		return nil, nil
	}
	r := n.s.RedisLink
	found := redis.Config{
		Addrs: n.s.Redis, Username: r.Username, Password: r.password, Prefix: r.Prefix, TTL: cfg.TTL, Lease: cfg.Lease,
	}
	if found.Prefix == "" {
		found.Prefix = n.s.Cassandra.Keyspace
	}
	if r.TLS {
		var err error
		if found.TLS, err = (tlsfiles.Files{Of: "Redis", CA: r.CA, Cert: r.Cert, Key: r.Key}).Config(); err != nil {
			return nil, fmt.Errorf("%w: %w", ports.ErrPermanent, err)
		}
	}
	c, err := redis.New(found)
	if err != nil {
		return nil, err
	}
	n.closers.addQuiet(c.Close)
	return c, nil
}
