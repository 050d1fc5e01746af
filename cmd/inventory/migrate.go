package main

import (
	"context"
	"fmt"

	"inventory/adapters/cassandra"
)

type migrateCmd struct{}

// execute implements command.
func (migrateCmd) execute(ctx context.Context, p *program) error {
	switch p.settings.Store {
	case storeCassandra:
		return p.migrateCassandra(ctx)
	case storeSQLite:
		store, err := openSQLite(ctx, p.settings.DataDir)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "The SQLite store in %s is up to date: it is migrated whenever it is opened.\n", p.settings.DataDir)
		return store.close()
	}
	return fmt.Errorf("%w: --store=%s has no tables to migrate", errUsage, p.settings.Store)
}

func (p *program) migrateCassandra(ctx context.Context) error {
	c := p.settings.Cassandra
	var replication cassandra.Replication
	if c.Replication != "" {
		var err error
		if replication, err = cassandra.ParseReplication(c.Replication); err != nil {
			return fmt.Errorf("%w: --cassandra-replication: %w", errUsage, err)
		}
	}
	applied, err := cassandra.Migrate(ctx, c.config(), replication)
	for _, name := range applied {
		fmt.Fprintln(p.stdout, "applied", name)
	}
	if err != nil {
		return err
	}
	if len(applied) == 0 {
		fmt.Fprintf(p.stdout, "Keyspace %s is up to date.\n", c.Keyspace)
		return nil
	}
	fmt.Fprintf(p.stdout, "Keyspace %s is migrated.\n", c.Keyspace)
	return nil
}
