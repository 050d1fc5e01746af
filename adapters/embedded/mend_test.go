package embedded

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

func writeFile(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func appendFile(t testing.TB, path string, content []byte) {
	t.Helper()
	writeFile(t, path, append(readFile(t, path), content...))
}

// Offsets committed after a start over half an entry must survive the next kill too.
func TestOffsetsCommittedBehindAHalfWrittenOneAreNotForgotten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "broker")
	groups := filepath.Join(dir, "groups.log")
	commit := func(offset int64) {
		broker := startChild(t, dir)
		defer broker.kill()
		if offset == 1 {
			createTopic(t, broker.addr, "orders", 1, nil)
		}
		client := committer(t, broker.addr)
		defer client.Close()
		if err := commitOffset(t.Context(), client, 0, offset); err != nil {
			t.Fatal(err)
		}
	}
	commit(1)
	entry := readFile(t, groups)
	appendFile(t, groups, entry[:len(entry)/2])
	commit(2)
	b := startBroker(t, BrokerConfig{DataDir: dir})
	if got := committed(t, b.Addr(), 0); got != 2 {
		t.Errorf("committed %d, expected 2", got)
	}
}

func TestHalfARecordAtTheEndDoesNotStopTheNextStart(t *testing.T) {
	for _, tail := range []struct {
		name string
		of   func(batch []byte) []byte
	}{
		{"half a batch", func(batch []byte) []byte { return batch[:len(batch)/2] }},
		{"a few bytes", func(batch []byte) []byte { return batch[:5] }},
		{"zeros", func(batch []byte) []byte { return make([]byte, len(batch)) }},
		{"a batch with a wrong checksum", func(batch []byte) []byte {
			return append(bytes.Clone(batch[:len(batch)-1]), batch[len(batch)-1]^1)
		}},
	} {
		t.Run(tail.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "broker")
			broker := startChild(t, dir)
			createTopic(t, broker.addr, "orders", 1, nil)
			produce(t, broker.addr, &kgo.Record{Topic: "orders", Value: []byte("whole")})
			broker.kill()
			path := filepath.Join(dir, "partitions", "orders-0", "0.dat")
			appendFile(t, path, tail.of(readFile(t, path)))
			warned := startAndProduceOneMore(t, dir)
			if !strings.Contains(warned, "orders-0") {
				t.Errorf("warned %q, expected the partition to be named", warned)
			}
		})
	}
}

func startAndProduceOneMore(t *testing.T, dir string) (warned string) {
	t.Helper()
	var said strings.Builder
	b := startBroker(t, BrokerConfig{DataDir: dir, Warn: func(m string) { said.WriteString(m + "\n") }})
	produce(t, b.Addr(), &kgo.Record{Topic: "orders", Value: []byte("next")})
	got := strings.Join(contents(consumeAll(t, b.Addr(), "orders")), " ")
	if want := "0/0 =whole 0/1 =next"; got != want {
		t.Errorf("%q, expected %q", got, want)
	}
	return said.String()
}

func TestEntriesAreFoundAroundWhatIsBroken(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "broker")
	b := startBroker(t, BrokerConfig{DataDir: dir})
	createTopic(t, b.Addr(), "orders", 1, nil)
	if err := commitOffset(t.Context(), committer(t, b.Addr()), 0, 1); err != nil {
		t.Fatal(err)
	}
	entry := readFile(t, filepath.Join(dir, "groups.log"))
	entry = entry[:entryBytes(entry)]
	if len(entry) == 0 {
		t.Fatal("no entry")
	}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for i, raw := range [][]byte{
		join(entry, entry),
		join(entry, entry[:7], entry),
		join([]byte{0, 0, 0, 0, 0}, entry, entry[3:], entry[:len(entry)-1]),
	} {
		whole := wholeEntries(raw)
		want := bytes.Count(raw, entry)
		if !bytes.Equal(whole, bytes.Repeat(entry, want)) {
			t.Errorf("%d: %d bytes, expected %d entries of %d", i, len(whole), want, len(entry))
		}
	}
}
