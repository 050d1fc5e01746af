package wire_test

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"

	"inventory/app/wire"
	"inventory/domain/ledger"
)

// lean fails the test where decoding takes much more memory than the bytes themselves.
func lean(t *testing.T, b []byte, decode func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	decode()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<16+64*uint64(len(b)) {
		t.Errorf("decoding %d bytes, %.20x…, takes %d bytes of memory", len(b), b, took)
	}
}

// liars are messages that say they have as many elements as they have bytes, each the smallest
// that there could be.
func liars() [][]byte {
	const n = 1 << 18
	var all [][]byte
	for _, begin := range []string{
		"\x01\x01\x01W\x00\x00\x01\x01o\x00",        // lines to reserve
		"\x02\x01A", "\x07", "\x20\x00\x01\x00\x00", // ledgers of a level, values of an error
		"\x21", "\x22\x01\x00\x00\x01", "\x23", // levels and statuses
		"\x40\x01\x01W\x00\x01\x01W\x00", // mail
	} {
		for _, count := range []int64{n, n / 2, n / 3, n / 4, n / 12, 1 << 60} {
			w := ledger.Writer{}
			w.Int(count)
			b := append([]byte(begin), w.Bytes()...)
			all = append(all, append(b, make([]byte, n)...), append(b, bytes.Repeat([]byte{1}, n)...), append(b, bytes.Repeat([]byte{2, 0, 0}, n/3)...))
		}
	}
	return all
}

func TestAHostileLengthTakesLittleMemory(t *testing.T) {
	for _, b := range liars() {
		lean(t, b, func() { _, _ = codec.Decode(b) }) // whether it can be read does not matter
	}
}

func FuzzDecode(f *testing.F) {
	for _, m := range sampleMessages() {
		f.Add(encoded(f, m))
	}
	f.Add([]byte("\x01\x00\x0astock/W1/0\x00\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m wire.Message
		var err error
		lean(t, b, func() { m, err = codec.Decode(b) })
		if err != nil {
			if errors.Is(err, wire.ErrUnknownMessage) == errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("%x: got %v, want ErrUnknownMessage or ErrCorrupt", b, err)
			}
			return
		}
		first := encoded(t, m)
		again, err := codec.Decode(first)
		if err != nil || !bytes.Equal(encoded(t, again), first) {
			t.Errorf("%+v becomes %+v: %v", m, again, err)
		}
	})
}

func FuzzDecodeLedger(f *testing.F) {
	for _, id := range []string{"stock/W1/0", "reservation/home/12", "stock//1", "stock/W1/01", "stock/W1/-1", "stock/a/b/1", "", "stock/" + strings.Repeat("x", 200) + "/1"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		b := encoded(t, wire.Took{Ledger: ledger.ID(id)})
		m, err := codec.Decode(b)
		if _, bad := ledger.ParseID(id); (bad == nil) != (err == nil) {
			t.Fatalf("%q: %v, but decoded: %v", id, bad, err)
		}
		if err == nil && m.(wire.Took).Ledger != ledger.ID(id) {
			t.Errorf("%q becomes %q", id, m.(wire.Took).Ledger)
		}
	})
}
