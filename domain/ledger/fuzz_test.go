package ledger

import (
	"bytes"
	"testing"
)

func FuzzParseUUID(f *testing.F) {
	f.Add(Namespace.String())
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseUUID(s)
		if err != nil {
			return
		}
		if again, err := ParseUUID(u.String()); err != nil || again != u {
			t.Errorf("%q is %s, which is %s, %v", s, u, again, err)
		}
	})
}

func FuzzParseID(f *testing.F) {
	f.Add("stock/W1/0")
	f.Add("reservation//1")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err != nil {
			return
		}
		if string(id) != s || id.Scope() == "" || id.Kind() != KindStock && id.Kind() != KindReservation {
			t.Errorf("%q is %q of kind %q, scope %q", s, id, id.Kind(), id.Scope())
		}
	})
}

func FuzzDecodePost(f *testing.F) {
	f.Add(encoded(NewPost()))
	f.Add([]byte{2, 1, 'a', 8, 4, 4, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(b)
		p := DecodePost(r)
		if r.Close() != nil || p.Check() != nil {
			return
		}
		again := NewReader(encoded(p))
		if got := DecodePost(again); again.Close() != nil || !bytes.Equal(encoded(got), encoded(p)) {
			t.Errorf("%x becomes %x: %v", encoded(p), encoded(got), again.Close())
		}
	})
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add(encoded(sampleEntry()))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeEntry(b, noOwnKinds)
		if err != nil {
			return
		}
		again, err := DecodeEntry(encoded(e), noOwnKinds)
		if err != nil || !bytes.Equal(encoded(again), encoded(e)) {
			t.Errorf("%x becomes %x: %v", encoded(e), encoded(again), err)
		}
	})
}

func FuzzDecodeFilter(f *testing.F) {
	f.Add([]byte{2, 2, 2, 2, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(b)
		got := DecodeFilter(r, week)
		if r.Close() != nil {
			return
		}
		r = NewReader(encoded(got))
		if again := DecodeFilter(r, week); r.Close() != nil || !bytes.Equal(encoded(again), encoded(got)) {
			t.Errorf("%x becomes %x: %v", encoded(got), encoded(again), r.Close())
		}
		got.Add(Namespace, 1)
		if !got.Has(Namespace) {
			t.Error("a key that was added is denied")
		}
	})
}

func FuzzDecodeSnapshot(f *testing.F) {
	f.Add([]byte{1, 2, 2, 1, 'x'})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, at, err := DecodeSnapshot(b, decodeNote)
		if err != nil {
			return
		}
		var w Writer
		EncodeSnapshot(&w, at, m)
		if again, then, err := DecodeSnapshot(w.Bytes(), decodeNote); err != nil || again != m || then != at {
			t.Errorf("%+v at %+v becomes %+v at %+v: %v", m, at, again, then, err)
		}
	})
}
