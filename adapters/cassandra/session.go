package cassandra

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/domain/ledger"
	"inventory/ports"
)

const (
	protocolVersion   = 5               // Cassandra 4.0 and later
	reconnectInterval = 1 * time.Second // how soon a node that was down is used again
	coalesceWait      = 200 * time.Microsecond
)

// Store keeps journals, tables, directory and members in one keyspace. Its methods may be called
// from many goroutines.
type Store struct {
	cfg Config

	// lwt makes conditional writes, and serial reads that settle them. It never tries again
	// by itself: only the caller knows what an unknown write may mean.
	lwt *gocql.Session
	// plain does everything else, all of it idempotent.
	plain *gocql.Session

	slow     *slowHosts
	limits   limits
	inFlight chan struct{} // a token per batch or chunk on its way
	stamps   stamps
}

var (
	_ ports.Journal       = (*Store)(nil)
	_ ports.JournalReader = (*Store)(nil)
	_ ports.Snapshots     = (*Store)(nil)
	_ ports.Tables        = (*Store)(nil)
	_ ports.Archive       = (*Store)(nil)
	_ ports.Books         = (*Store)(nil)
	_ ports.Directory     = (*Store)(nil)
	_ ports.Members       = (*Store)(nil)
)

// Open connects to a keyspace that Migrate has made. It says what is missing where it
// can't; Check says whether what it found is fit for use. The driver takes no context:
// Open returns when its connect timeouts are over at the latest.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ports.ErrPermanent, err)
	}
	s := &Store{cfg: cfg, slow: newSlowHosts(), inFlight: make(chan struct{}, cfg.WritesInFlight)}
	if s.lwt, err = connect(ctx, lwtCluster(cfg, s.slow)); err != nil {
		return nil, diagnose(ctx, cfg, err)
	}
	if s.plain, err = connect(ctx, plainCluster(cfg, s.slow)); err != nil {
		s.Close()
		return nil, diagnose(ctx, cfg, err)
	}
	if s.limits, err = s.readLimits(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends all connections. Calls under way fail. Where a node has just been lost, the
// driver may need some seconds to see the end of its attempts to get it back.
func (s *Store) Close() {
	var wg sync.WaitGroup
	for _, session := range []*gocql.Session{s.lwt, s.plain} {
		if session != nil {
			wg.Go(session.Close)
		}
	}
	wg.Wait()
}

func connect(ctx context.Context, c *gocql.ClusterConfig) (*gocql.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.CreateSession()
}

// lwtCluster: a commit goes to the same replica each time, is sent at once and made once,
// and carries no timestamp of ours.
func lwtCluster(cfg Config, slow *slowHosts) *gocql.ClusterConfig {
	c := baseCluster(cfg, slow)
	c.Timeout = cfg.LWTTimeout
	c.WriteCoalesceWaitTime = 0
	c.DefaultTimestamp = false
	return c
}

// plainCluster: reads and writes that may be made twice are, once more and on another
// node. This is the one place where the adapter tries again.
func plainCluster(cfg Config, slow *slowHosts) *gocql.ClusterConfig {
	c := baseCluster(cfg, slow)
	c.Timeout = cfg.Timeout
	c.WriteCoalesceWaitTime = coalesceWait
	c.RetryPolicy = &gocql.SimpleRetryPolicy{NumRetries: 1}
	c.DefaultIdempotence = true
	return c
}

func baseCluster(cfg Config, slow *slowHosts) *gocql.ClusterConfig {
	c := gocql.NewCluster(cfg.Hosts...)
	c.ProtoVersion = protocolVersion
	_, c.Port, _ = splitHost(cfg.Hosts[0])
	c.Keyspace = cfg.Keyspace
	c.ConnectTimeout = cfg.ConnectTimeout
	c.NumConns = cfg.NumConns
	c.Consistency = gocql.LocalQuorum
	c.SerialConsistency = gocql.LocalSerial
	c.ReconnectInterval = reconnectInterval
	c.ReconnectionPolicy = &gocql.ConstantReconnectionPolicy{MaxRetries: 1, Interval: reconnectInterval}
	c.Metadata.CacheMode = gocql.KeyspaceOnly // all that routing by token needs
	// Without the filter the driver turns to other data centres when the local nodes are down,
	// and LOCAL_SERIAL would mean another data centre's quorum: two owners of one ledger.
	c.HostFilter = gocql.DataCenterHostFilter(cfg.DC)
	c.PoolConfig.HostSelectionPolicy = slow.policy(gocql.TokenAwareHostPolicy(
		gocql.DCAwareRoundRobinPolicy(cfg.DC), gocql.DoNotShuffleReplicas()))
	if cfg.Dialer != nil {
		c.Dialer = cfg.Dialer
	}
	if cfg.Username != "" {
		c.Authenticator = gocql.PasswordAuthenticator{Username: cfg.Username, Password: cfg.Password}
	}
	if cfg.TLS != nil {
		c.SslOpts = sslOptions(*cfg.TLS)
	}
	return c
}

func sslOptions(t TLS) *gocql.SslOptions {
	return &gocql.SslOptions{
		Config: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			ServerName:         t.ServerName,
			InsecureSkipVerify: t.InsecureSkipVerify, // off unless a test asks for it by this name
		},
		CaPath:                 t.CAFile,
		CertPath:               t.CertFile,
		KeyPath:                t.KeyFile,
		EnableHostVerification: !t.InsecureSkipVerify,
	}
}

// diagnose looks why no session could be made: the driver says no more than that it has no
// connections, whether nobody listens, the data centre is misspelt or the keyspace is
// missing.
func diagnose(ctx context.Context, cfg Config, cause error) error {
	op := "connect to Cassandra"
	if isContextError(cause) {
		return fmt.Errorf("%s: %w", op, cause)
	}
	keyspace := cfg.Keyspace
	cfg.Keyspace = ""
	c := plainCluster(cfg, nil)
	c.HostFilter = nil
	session, err := connect(ctx, c)
	if err != nil {
		return fmt.Errorf("%s: %w: no connection to %s: %w", op, ports.ErrTransient, strings.Join(cfg.Hosts, ", "), cause)
	}
	defer session.Close()
	if dcs := dataCentres(session); !slices.Contains(dcs, cfg.DC) {
		return fmt.Errorf("%s: %w: no node is in data centre %q; the cluster has %q", op, ports.ErrPermanent, cfg.DC, dcs)
	}
	if keyspace != "" {
		if _, err = readReplication(ctx, session, keyspace); errors.Is(err, errNoKeyspace) {
			return fmt.Errorf("%s: %w: keyspace %s does not exist: run `inventory migrate`", op, ports.ErrPermanent, keyspace)
		}
	}
	return fmt.Errorf("%s: %w: no node of data centre %s answers: %w", op, ports.ErrTransient, cfg.DC, errors.Join(cause, err))
}

// dataCentres lists the names of the data centres that a session knows, sorted.
func dataCentres(session *gocql.Session) []string {
	var dcs []string
	for _, h := range session.GetHosts() {
		dcs = append(dcs, h.DataCenter())
	}
	slices.Sort(dcs)
	return slices.Compact(dcs)
}

func uuid(u ledger.UUID) gocql.UUID { return gocql.UUID(u) }
