package cassandra

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// recordedMigration is a row of schema_migrations.
type recordedMigration struct{ name, checksum string }

// readRecorded reads which migrations were applied, by their numbers. Its error is the
// driver's.
func readRecorded(ctx context.Context, session *gocql.Session, level gocql.Consistency) (map[int]recordedMigration, error) {
	iter := session.Query(cqlRecorded).Consistency(level).IterContext(ctx)
	recorded := map[int]recordedMigration{}
	var version int
	var r recordedMigration
	for iter.Scan(&version, &r.name, &r.checksum) {
		if version > 0 { // 0 is a migrator's claim
			recorded[version] = r
		}
	}
	return recorded, iter.Close()
}

// compareMigrations returns the migrations that are not recorded, in order. It fails where
// what is recorded is not what this program has.
func compareMigrations(migrations []migration, recorded map[int]recordedMigration) (missing []migration, err error) {
	var errs []error
	for _, m := range migrations[1:] {
		r, ok := recorded[m.version]
		switch {
		case !ok:
			missing = append(missing, m)
		case r.checksum != m.checksum:
			errs = append(errs, fmt.Errorf("migration %s was applied as %s with checksum %.12s, this program has it with %.12s: "+
				"a released migration never changes; use the program that applied it, or a later one",
				m.name, r.name, r.checksum, m.checksum))
		}
	}
	newest := migrations[len(migrations)-1]
	for _, version := range slices.Sorted(maps.Keys(recorded)) {
		if version > newest.version {
			errs = append(errs, fmt.Errorf("the keyspace is newer than this program: it has migration %s, "+
				"the program's last one is %s: upgrade the program", recorded[version].name, newest.name))
		}
	}
	return missing, errors.Join(errs...)
}
