package porttest

import (
	"bytes"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"strings"

	"inventory/ports"
)

var snapshotTests = map[string]func(*journalTest){
	"chunks are read back as one":         snapshotRoundTrip,
	"written twice it is the same":        snapshotTwice,
	"one that never was is reported":      snapshotAbsent,
	"a missing chunk is reported":         snapshotChunkMissing,
	"damage is reported":                  snapshotDamaged,
	"dropped it is gone, and others stay": snapshotDropped,
}

// makeSnapshot returns chunks of the given sizes in bytes, of random contents, and the
// ref to them.
func makeSnapshot(version, epoch int64, sizes ...int) (ports.SnapshotRef, [][]byte) {
	src := rand.NewChaCha8([32]byte{byte(version), byte(epoch)})
	chunks := make([][]byte, len(sizes))
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	for i, size := range sizes {
		chunks[i] = make([]byte, size)
		_, _ = src.Read(chunks[i])
		_, _ = sum.Write(chunks[i])
	}
	return ports.SnapshotRef{Version: version, Epoch: epoch, Chunks: len(chunks), Checksum: sum.Sum32()}, chunks
}

func (t *journalTest) writeSnapshot(ref ports.SnapshotRef, chunks [][]byte) {
	t.Helper()
	must(t.T, "WriteSnapshot", func() error { return t.store.WriteSnapshot(t.ctx, t.id, ref, chunks) })
}

func (t *journalTest) wantSnapshot(ref ports.SnapshotRef, chunks [][]byte) {
	t.Helper()
	want := bytes.Join(chunks, nil)
	for _, s := range t.stores {
		var got []byte
		must(t.T, "ReadSnapshot", func() (err error) {
			got, err = s.ReadSnapshot(t.ctx, t.id, ref)
			return err
		})
		if !bytes.Equal(got, want) {
			t.Fatalf("snapshot %+v has %d bytes, want %d, or they differ", ref, len(got), len(want))
		}
	}
}

// wantNoSnapshot fails the test unless reading is refused with a message that has word.
func (t *journalTest) wantNoSnapshot(ref ports.SnapshotRef, word string) {
	t.Helper()
	err := settle(func() error {
		_, err := t.store.ReadSnapshot(t.ctx, t.id, ref)
		return err
	})
	if !errors.Is(err, ports.ErrPermanent) {
		t.Fatalf("ReadSnapshot of %+v: got error %v, want %v", ref, err, ports.ErrPermanent)
	}
	if !strings.Contains(err.Error(), word) {
		t.Fatalf("ReadSnapshot of %+v: error %q does not say %q", ref, err, word)
	}
}

func snapshotRoundTrip(t *journalTest) {
	for version, sizes := range [][]int{{0}, {1}, {1000, 1000, 7}, {1 << 20, 1 << 20, 1 << 20}, {10, 0, 10}, make([]int, 12)} {
		ref, chunks := makeSnapshot(int64(version), 3, sizes...)
		t.writeSnapshot(ref, chunks)
		t.wantSnapshot(ref, chunks)
	}
	t.wantHead(ports.Head{}) // nothing points to them yet
}

func snapshotTwice(t *journalTest) {
	ref, chunks := makeSnapshot(5, 1, 100, 100, 50)
	t.writeSnapshot(ref, chunks)
	t.writeSnapshot(ref, chunks)
	t.wantSnapshot(ref, chunks)
}

func snapshotAbsent(t *journalTest) {
	ref, chunks := makeSnapshot(5, 1, 100, 100)
	t.wantNoSnapshot(ref, "chunk 0")
	t.writeSnapshot(ref, chunks)
	for _, other := range []ports.SnapshotRef{
		{Version: 4, Epoch: 1, Chunks: 2, Checksum: ref.Checksum},
		{Version: 5, Epoch: 2, Chunks: 2, Checksum: ref.Checksum},
	} {
		t.wantNoSnapshot(other, "chunk 0")
	}
}

func snapshotChunkMissing(t *journalTest) {
	ref, chunks := makeSnapshot(5, 1, 100, 100, 100)
	t.writeSnapshot(ref, chunks)
	ref.Chunks = 4
	t.wantNoSnapshot(ref, "chunk 3")
}

func snapshotDamaged(t *journalTest) {
	ref, chunks := makeSnapshot(5, 1, 100, 100)
	chunks[1][50] ^= 1
	t.writeSnapshot(ref, chunks)
	t.wantNoSnapshot(ref, "checksum")
}

func snapshotDropped(t *journalTest) {
	ref, chunks := makeSnapshot(5, 1, 100, 100)
	later, laterChunks := makeSnapshot(5, 2, 10, 10)
	t.writeSnapshot(ref, chunks)
	t.writeSnapshot(later, laterChunks)
	drop := func() error { return t.store.DropSnapshot(t.ctx, t.id, ref) }
	must(t.T, "DropSnapshot", drop)
	must(t.T, "DropSnapshot again", drop)
	t.wantNoSnapshot(ref, "chunk 0")
	t.wantSnapshot(later, laterChunks)
}
