package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/adapters/cassandra"
	"inventory/adapters/system"
	"inventory/integration/stack"
)

// onCassandra is a keyspace of one run.
type onCassandra struct {
	store   *cassandra.Store
	session *gocql.Session
	plain   *plainWay
	name    string
}

func openCassandra(ctx context.Context, skus int) (*onCassandra, error) {
	servers, ok := stack.FromEnv()
	if !ok {
		return nil, errors.New("no Cassandra: run it as make bench-hot, which starts one")
	}
	cfg := cassandra.Config{
		Hosts: servers.CassandraHosts(), DC: servers.CassandraDC(),
		Keyspace: "bench_" + strings.ReplaceAll(system.NewUUID().String(), "-", "")[:12],
	}
	if _, err := cassandra.Migrate(ctx, cfg, cassandra.Replication{cfg.DC: 1}); err != nil {
		return nil, err
	}
	store, err := cassandra.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	c := &onCassandra{store: store, name: cfg.Keyspace}
	cluster := gocql.NewCluster(cfg.Hosts...)
	cluster.Keyspace, cluster.Timeout, cluster.NumConns = cfg.Keyspace, 10*time.Second, 4
	cluster.Consistency, cluster.SerialConsistency = gocql.LocalQuorum, gocql.LocalSerial
	if c.session, err = cluster.CreateSession(); err == nil {
		c.plain, err = newPlainWay(ctx, c.session, skus)
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// close drops the keyspace.
func (c *onCassandra) close() error {
	c.store.Close()
	if c.session == nil {
		return nil
	}
	defer c.session.Close()
	if err := c.session.Query("DROP KEYSPACE IF EXISTS " + c.name).Exec(); err != nil {
		return fmt.Errorf("dropping the keyspace of this run: %w", err)
	}
	return nil
}
