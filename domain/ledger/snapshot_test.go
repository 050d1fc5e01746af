package ledger

import (
	"errors"
	"testing"
)

// note is a machine whose state is a text; the rest of it is never used.
type note struct {
	Machine
	text string
}

func (n note) Encode(w *Writer) { w.String(n.text) }

func decodeNote(b []byte) (Machine, error) {
	r := NewReader(b)
	n := note{text: r.String()}
	return n, r.Close()
}

func TestASnapshotIsReadAsItWasWritten(t *testing.T) {
	var w Writer
	want := Stamp{Version: 300, At: 1_800_000_000_123}
	EncodeSnapshot(&w, want, note{text: "state"})
	m, at, err := DecodeSnapshot(w.Bytes(), decodeNote)
	if err != nil || at != want || m.(note).text != "state" {
		t.Errorf("got %+v at %+v, %v", m, at, err)
	}
	for n := range w.Len() {
		if _, _, err := DecodeSnapshot(w.Bytes()[:n], decodeNote); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("cut off after %d bytes: got %v", n, err)
		}
	}
	for name, b := range map[string][]byte{
		"a byte too many": append(w.Bytes(), 0), "another format": append([]byte{9}, w.Bytes()[1:]...),
	} {
		if _, _, err := DecodeSnapshot(b, decodeNote); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
