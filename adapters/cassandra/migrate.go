package cassandra

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/ports"
	"inventory/schemas"
)

const (
	cqlRecorded = `SELECT version, name, checksum FROM schema_migrations`
	cqlRecord   = `INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?) IF NOT EXISTS`
)

// schemaTimeout is long because a change of schema waits for all nodes.
const schemaTimeout = 60 * time.Second

// Migrate makes the keyspace, where there is none, and applies the migrations that it does
// not have, whose files it returns. It may be run at any time, and twice at once: a
// migrator claims the keyspace, and others wait. One that dies half way loses its claim
// after a minute; the next one begins again with the migration that was under way, every
// statement of which is harmless to run twice.
//
// An empty replication stands for what an existing keyspace has. It refuses, and changes
// nothing, where the keyspace is replicated otherwise, is newer than this program, or had
// other migrations applied under the same numbers.
func Migrate(ctx context.Context, cfg Config, replication Replication) (applied []string, err error) {
	cfg, err = cfg.withDefaults()
	if err = errors.Join(err, replication.validate()); err != nil {
		return nil, fmt.Errorf("%w: %w", ports.ErrPermanent, err)
	}
	migrations, err := readMigrations(schemas.CQL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ports.ErrPermanent, err)
	}
	if err := makeKeyspace(ctx, cfg, replication); err != nil {
		return nil, err
	}
	session, err := connectMigrator(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("migrate keyspace %s: %w: %w", cfg.Keyspace, ports.ErrTransient, err)
	}
	defer session.Close()
	m := migrator{session: session, keyspace: cfg.Keyspace, dc: cfg.DC, id: rand.Text()}
	applied, err = m.run(ctx, migrations)
	if err != nil {
		return applied, fmt.Errorf("migrate keyspace %s: %w", cfg.Keyspace, err)
	}
	return applied, nil
}

// schemaCluster is for statements that define a schema, and for transactions of all regions.
func schemaCluster(cfg Config) *gocql.ClusterConfig {
	c := baseCluster(cfg, nil)
	c.Timeout = max(cfg.Timeout, schemaTimeout)
	c.NumConns = 1
	c.Consistency = gocql.Quorum
	c.SerialConsistency = gocql.Serial
	c.DefaultTimestamp = false
	return c
}

// connectMigrator tries again: on a cluster that has just started, a node may not know yet
// that the keyspace was made.
func connectMigrator(ctx context.Context, cfg Config) (session *gocql.Session, err error) {
	err = again(ctx, schemaTries, func() (bool, error) {
		session, err = connect(ctx, schemaCluster(cfg))
		return err == nil, err
	})
	return session, err
}

// makeKeyspace makes the keyspace where there is none, and checks its replication where
// there is one.
func makeKeyspace(ctx context.Context, cfg Config, want Replication) error {
	op := "keyspace " + cfg.Keyspace
	bare := cfg
	bare.Keyspace = ""
	session, err := connect(ctx, schemaCluster(bare))
	if err != nil {
		return diagnose(ctx, bare, err)
	}
	defer session.Close()
	have, err := readReplication(ctx, session, cfg.Keyspace)
	switch {
	case errors.Is(err, errNoKeyspace):
		if err := checkPlacement(want, cfg.DC, dataCentres(session)); err != nil {
			return fmt.Errorf("%s: %w: %w", op, ports.ErrPermanent, err)
		}
		m := migrator{session: session, dc: cfg.DC}
		return writeError(op, m.define(ctx, createKeyspace(cfg.Keyspace, want)))
	case err != nil:
		return readError(op, err)
	case len(want) > 0 && !maps.Equal(have, want):
		return fmt.Errorf("%s: %w: it is replicated as %v, not as %v: ask for what it has, "+
			"or change it by ALTER KEYSPACE and repair it on each node", op, ports.ErrPermanent, have, want)
	}
	return nil
}

// checkPlacement: a replica in a data centre that isn't there makes every quorum wait for
// it in vain, and is a misspelt name.
func checkPlacement(r Replication, home string, known []string) error {
	var errs []error
	if len(r) == 0 {
		errs = append(errs, errors.New("it does not exist, and no replication was given to make it with, such as dc1=3"))
	} else if r[home] == 0 {
		errs = append(errs, fmt.Errorf("replication %v leaves out this region's data centre %s", r, home))
	}
	for _, dc := range slices.Sorted(maps.Keys(r)) {
		if !slices.Contains(known, dc) {
			errs = append(errs, fmt.Errorf("replication %v: no node is in data centre %s; the cluster has %q", r, dc, known))
		}
	}
	return errors.Join(errs...)
}

// migrator applies migrations to one keyspace.
type migrator struct {
	session  *gocql.Session
	keyspace string
	dc       string
	id       string // in its claim
}

// run applies what is missing, in order.
func (m *migrator) run(ctx context.Context, migrations []migration) (applied []string, err error) {
	for _, s := range migrations[0].statements { // the table of migrations itself
		if err := m.define(ctx, s); err != nil {
			return nil, writeError(migrations[0].name, err)
		}
	}
	if err := m.claim(ctx); err != nil {
		return nil, err
	}
	defer m.release(ctx)
	recorded, err := readRecorded(ctx, m.session, gocql.Quorum)
	if err != nil {
		return nil, readError("table schema_migrations", err)
	}
	missing, err := compareMigrations(migrations, recorded)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ports.ErrPermanent, err)
	}
	for _, migration := range missing {
		if err := m.apply(ctx, migration); err != nil {
			return applied, fmt.Errorf("%s: %w", migration.name, err)
		}
		applied = append(applied, migration.name)
	}
	return applied, nil
}

func (m *migrator) apply(ctx context.Context, migration migration) error {
	if err := m.renew(ctx); err != nil {
		return err
	}
	for _, s := range migration.statements {
		if err := m.define(ctx, s); err != nil {
			return writeError(fmt.Sprintf("%.60q", s), err)
		}
	}
	// Recorded already by a migrator that took us for dead: it has run the same statements.
	_, err := m.transact(ctx, cqlRecord, migration.version, migration.name, migration.checksum, time.Now())
	return writeError("record it", err)
}

// define runs a statement that defines a schema, and waits until all nodes agree. Its error
// is the driver's.
func (m *migrator) define(ctx context.Context, statement string) error {
	return again(ctx, schemaTries, func() (bool, error) {
		q := m.session.Query(statement)
		if host := m.schemaHost(); host != "" {
			q.SetHostID(host)
		}
		err := q.ExecContext(ctx)
		if err == nil {
			err = m.session.AwaitSchemaAgreement(ctx)
		}
		return err == nil || !isSettling(err), err
	})
}

// schemaHost names the node that all migrators of a region change the schema on: two nodes
// that make the same table at once make two, of which one is lost with what is in it.
func (m *migrator) schemaHost() string {
	first := ""
	for _, h := range m.session.GetHosts() {
		if id := h.HostID(); h.IsUp() && h.DataCenter() == m.dc && (first == "" || id < first) {
			first = id
		}
	}
	return first
}

// transact makes a transaction of all regions until its outcome is known. Its error is the
// driver's.
func (m *migrator) transact(ctx context.Context, cql string, args ...any) (o outcome, err error) {
	err = again(ctx, schemaTries, func() (bool, error) {
		o, err = conditional(ctx, m.session.Query(cql, args...).NoSkipMetadata(), nil)
		return err == nil || !isSettling(err), err
	})
	return o, err
}
