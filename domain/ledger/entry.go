package ledger

import "fmt"

// entryFormat is the first byte of every encoded entry.
const entryFormat = 1

// Entry is one committed batch of changes: what a journal is made of.
type Entry struct {
	Stamp
	Epoch   int64 // of the owner that wrote it
	Commit  UUID  // tells one attempt to write a version from another's
	Changes []Change
}

// ChangeDecoder reads the body of a change of one machine's own kinds; it reports an
// unknown kind with r.Fail.
type ChangeDecoder func(kind byte, r *Reader) Change

// Encode appends the entry in its versioned binary form.
func (e *Entry) Encode(w *Writer) {
	var changes Writer
	for _, c := range e.Changes {
		EncodeChange(&changes, c)
	}
	e.EncodeWith(w, changes.Bytes())
}

// EncodeWith is Encode for an entry whose changes were encoded before, by EncodeChange.
func (e *Entry) EncodeWith(w *Writer, changes []byte) {
	w.Grow(64 + len(changes))
	w.Byte(entryFormat)
	w.Int(e.Version)
	w.Int(e.At)
	w.Int(e.Epoch)
	w.UUID(e.Commit)
	w.Int(int64(len(e.Changes)))
	w.buf = append(w.buf, changes...)
}

// EncodeChange appends one change of an entry: its kind, and its body after its length.
func EncodeChange(w *Writer, c Change) {
	w.Byte(c.ChangeKind())
	w.framed(c.Encode)
}

// DecodeEntry reads what Encode wrote. Its errors wrap ErrCorrupt. The entry may share
// b's memory.
func DecodeEntry(b []byte, own ChangeDecoder) (*Entry, error) {
	r := NewReader(b)
	if f := r.Byte(); f != entryFormat {
		r.Fail("entry format %d, this program reads %d", f, entryFormat)
	}
	e := &Entry{}
	e.Version, e.At, e.Epoch, e.Commit = r.Int(), r.Int(), r.Int(), r.UUID()
	n := r.Count(2)
	e.Changes = make([]Change, 0, n)
	for range n {
		e.Changes = append(e.Changes, decodeChange(r, own))
	}
	if err := r.Close(); err != nil {
		return nil, fmt.Errorf("entry %d: %w", e.Version, err)
	}
	return e, nil
}

func decodeChange(r *Reader, own ChangeDecoder) Change {
	kind, body := r.Byte(), NewReader(r.Blob())
	if r.err != nil {
		return nil
	}
	c := decodeShared(kind, body)
	if c == nil {
		c = own(kind, body)
	}
	if err := body.Close(); err != nil {
		r.err = fmt.Errorf("change of kind %d: %w", kind, err)
	}
	return c
}
