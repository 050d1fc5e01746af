package cassandra

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"inventory/schemas"
)

func TestStatementsAreDivided(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                     nil,
		" \n-- nothing\n// here\n/* at all */": nil,
		";;":                                   nil,
		"A; B;":                                {"A", "B"},
		"A -- ; not the end\n B;":              {"A   B"},
		"A /* ; \n */ B;":                      {"A   B"},
		"A 'x; --y' B;":                        {"A 'x; --y' B"},
		"A 'it''s; so' B;":                     {"A 'it''s; so' B"},
		`A "q;""r" B;`:                         {`A "q;""r" B`},
		"A $$ ; ' $$ B;":                       {"A $$ ; ' $$ B"},
	} {
		got, err := splitCQL(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestStatementsThatDoNotEndAreRefused(t *testing.T) {
	for _, text := range []string{"A", "A; B", "A 'x;", `A "x;`, "A $$ x;", "A /* x;"} {
		if got, err := splitCQL(text); err == nil {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func FuzzSplitCQL(f *testing.F) {
	f.Add("CREATE TABLE t (k int PRIMARY KEY); -- c\nDROP TABLE 'x;''y' /* z */;")
	f.Fuzz(func(t *testing.T, text string) {
		statements, err := splitCQL(text)
		if err != nil {
			return
		}
		again, err := splitCQL(strings.Join(statements, ";\n") + ";")
		if err != nil || !slices.Equal(again, statements) {
			t.Errorf("%q was divided into %q, and these into %q, %v", text, statements, again, err)
		}
	})
}

func TestReleasedMigrationsAreReadable(t *testing.T) {
	migrations, err := readMigrations(schemas.CQL)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"schema_migrations", "ledger", "ledger_snapshot", "events", "stock_level", "reservation", "adjustment",
		"warehouse", "setting", "global_stock", "member", "outbox",
	}
	if got := tablesOf(migrations); !slices.Equal(got, want) {
		t.Errorf("tables are %q, want %q", got, want)
	}
	for _, m := range migrations {
		for _, s := range m.statements {
			if strings.Contains(s, "inventory.") {
				t.Errorf("%s names a keyspace: %s", m.name, s)
			}
		}
	}
}

func TestMisplacedMigrationsAreRefused(t *testing.T) {
	good := &fstest.MapFile{Data: []byte("CREATE TABLE IF NOT EXISTS t (k int PRIMARY KEY);")}
	for word, files := range map[string]fstest.MapFS{
		"number 1":     {"cql/0000_a.cql": good, "cql/0002_b.cql": good},
		"number 0":     {"cql/0001_a.cql": good},
		"NNNN_name":    {"cql/0000-a.cql": good},
		"can't be run": {"cql/0000_a.cql": &fstest.MapFile{Data: []byte("CREATE TABLE t (k int PRIMARY KEY);")}},
		"semicolon":    {"cql/0000_a.cql": &fstest.MapFile{Data: []byte("CREATE TABLE IF NOT EXISTS t")}},
	} {
		if _, err := readMigrations(files); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("got error %v, want one with %q", err, word)
		}
	}
}

func TestRecordedMigrationsAreCompared(t *testing.T) {
	all := []migration{{version: 0}, {version: 1, name: "0001_a.cql", checksum: "aa"}, {version: 2, name: "0002_b.cql", checksum: "bb"}}
	missing, err := compareMigrations(all, map[int]recordedMigration{1: {"0001_a.cql", "aa"}})
	if err != nil || len(missing) != 1 || missing[0].version != 2 {
		t.Errorf("missing are %v, %v", missing, err)
	}
	for word, recorded := range map[string]map[int]recordedMigration{
		"never changes": {1: {"0001_a.cql", "changed"}},
		"newer":         {1: {"0001_a.cql", "aa"}, 2: {"0002_b.cql", "bb"}, 3: {"0003_c.cql", "cc"}},
	} {
		if _, err := compareMigrations(all, recorded); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("got error %v, want one with %q", err, word)
		}
	}
}
