package wire

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

// FuzzFrames reads any bytes as a batch: what is read comes out as it was, written again.
func FuzzFrames(f *testing.F) {
	f.Add(appendFrame(nil, frame{kind: request, id: 300, left: time.Second, body: []byte("body")}))
	f.Add(appendFrame(appendFrame(nil, frame{kind: ping}), frame{kind: message, body: make([]byte, 200)}))
	f.Add([]byte{byte(answer), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0})
	f.Add([]byte{byte(answer), 1, 0, 9, 'x'})
	f.Fuzz(func(t *testing.T, data []byte) {
		var frames []frame
		if err := eachFrame(data, func(got frame) error {
			frames = append(frames, got)
			return nil
		}); err != nil {
			if !errors.Is(err, errFrame) {
				t.Fatal(err)
			}
			return
		}
		var again []byte
		for _, g := range frames {
			if g.left < 0 || g.left > maxLeft {
				t.Fatalf("time left %v", g.left)
			}
			again = appendFrame(again, g)
		}
		n := 0
		if err := eachFrame(again, func(got frame) error {
			if w := frames[n]; got.kind != w.kind || got.id != w.id || got.left != w.left || !bytes.Equal(got.body, w.body) {
				t.Fatalf("frame %d: got %v, want %v", n, got, w)
			}
			n++
			return nil
		}); err != nil || n != len(frames) {
			t.Fatalf("%d of %d frames came back, error %v", n, len(frames), err)
		}
	})
}

func TestWhatWaitsGoesInOneBatch(t *testing.T) {
	o := newOutbox(10 * batchBytes)
	for i := range 1000 {
		if err := o.put(&parcel{frame: frame{kind: message, id: uint64(i), body: make([]byte, 100)}}); err != nil {
			t.Fatal(err)
		}
	}
	b, _ := o.take()
	var next uint64
	if err := eachFrame(b.bytes, func(f frame) error {
		if f.id != next {
			t.Fatalf("frame %d came when %d was next", f.id, next)
		}
		next++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if next != 1000 || !o.empty() || o.bytes != 0 {
		t.Fatalf("%d of 1000 frames went, %d bytes are left", next, o.bytes)
	}
}

func TestABatchHasALimit(t *testing.T) {
	o := newOutbox(10 * batchBytes)
	for _, size := range []int{10, batchBytes / 2, batchBytes / 2, 3 * batchBytes, 10} {
		if err := o.put(&parcel{frame: frame{kind: message, body: make([]byte, size)}}); err != nil {
			t.Fatal(err)
		}
	}
	var counts []int
	for !o.empty() {
		n := 0
		b, _ := o.take()
		_ = eachFrame(b.bytes, func(frame) error { n++; return nil })
		counts = append(counts, n)
	}
	if len(counts) != 4 || counts[0] != 2 || counts[1] != 1 || counts[2] != 1 || counts[3] != 1 {
		t.Fatalf("batches have %v frames", counts)
	}
}

func TestWhatIsWithdrawnIsNotSent(t *testing.T) {
	o := newOutbox(1000)
	first, second := &parcel{frame: frame{kind: request, body: make([]byte, 500)}}, &parcel{frame: frame{kind: request}}
	if o.put(first) != nil || o.put(second) != nil {
		t.Fatal("there was room")
	}
	if err := o.put(&parcel{frame: frame{body: make([]byte, 500)}}); !errors.Is(err, errFull) {
		t.Fatalf("got error %v, want %v", err, errFull)
	}
	for range 2 {
		if !o.withdraw(first) {
			t.Fatal("it was withdrawn in time")
		}
	}
	if err := o.put(&parcel{frame: frame{kind: message, body: make([]byte, 500)}}); err != nil {
		t.Fatalf("its room is not free: %v", err)
	}
	o.dropMessages()
	if b, _ := o.take(); len(b.bytes) != 4 || o.bytes != 0 {
		t.Fatalf("sent %v, %d bytes left", b.bytes, o.bytes)
	}
	if o.withdraw(second) {
		t.Fatal("it was sent")
	}
}
