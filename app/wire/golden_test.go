package wire_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inventory/app/wire"
	"inventory/domain/ledger"
)

var (
	seed   = flag.Int64("seed", rand.Int64(), "seed of the random tests")
	update = flag.Bool("update", false, "write the golden files of testdata again")
)

// golden fails the test where a text is not what was written once and for all.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (written with -update)", err)
	}
	if got != string(want) {
		t.Errorf("%s: the encoding has changed: members of two versions don't understand each other any more\ngot:\n%swant:\n%s", name, got, want)
	}
}

// hexLines writes bytes in hexadecimal digits, 32 a line.
func hexLines(b []byte) string {
	var out strings.Builder
	for part := range slices.Chunk(b, 32) {
		out.WriteString(hex.EncodeToString(part) + "\n")
	}
	return out.String()
}

func TestTheEncodingOfMessagesIsFixedForEver(t *testing.T) {
	for name, m := range sampleMessages() {
		golden(t, name+".v1.hex", hexLines(encoded(t, m)))
	}
}

func TestAMessageThatWasDamagedIsCorrupt(t *testing.T) {
	for name, m := range sampleMessages() {
		whole := encoded(t, m)
		for n := range whole {
			if _, err := codec.Decode(whole[:n]); !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("%s cut off after %d bytes: got %v", name, n, err)
			}
		}
		if _, err := codec.Decode(append(bytes.Clone(whole), 0)); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s with a byte too many: got %v", name, err)
		}
	}
}

func TestALedgerOrALevelThatCannotBeIsCorrupt(t *testing.T) {
	for name, text := range map[string]string{
		"a scope with a slash": "\x42\x01\x03a/b\x00\x00\x00", "no scope": "\x42\x01\x00\x00\x00\x00", "a number below 0": "\x42\x01\x01W\x01\x00\x00",
		"an unknown kind of ledger": "\x42\x09\x01W\x00\x00\x00", "a name that is none": "\x42\x00\x04none\x00\x00",
		"a level below 0": "\x21\x02\x0b\x01\x01\x02\x01\x00\x02\x02\x01\x00\x00\x00",
	} {
		if m, err := codec.Decode([]byte(text)); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s: got %+v, %v", name, m, err)
		}
	}
}

func TestWhatOnlyANewerVersionKnowsIsSaidSo(t *testing.T) {
	command := encoded(t, wire.Ask{Ledger: home, Command: sampleCommands()["get"]})
	command[len(command)-17] = 99
	for name, b := range map[string][]byte{"a message": {99, 1, 2}, "a command": command, "an outcome": {32, 99, 0}} {
		if _, err := codec.Decode(b); !errors.Is(err, wire.ErrUnknownMessage) || errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s: got %v, want ErrUnknownMessage", name, err)
		}
	}
}

// What a newer version adds at the end of a frame is left, and what is after it is read.
func TestALevelAndAStatusMayBeGivenMore(t *testing.T) {
	level, status := ledger.Writer{}, ledger.Writer{}
	level.Byte(33)
	status.Byte(35)
	for _, w := range []*ledger.Writer{&level, &status} {
		w.Int(2)
	}
	for range 2 {
		level.Framed(func(w *ledger.Writer) {
			w.Bool(true)
			w.Bool(false)
			w.String("more")
		})
		status.Framed(func(w *ledger.Writer) {
			w.Byte(1)
			w.String("W1")
			w.Int(0)
			w.String("member-1")
			for n := range 6 {
				w.Int(int64(n + 1))
			}
			w.String("more")
		})
	}
	same(t, wire.LevelAnswer{Levels: []wire.Level{{Owned: true}, {Owned: true}}}, decoded(t, level.Bytes()))
	one := wire.Status{Ledger: w1, Owner: "member-1", Epoch: 1, Version: 2, Relayed: 3, Waiting: 4, Mail: 5, Holds: 6}
	same(t, wire.StatusAnswer{Ledgers: []wire.Status{one, one}}, decoded(t, status.Bytes()))
}

func decoded(t *testing.T, b []byte) wire.Message {
	t.Helper()
	m, err := codec.Decode(b)
	if err != nil {
		t.Fatalf("%x: %v", b, err)
	}
	return m
}
