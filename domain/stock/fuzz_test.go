package stock

import (
	"bytes"
	"runtime"
	"testing"

	"inventory/domain/ledger"
)

func FuzzNames(f *testing.F) {
	f.Add("sku-1")
	f.Add("orders")
	f.Add("a\xff\x00")
	f.Fuzz(func(_ *testing.T, s string) {
		sku, skuErr := ParseSKU(s)
		w, wErr := ParseWarehouseID(s)
		region, regionErr := ParseRegion(s)
		order, orderErr := ParseOrderID(s)
		token, note := CheckToken("token", s), CheckNote("note", s)
		switch {
		case (wErr == nil) != (regionErr == nil), skuErr == nil && wErr != nil, wErr == nil && orderErr != nil,
			(orderErr == nil) != (token == nil), token == nil && note != nil:
			panic("the parsers disagree")
		case skuErr == nil && string(sku) != s, wErr == nil && string(w) != s, regionErr == nil && string(region) != s, orderErr == nil && string(order) != s:
			panic("a name was changed")
		}
	})
}

func FuzzAdjust(f *testing.F) {
	f.Add("anna", "k1", "A", "RECEIPT", int64(5), int64(10), "reason", "ref")
	f.Add("anna", "k1", "A", "COUNT", int64(0), int64(10), "", "")
	f.Add("anna", "k1", "A", "LOSS", int64(-11), int64(10), "", "")
	f.Fuzz(func(t *testing.T, actor, key, sku, kind string, q, onHand int64, reason, reference string) {
		s := New(w1)
		onHand = max(0, onHand%(MaxQuantity+1))
		s.levels.Put(SKU(sku), levelOf(onHand, 0))
		cmd := Adjust{w1, actor, key, SKU(sku), AdjustmentType(kind), q, reason, reference, "", ""}
		at := ledger.Stamp{Version: 1, At: noon}
		dec := s.Decide(cmd, ledger.Recalled{Asked: true}, at)
		for _, c := range dec.Changes {
			if err := s.Apply(c, at); err != nil {
				t.Fatal(err)
			}
		}
		l, _ := s.Level(SKU(sku))
		if (dec.Err == nil) != (len(dec.Changes) == 1) || s.Check() != nil {
			t.Errorf("%+v: got %+v, %v", cmd, dec, s.Check())
		}
		if want := onHand + q; dec.Err == nil && kind != "COUNT" && l.OnHand() != want || dec.Err != nil && l.OnHand() != onHand {
			t.Errorf("%+v: on hand %d, then %d, %v", cmd, onHand, l.OnHand(), dec.Err)
		}
	})
}

func FuzzNumbers(f *testing.F) {
	f.Add("W1", "eu", 1, 4, int64(5))
	f.Add("W1", "eu", -1, 65, int64(-5))
	f.Fuzz(func(t *testing.T, id, region string, rank, ledgers int, q int64) {
		if got, err := ParseQuantity("quantity", q); (err == nil) != (q >= 1 && q <= MaxQuantity) || err == nil && int64(got) != q {
			t.Errorf("quantity %d: got %d, %v", q, got, err)
		}
		w, err := NewWarehouse(id, region, rank, ledgers)
		if err != nil {
			return
		}
		for _, l := range append(w.LedgerIDs(), w.LedgerOf("A")) {
			if got, err := ledger.ParseID(string(l)); err != nil || got.Scope() != id {
				t.Errorf("%+v: ledger %s of %s, %v", w, l, got.Scope(), err)
			}
		}
	})
}

// lean fails the test where decoding takes much more memory than the bytes themselves.
func lean(t *testing.T, b []byte, decode func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	decode()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<16+64*uint64(len(b)) {
		t.Errorf("decoding %d bytes takes %d bytes of memory", len(b), took)
	}
}

func FuzzDecodeMessage(f *testing.F) {
	for _, m := range sampleMessages() {
		f.Add(EncodeMessage(m))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m Message
		var err error
		lean(t, b, func() { m, err = DecodeMessage(b) })
		if err != nil {
			return
		}
		again, err := DecodeMessage(EncodeMessage(m))
		if err != nil || !bytes.Equal(EncodeMessage(again), EncodeMessage(m)) {
			t.Errorf("%+v becomes %+v: %v", m, again, err)
		}
	})
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add(encode(sampleEntry()))
	f.Add(encode(sampleMarks()))
	f.Add(encode(&ledger.Entry{Changes: []ledger.Change{liar{}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e *ledger.Entry
		var err error
		lean(t, b, func() { e, err = ledger.DecodeEntry(b, DecodeChange) })
		if err != nil {
			return
		}
		again, err := ledger.DecodeEntry(encode(e), DecodeChange)
		if err != nil || !bytes.Equal(encode(again), encode(e)) {
			t.Errorf("%+v becomes %+v: %v", e, again, err)
		}
	})
}

// liar is a Moved that says it has as many lines as it has bytes.
type liar struct{}

func (liar) ChangeKind() byte { return kindMoved }

func (liar) Encode(w *ledger.Writer) {
	const n = 1 << 16
	for range 6 {
		w.Byte(0)
	}
	w.Int(n)
	for range n {
		w.Byte(0)
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(encode(New(w1)))
	f.Add(encode(sampleState()))
	f.Add(encode(markedState()))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s *State
		var err error
		lean(t, b, func() { s, err = DecodeState(b) })
		if err != nil {
			return
		}
		again, err := DecodeState(encode(s))
		if err != nil || !bytes.Equal(encode(again), encode(s)) {
			t.Errorf("%x becomes another state: %v", encode(s), err)
		}
	})
}

func FuzzDecodeAdjustment(f *testing.F) {
	f.Add(encode(sampleAdjustment()))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := ledger.NewReader(b)
		a := DecodeAdjustment(r)
		if r.Close() != nil {
			return
		}
		r = ledger.NewReader(encode(a))
		if again := DecodeAdjustment(r); r.Close() != nil || again != a {
			t.Errorf("%+v becomes %+v: %v", a, again, r.Close())
		}
	})
}

func FuzzDecodeMark(f *testing.F) {
	f.Add(encode(sampleMark()))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := ledger.NewReader(b)
		m := DecodeMark(r)
		if r.Close() != nil {
			return
		}
		r = ledger.NewReader(encode(m))
		if again := DecodeMark(r); r.Close() != nil || again != m {
			t.Errorf("%+v becomes %+v: %v", m, again, r.Close())
		}
	})
}

func FuzzSetMark(f *testing.F) {
	f.Add("A", "anna", int64(5), int64(10), int64(4))
	f.Add("A", "anna", int64(-1), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, sku, actor string, low, before, onHand int64) {
		s, at := New(w1), ledger.Stamp{Version: 1, At: noon}
		onHand, before = max(0, onHand%(MaxQuantity+1)), max(0, before%(MaxQuantity+1))
		s.levels.Put(SKU(sku), levelOf(onHand, 0))
		s.marks.Put(SKU(sku), before)
		dec := s.Decide(SetMark{SKU: SKU(sku), Low: low, Actor: actor}, ledger.Recalled{}, at)
		for _, c := range dec.Changes {
			if err := s.Apply(c, at); err != nil {
				t.Fatal(err)
			}
		}
		want := before
		if dec.Err == nil {
			want = low
		}
		if s.mark(SKU(sku)) != want || s.Check() != nil || dec.Err != nil && len(dec.Changes) > 0 {
			t.Errorf("mark %d after %d of %d on hand: got %+v, and %d, %v", low, before, onHand, dec, s.mark(SKU(sku)), s.Check())
		}
	})
}
