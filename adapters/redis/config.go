package redis

import (
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/redis/rueidis"

	"inventory/ports"
)

// Config says where Redis is, and how long things last there.
type Config struct {
	// Addrs has one server's address, host:port, or those of some of a cluster's.
	Addrs    []string
	Username string
	Password string
	TLS      *tls.Config // nil: plain text
	// Prefix begins all keys: another one for each store.
	Prefix string
	// TTL is how long a level lasts at most, Lease how long a claim does.
	TTL   time.Duration
	Lease time.Duration
}

const (
	dialTimeout = time.Second
	// silence is after how long a connection on which nothing comes back is given up.
	silence = time.Second
)

// option gives the library's configuration. What it does for caching in this process is off: a
// reader sees what the owner told without a message in between that may be late.
func (c Config) option() (rueidis.ClientOption, error) {
	if len(c.Addrs) == 0 {
		return rueidis.ClientOption{}, fmt.Errorf("%w: redis: expected an address", ports.ErrPermanent)
	}
	for _, addr := range c.Addrs {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return rueidis.ClientOption{}, fmt.Errorf("%w: redis: %w: expected HOST:PORT", ports.ErrPermanent, err)
		}
	}
	if c.TTL < time.Millisecond || c.Lease < time.Millisecond {
		return rueidis.ClientOption{}, fmt.Errorf("%w: redis: time to live %s, lease %s: expected 1ms or more", ports.ErrPermanent, c.TTL, c.Lease)
	}
	return rueidis.ClientOption{
		InitAddress: c.Addrs, Username: c.Username, Password: c.Password, TLSConfig: c.TLS, ClientName: "inventory",
		Dialer:       net.Dialer{Timeout: dialTimeout, KeepAlive: silence},
		DisableCache: true, DisableRetry: true, ConnWriteTimeout: silence,
	}, nil
}
