package ledger

import "fmt"

const snapshotFormat = 1

// EncodeSnapshot appends a machine's state as it is after the entry at.
func EncodeSnapshot(w *Writer, at Stamp, m Machine) {
	w.Byte(snapshotFormat)
	w.Int(at.Version)
	w.Int(at.At)
	m.Encode(w)
}

// DecodeSnapshot reads what EncodeSnapshot wrote; own reads the machine's state. Errors
// wrap ErrCorrupt.
func DecodeSnapshot(b []byte, own func([]byte) (Machine, error)) (Machine, Stamp, error) {
	r := NewReader(b)
	if f := r.Byte(); f != snapshotFormat {
		r.Fail("snapshot format %d, this program reads %d", f, snapshotFormat)
	}
	at := Stamp{Version: r.Int(), At: r.Int()}
	if r.Err() != nil {
		return nil, at, r.Err()
	}
	m, err := own(r.buf)
	if err != nil {
		return nil, at, fmt.Errorf("snapshot %d: %w", at.Version, err)
	}
	return m, at, nil
}
