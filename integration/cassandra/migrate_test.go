package cassandra_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"inventory/adapters/cassandra"
	"inventory/ports"
)

// newKeyspace names a keyspace that isn't there, and is dropped when the test ends.
func newKeyspace(t *testing.T) string {
	t.Helper()
	name := "inventory_test_" + strings.ToLower(rand.Text()[:10])
	a := admin(t, "")
	t.Cleanup(func() {
		if err := a.Query("DROP KEYSPACE IF EXISTS " + name).Exec(); err != nil {
			t.Error(err)
		}
	})
	return name
}

func replication() cassandra.Replication {
	return cassandra.Replication{server.CassandraDC(): min(3, len(server.CassandraHosts()))}
}

// migrate must succeed, and returns what it applied.
func migrate(t *testing.T, keyspace string, r cassandra.Replication) []string {
	t.Helper()
	applied, err := cassandra.Migrate(t.Context(), config(keyspace), r)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

// wantRefused fails the test unless err is permanent and says word.
func wantRefused(t *testing.T, err error, word string) {
	t.Helper()
	if !errors.Is(err, ports.ErrPermanent) || !strings.Contains(err.Error(), word) {
		t.Fatalf("got error %v, want a permanent one with %q", err, word)
	}
}

// wantChecked fails the test unless Check says all of words, or nothing where there are none.
func wantChecked(t *testing.T, cfg cassandra.Config, words ...string) {
	t.Helper()
	s, err := cassandra.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Check(t.Context())
	if len(words) == 0 && err != nil {
		t.Fatalf("Check: %v", err)
	}
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Fatalf("Check: got error %v, want one with %q", err, word)
		}
	}
}

// One keyspace, since making one takes seconds: each part leaves it as it was.
func TestMigrations(t *testing.T) {
	ks := newKeyspace(t)
	applied := migrate(t, ks, replication())
	if len(applied) < 5 || applied[0] != "0001_journal.cql" || !slices.IsSorted(applied) {
		t.Fatalf("applied %q", applied)
	}
	wantChecked(t, config(ks))
	for name, part := range map[string]func(t *testing.T, ks string){
		"migrating again applies nothing":               migrateAgain,
		"a migrator that died holds up nobody for long": migratorDied,
		"a changed migration is refused":                migrationChanged,
		"a keyspace newer than the program is refused":  keyspaceNewer,
		"a table that was dropped is missed":            tableDropped,
	} {
		t.Run(name, func(t *testing.T) { part(t, ks) })
	}
}

func migrateAgain(t *testing.T, ks string) {
	for _, r := range []cassandra.Replication{replication(), nil} {
		if again := migrate(t, ks, r); len(again) > 0 {
			t.Errorf("applied %q again", again)
		}
	}
}

// forget makes the last migration one that is not recorded.
func forget(t *testing.T, ks string) {
	t.Helper()
	exec(t, admin(t, ks), `DELETE FROM schema_migrations WHERE version = 5 IF EXISTS`)
}

func migratorDied(t *testing.T, ks string) {
	// It died before it recorded its last migration, with its claim about to lapse.
	forget(t, ks)
	exec(t, admin(t, ks), `INSERT INTO schema_migrations (version, claimed_by) VALUES (0, 'the dead') IF NOT EXISTS USING TTL 3`)
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := cassandra.Migrate(impatient, config(ks), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with a cancelled context: %v", err)
	}
	if applied := migrate(t, ks, nil); !slices.Equal(applied, []string{"0005_fleet.cql"}) {
		t.Errorf("applied %q", applied)
	}
	wantChecked(t, config(ks))
}

func migrationChanged(t *testing.T, ks string) {
	a := admin(t, ks)
	var checksum string
	if err := a.Query(`SELECT checksum FROM schema_migrations WHERE version = 2`).Scan(&checksum); err != nil {
		t.Fatal(err)
	}
	const set = `UPDATE schema_migrations SET checksum = ? WHERE version = 2 IF EXISTS`
	exec(t, a, set, "abc")
	_, err := cassandra.Migrate(t.Context(), config(ks), nil)
	wantRefused(t, err, "0002_derived.cql was applied as 0002_derived.cql with checksum abc")
	wantChecked(t, config(ks), "0002_derived.cql was applied")
	exec(t, a, set, checksum)
}

func keyspaceNewer(t *testing.T, ks string) {
	a := admin(t, ks)
	exec(t, a, `INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, '9999_later.cql', 'abc') IF NOT EXISTS`)
	_, err := cassandra.Migrate(t.Context(), config(ks), nil)
	wantRefused(t, err, "newer than this program: it has migration 9999_later.cql")
	wantChecked(t, config(ks), "upgrade the program")
	exec(t, a, `DELETE FROM schema_migrations WHERE version = 9999 IF EXISTS`)
}

func tableDropped(t *testing.T, ks string) {
	exec(t, admin(t, ks), `DROP TABLE member`)
	wantChecked(t, config(ks), "table member is gone")
	forget(t, ks)
	wantChecked(t, config(ks), "migration 0005_fleet.cql is not applied: run `inventory migrate`")
	migrate(t, ks, nil)
	wantChecked(t, config(ks))
}

func TestMigratorsAtOnceApplyEachMigrationOnce(t *testing.T) {
	ks := newKeyspace(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all []string
	for range 4 {
		wg.Go(func() {
			applied, err := cassandra.Migrate(t.Context(), config(ks), replication())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, applied...)
		})
	}
	wg.Wait()
	slices.Sort(all)
	if len(all) < 5 || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("applied %q", all)
	}
	wantChecked(t, config(ks))
}

func TestAnotherReplicationIsReportedAndNotChanged(t *testing.T) {
	ks := newKeyspace(t)
	a := admin(t, "")
	exec(t, a, "CREATE KEYSPACE "+ks+" WITH replication = {'class': 'NetworkTopologyStrategy', '"+server.CassandraDC()+"': 2}")
	_, err := cassandra.Migrate(t.Context(), config(ks), cassandra.Replication{server.CassandraDC(): 3})
	wantRefused(t, err, "it is replicated as "+server.CassandraDC()+"=2, not as "+server.CassandraDC()+"=3")
	var tables int
	if err := a.Query(`SELECT count(*) FROM system_schema.tables WHERE keyspace_name = ?`, ks).Scan(&tables); err != nil || tables > 0 {
		t.Errorf("%d tables were made, %v", tables, err)
	}
}

func TestAKeyspaceIsOnlyMadeWhereItsReplicasCanBe(t *testing.T) {
	ks := newKeyspace(t)
	for word, r := range map[string]cassandra.Replication{
		"no replication was given":           nil,
		"no node is in data centre atlantis": {server.CassandraDC(): 1, "atlantis": 3},
		"leaves out":                         {"atlantis": 3},
		"0 replicas":                         {server.CassandraDC(): 0},
	} {
		_, err := cassandra.Migrate(t.Context(), config(ks), r)
		wantRefused(t, err, word)
	}
}
