package ledger

import (
	"bytes"
	"encoding/hex"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

var (
	seed   = flag.Int64("seed", rand.Int64(), "seed of the random tests")
	update = flag.Bool("update", false, "write the golden files of testdata again")
)

// golden fails the test where bytes are not those that were written once and for all.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(hexLines(got)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (written with -update)", err)
	}
	if hexLines(got) != string(want) {
		t.Errorf("%s: the encoding has changed: what was written before can't be read any more\ngot:\n%swant:\n%s", name, hexLines(got), want)
	}
}

// hexLines writes bytes in hexadecimal digits, 32 a line.
func hexLines(b []byte) string {
	var out bytes.Buffer
	for len(b) > 0 {
		n := min(32, len(b))
		out.WriteString(hex.EncodeToString(b[:n]) + "\n")
		b = b[n:]
	}
	return out.String()
}
