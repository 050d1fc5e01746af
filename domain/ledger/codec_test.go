package ledger

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
)

// sample writes one of each kind of value.
func sample(w *Writer) {
	w.Byte(7)
	w.Bool(true)
	w.Bool(false)
	for _, v := range []int64{0, 1, -1, 63, 64, -65, math.MaxInt64, math.MinInt64} {
		w.Int(v)
	}
	w.String("")
	w.String("Größe")
	w.Blob([]byte{0, 255})
	w.UUID(Namespace)
	w.framed(func(w *Writer) { w.String(strings.Repeat("x", 200)) })
}

func readSample(t *testing.T, r *Reader) {
	t.Helper()
	if b, yes, no := r.Byte(), r.Bool(), r.Bool(); b != 7 || !yes || no {
		t.Errorf("got %d, %t, %t", b, yes, no)
	}
	for _, want := range []int64{0, 1, -1, 63, 64, -65, math.MaxInt64, math.MinInt64} {
		if got := r.Int(); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
	if empty, s, b := r.String(), r.String(), r.Blob(); empty != "" || s != "Größe" || !bytes.Equal(b, []byte{0, 255}) {
		t.Errorf("got %q, %q, %v", empty, s, b)
	}
	if u := r.UUID(); u != Namespace {
		t.Errorf("got %s, want %s", u, Namespace)
	}
	if s := NewReader(r.Blob()).String(); s != strings.Repeat("x", 200) {
		t.Errorf("framed: got %q", s)
	}
}

func TestValuesAreReadInTheOrderInWhichTheyWereWritten(t *testing.T) {
	var w Writer
	sample(&w)
	if w.Len() != len(w.Bytes()) {
		t.Errorf("Len is %d of %d bytes", w.Len(), len(w.Bytes()))
	}
	r := NewReader(w.Bytes())
	if r.Rest() != w.Len() {
		t.Errorf("Rest is %d of %d bytes", r.Rest(), w.Len())
	}
	readSample(t, r)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	before := bytes.Clone(w.Bytes())
	if w.Grow(100); cap(w.Bytes())-w.Len() < 100 || !bytes.Equal(w.Bytes(), before) {
		t.Errorf("after Grow: room for %d bytes more", cap(w.Bytes())-w.Len())
	}
}

func TestBytesThatWereCutOffAreAFault(t *testing.T) {
	var w Writer
	sample(&w)
	for n := range w.Len() {
		r := NewReader(w.Bytes()[:n])
		r.Byte()
		r.Bool()
		r.Bool()
		for range 8 {
			r.Int()
		}
		_ = r.String() + r.String()
		r.Blob()
		r.UUID()
		r.Blob()
		if err := r.Close(); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("%d of %d bytes: got %v, want ErrCorrupt", n, w.Len(), err)
		}
	}
}

func TestFaultsOfDecodingAreNamed(t *testing.T) {
	tests := []struct {
		name  string
		bytes []byte
		read  func(*Reader)
	}{
		{"bytes left over", []byte{1, 2}, func(r *Reader) { r.Byte() }},
		{"a truth value of 2", []byte{2}, func(r *Reader) { r.Bool() }},
		{"an integer of eleven bytes", bytes.Repeat([]byte{0xff}, 11), func(r *Reader) { r.Int() }},
		{"an unfinished integer", []byte{0x80}, func(r *Reader) { r.Int() }},
		{"a length beyond the end", []byte{3, 'a', 'b'}, func(r *Reader) { _ = r.String() }},
		{"a length beyond 63 bits", append(bytes.Repeat([]byte{0xff}, 9), 1, 'a'), func(r *Reader) { r.Blob() }},
		{"a negative count", []byte{1, 0, 0}, func(r *Reader) { r.Count(1) }},
		{"more elements than bytes", []byte{6, 0, 0}, func(r *Reader) { r.Count(1) }},
		{"more elements than bytes for them", []byte{4, 0, 0, 0}, func(r *Reader) { r.Count(2) }},
		{"a fault found by the caller", nil, func(r *Reader) { r.Fail("no such %s", "thing") }},
	}
	for _, tt := range tests {
		r := NewReader(tt.bytes)
		tt.read(r)
		if err := r.Close(); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: got %v, want ErrCorrupt", tt.name, err)
		}
	}
}

func TestCountLetsThroughWhatTheBytesCanHold(t *testing.T) {
	if n := NewReader([]byte{4, 0, 0, 0, 0}).Count(2); n != 2 {
		t.Errorf("got %d, want 2", n)
	}
}

func TestAfterTheFirstFaultAllIsZeroAndTheFaultStays(t *testing.T) {
	r := NewReader([]byte{2, 42, 42, 42})
	r.Bool()
	first := r.Err()
	if b, n, s, u := r.Byte(), r.Int(), r.String(), r.UUID(); b != 0 || n != 0 || s != "" || u != (UUID{}) {
		t.Errorf("got %d, %d, %q, %s after a fault", b, n, s, u)
	}
	r.Fail("another")
	if r.Rest() != 0 || r.Count(1) != 0 || !errors.Is(r.Close(), first) {
		t.Errorf("rest %d, %v; want the first fault, %v", r.Rest(), r.Close(), first)
	}
}
