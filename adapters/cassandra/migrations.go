package cassandra

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
)

// migration is one file of the schema.
type migration struct {
	version    int
	name       string // the file's
	checksum   string // SHA-256 in hexadecimal digits
	statements []string
}

var migrationName = regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.cql$`)

// readMigrations reads cql/NNNN_name.cql in order; numbers are gapless from 0.
func readMigrations(files fs.FS) ([]migration, error) {
	paths, err := fs.Glob(files, "cql/*")
	if err != nil {
		return nil, err
	}
	migrations := make([]migration, 0, len(paths))
	for i, path := range paths { // in lexical order
		m, err := readMigration(files, path)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", path, err)
		}
		if m.version != i {
			return nil, fmt.Errorf("migration %s: number %d expected", path, i)
		}
		migrations = append(migrations, m)
	}
	return migrations, nil
}

func readMigration(files fs.FS, path string) (migration, error) {
	name := strings.TrimPrefix(path, "cql/")
	match := migrationName.FindStringSubmatch(name)
	if match == nil {
		return migration{}, fmt.Errorf("its name is not NNNN_name.cql")
	}
	text, err := fs.ReadFile(files, path)
	if err != nil {
		return migration{}, err
	}
	statements, err := splitCQL(string(text))
	if err != nil {
		return migration{}, err
	}
	for _, s := range statements {
		if !repeatable.MatchString(s) {
			return migration{}, fmt.Errorf("%.60q: without IF NOT EXISTS or IF EXISTS it can't be run again", s)
		}
	}
	version, err := strconv.Atoi(match[1])
	sum := sha256.Sum256(text)
	return migration{version: version, name: name, checksum: hex.EncodeToString(sum[:]), statements: statements}, err
}

// repeatable: a migrator that died half way leaves no trace but what it made, so that each
// statement must be harmless to run again.
var repeatable = regexp.MustCompile(`(?i)\bIF\s+(NOT\s+)?EXISTS\b`)

// splitCQL divides a file into its statements, without comments and without the semicolons
// that end them.
func splitCQL(text string) ([]string, error) {
	var statements []string
	var b strings.Builder
	for len(text) > 0 {
		kind, n := cqlToken(text)
		switch kind {
		case tokenOpen:
			return nil, fmt.Errorf("%.30q is not ended", text)
		case tokenComment:
			b.WriteByte(' ')
		case tokenEnd:
			statements = appendStatement(statements, b.String())
			b.Reset()
		case tokenText:
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	if strings.TrimSpace(b.String()) != "" {
		return nil, fmt.Errorf("%.60q does not end with a semicolon", strings.TrimSpace(b.String()))
	}
	return statements, nil
}

func appendStatement(statements []string, s string) []string {
	if s = strings.TrimSpace(s); s == "" {
		return statements
	}
	return append(statements, s)
}

type tokenKind int

const (
	tokenText    tokenKind = iota // part of a statement
	tokenComment                  // to be left out
	tokenEnd                      // a semicolon between statements
	tokenOpen                     // a string or comment that does not end
)

// cqlToken says what text begins with, and how long that is in bytes.
func cqlToken(text string) (kind tokenKind, n int) {
	switch {
	case strings.HasPrefix(text, "--"), strings.HasPrefix(text, "//"):
		return tokenComment, lengthUntil(text, "\n", len(text))
	case strings.HasPrefix(text, "/*"):
		return closed(tokenComment, lengthUntil(text, "*/", -1))
	case strings.HasPrefix(text, "$$"):
		return closed(tokenText, lengthUntil(text, "$$", -1))
	case text[0] == '\'':
		return closed(tokenText, lengthUntil(text, "'", -1)) // '' within it ends one and begins another
	case text[0] == '"':
		return closed(tokenText, lengthUntil(text, `"`, -1))
	case text[0] == ';':
		return tokenEnd, 1
	default:
		return tokenText, 1
	}
}

func closed(kind tokenKind, n int) (tokenKind, int) {
	if n < 0 {
		return tokenOpen, 0
	}
	return kind, n
}

// lengthUntil is the length of text up to and with the next end after its first byte or
// two, none where there is no end.
func lengthUntil(text, end string, none int) int {
	skip := min(len(end), len(text))
	i := strings.Index(text[skip:], end)
	if i < 0 {
		return none
	}
	return skip + i + len(end)
}
