package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrCorrupt is wrapped by every error of decoding: the bytes are not what was written.
var ErrCorrupt = errors.New("corrupt encoding")

// Writer appends values in the encoding of entries, mail and snapshots: integers as
// varints, strings and bytes after their length. The zero value is ready for use.
type Writer struct{ buf []byte }

// Bytes returns what has been written; it is valid until the next write.
func (w *Writer) Bytes() []byte { return w.buf }

// Len is the number of bytes written so far.
func (w *Writer) Len() int { return len(w.buf) }

// Reset empties the writer and keeps its room; what Bytes returned is no longer valid.
func (w *Writer) Reset() { w.buf = w.buf[:0] }

// Grow makes room for n more bytes.
func (w *Writer) Grow(n int) { w.buf = slices.Grow(w.buf, n) }

// Byte appends one byte.
func (w *Writer) Byte(b byte) { w.buf = append(w.buf, b) }

// Bool appends one byte, 0 or 1.
func (w *Writer) Bool(b bool) {
	if b {
		w.Byte(1)
		return
	}
	w.Byte(0)
}

// Int appends a signed integer, short where it is near zero.
func (w *Writer) Int(v int64) { w.buf = binary.AppendVarint(w.buf, v) }

// String appends a string after its length in bytes.
func (w *Writer) String(s string) {
	w.buf = binary.AppendUvarint(w.buf, uint64(len(s)))
	w.buf = append(w.buf, s...)
}

// Blob appends bytes after their number.
func (w *Writer) Blob(b []byte) {
	w.buf = binary.AppendUvarint(w.buf, uint64(len(b)))
	w.buf = append(w.buf, b...)
}

// UUID appends the 16 bytes of u.
func (w *Writer) UUID(u UUID) { w.buf = append(w.buf, u[:]...) }

// framed appends what write writes, after its length, so that a reader can tell a body
// that is too short or too long from the next one.
func (w *Writer) framed(write func(*Writer)) {
	start := len(w.buf)
	write(w)
	n := len(w.buf) - start
	var size [binary.MaxVarintLen64]byte
	k := binary.PutUvarint(size[:], uint64(n))
	w.buf = append(w.buf, size[:k]...)
	copy(w.buf[start+k:], w.buf[start:start+n])
	copy(w.buf[start:], size[:k])
}

// Reader takes values in the order in which a Writer appended them. After the first
// fault every further value is zero and Err says what was wrong.
type Reader struct {
	buf []byte
	err error
}

// NewReader reads from b, which must not change meanwhile; byte slices that it gives out
// share b's memory.
func NewReader(b []byte) *Reader { return &Reader{buf: b} }

// Err is the first fault, wrapping ErrCorrupt; nil while all is well.
func (r *Reader) Err() error { return r.err }

// Rest is the number of bytes not yet taken.
func (r *Reader) Rest() int { return len(r.buf) }

// Close returns Err, or a fault where bytes are left over.
func (r *Reader) Close() error {
	if r.err == nil && len(r.buf) > 0 {
		r.Fail("%d bytes left over", len(r.buf))
	}
	return r.err
}

// Fail records a fault that the caller found in a value.
func (r *Reader) Fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
	}
	r.buf = nil
}

// Byte takes one byte.
func (r *Reader) Byte() byte {
	if len(r.buf) == 0 {
		r.Fail("a byte expected, none left")
		return 0
	}
	b := r.buf[0]
	r.buf = r.buf[1:]
	return b
}

// Bool takes a byte that is 0 or 1.
func (r *Reader) Bool() bool {
	switch b := r.Byte(); b {
	case 0:
		return false
	case 1:
		return true
	default:
		r.Fail("0 or 1 expected, found %d", b)
		return false
	}
}

// Int takes a signed integer.
func (r *Reader) Int() int64 {
	v, n := binary.Varint(r.buf)
	if n <= 0 {
		r.Fail("an integer expected in %d bytes", len(r.buf))
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

// Blob takes bytes that were written with their length.
func (r *Reader) Blob() []byte {
	size, n := binary.Uvarint(r.buf)
	if n <= 0 || size > uint64(len(r.buf)-n) {
		r.Fail("a length within the %d bytes left expected", len(r.buf))
		return nil
	}
	b := r.buf[n : n+int(size)]
	r.buf = r.buf[n+int(size):]
	return b
}

// String takes a string that was written with its length.
func (r *Reader) String() string { return string(r.Blob()) }

// UUID takes 16 bytes.
func (r *Reader) UUID() UUID {
	var u UUID
	if len(r.buf) < len(u) {
		r.Fail("16 bytes of a UUID expected, %d left", len(r.buf))
		return u
	}
	copy(u[:], r.buf)
	r.buf = r.buf[len(u):]
	return u
}

// Count takes the length of a list whose every element takes at least size bytes, so that
// a corrupt length can't ask for much more memory than the bytes themselves.
func (r *Reader) Count(size int) int {
	n := r.Int()
	if n < 0 || n > int64(len(r.buf)/size) {
		r.Fail("a count of 0 to %d expected, found %d", len(r.buf)/size, n)
		return 0
	}
	return int(n)
}
