package reservation

import (
	"bytes"
	"errors"
	"runtime"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

func FuzzNewReserve(f *testing.F) {
	f.Add("order-1", "eu", int64(time.Hour), "A", int64(2), "W1", true, "A", int64(3), "", false)
	f.Add("", "-", int64(-1), "orders", int64(-1), "", true, "A", int64(1<<62), "", false)
	f.Fuzz(func(t *testing.T, order, region string, ttl int64, sku1 string, q1 int64, w1 string, named1 bool, sku2 string, q2 int64, w2 string, named2 bool) {
		lines := []Line{
			{SKU: stock.SKU(sku1), Quantity: q1, Warehouse: stock.WarehouseID(w1), Named: named1},
			{SKU: stock.SKU(sku2), Quantity: q2, Warehouse: stock.WarehouseID(w2), Named: named2},
		}
		cmd, err := NewReserve(order, region, time.Duration(ttl), lines)
		if err != nil {
			if !errors.Is(err, stock.ErrInvalid) {
				t.Errorf("got %v, want ErrInvalid", err)
			}
			return
		}
		var sum int64
		for _, l := range cmd.Lines {
			sum += l.Quantity
			if checkLine(l) != nil {
				t.Errorf("a bad line got through: %+v", l)
			}
		}
		if sum != q1+q2 || cmd.TTL < MinTTL || cmd.TTL > MaxTTL {
			t.Errorf("got %+v", cmd)
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

// liar is an order that says it has as many lines as it has bytes.
func liar() []byte {
	var w ledger.Writer
	w.Byte(orderFormat)
	w.String("o")
	w.String("")
	const n = 1 << 16
	w.Int(n)
	for range n {
		w.Byte(0)
	}
	return w.Bytes()
}

func FuzzDecodeOrder(f *testing.F) {
	f.Add(encode(sampleOrder()))
	f.Add(liar())
	f.Fuzz(func(t *testing.T, b []byte) {
		r := ledger.NewReader(b)
		var o *Order
		lean(t, b, func() { o = DecodeOrder(r) })
		if r.Close() != nil {
			return
		}
		r = ledger.NewReader(encode(o))
		if again := DecodeOrder(r); r.Close() != nil || !bytes.Equal(encode(again), encode(o)) {
			t.Errorf("%+v becomes %+v: %v", o, again, r.Close())
		}
	})
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add(encode(sampleEntry()))
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

func FuzzDecodeState(f *testing.F) {
	f.Add(encode(New(home, DefaultConfig(), nil)))
	f.Add(encode(sampleState()))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s *State
		var err error
		lean(t, b, func() { s, err = DecodeState(b, DefaultConfig(), nil) })
		if err != nil {
			return
		}
		again, err := DecodeState(encode(s), DefaultConfig(), nil)
		if err != nil || !bytes.Equal(encode(again), encode(s)) {
			t.Errorf("%x becomes another state: %v", encode(s), err)
		}
	})
}

// A body from the archive is decided upon: whatever is in it, deciding does not panic and
// what it changes can be applied.
func FuzzDecideOnTheArchive(f *testing.F) {
	o := sampleOrder()
	o.end(Expired, TTLExpired)
	o.Legs = nil
	f.Add(encode(o))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, cmd := range []ledger.Command{
			created("2 A, 1000000000 B@W2"), reserve("1 A"), cancel(), pick(), Get{ID: IDOf("order-1")},
		} {
			office := newOffice(t)
			s := office.state()
			at := ledger.Stamp{Version: 1, At: noon}
			d := s.Decide(cmd, ledger.Recalled{Asked: true, Body: b}, at)
			for _, c := range d.Changes {
				if err := s.Apply(c, at); err != nil {
					t.Errorf("%T on %x: %+v: %v", cmd, b, c, err)
				}
			}
		}
	})
}
