package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

const week = 7 * 24 * 3_600_000

func keyOf(what string, n int) UUID { return NewUUIDv5(Namespace, fmt.Sprint(what, n)) }

// filled is a filter of n keys, all at the same time.
func filled(n int, at int64) *Filter {
	f := NewFilter(week)
	for i := range n {
		f.Add(keyOf("in", i), at)
	}
	return f
}

func TestAFilterNeverDeniesWhatWasForgotten(t *testing.T) {
	const n = 3 * firstLayerKeys // more than a layer
	f := filled(n, 1)
	for i := range n {
		if !f.Has(keyOf("in", i)) {
			t.Fatalf("key %d of %d is denied", i, n)
		}
	}
	if len(f.layers) != 2 {
		t.Errorf("%d layers", len(f.layers))
	}
}

func TestAFilterSeldomSendsForWhatNeverWas(t *testing.T) {
	f := filled(3*firstLayerKeys, 1)
	wrong := 0
	for i := range 20_000 {
		if f.Has(keyOf("never", i)) {
			wrong++
		}
	}
	if wrong > 60 {
		t.Errorf("%d of 20000 keys that were never added", wrong)
	}
	if NewFilter(week).Has(Namespace) {
		t.Error("an empty filter has a key")
	}
}

func TestAFilterLetsGoOfWhatIsOlderThanItsRetention(t *testing.T) {
	f := filled(firstLayerKeys, 1000)
	f.Add(keyOf("later", 0), 1000+week)
	if !f.Has(keyOf("in", 0)) {
		t.Error("a key is denied within its retention")
	}
	f.Add(keyOf("later", 1), 1001+week)
	if f.Has(keyOf("in", 0)) && f.Has(keyOf("in", 1)) && f.Has(keyOf("in", 2)) {
		t.Error("keys stay beyond their retention")
	}
	if !f.Has(keyOf("later", 0)) || !f.Has(keyOf("later", 1)) {
		t.Error("a key is denied within its retention")
	}
	if len(f.layers) != 1 {
		t.Errorf("%d layers", len(f.layers))
	}
}

func TestADraftedFilterLeavesTheOneBelowAlone(t *testing.T) {
	f := filled(firstLayerKeys-1, 1)
	before := encoded(f)
	first := f.Draft()
	first.Add(keyOf("draft", 1), 2)
	second := first.Draft()
	second.Add(keyOf("draft", 2), 3)
	if f.Has(keyOf("draft", 1)) || first.Has(keyOf("draft", 2)) || !bytes.Equal(before, encoded(f)) {
		t.Error("a draft has changed the filter below it")
	}
	if !second.Has(keyOf("in", 0)) || !second.Has(keyOf("draft", 1)) || !second.Has(keyOf("draft", 2)) || second.Has(keyOf("draft", 3)) {
		t.Error("a draft denies what it has, or has what it was not given")
	}
	drafted := encoded(second)
	if merged := second.Merge().Merge(); merged != f || !bytes.Equal(drafted, encoded(f)) {
		t.Error("the merged filter is another than the draft")
	}
	direct := filled(firstLayerKeys-1, 1)
	direct.Add(keyOf("draft", 1), 2)
	direct.Add(keyOf("draft", 2), 3)
	if !bytes.Equal(drafted, encoded(direct)) {
		t.Error("a filter that was drafted is another than one that was not")
	}
}

func TestAFilterIsTheSameAfterASnapshot(t *testing.T) {
	for _, n := range []int{0, 1, firstLayerKeys + 1} {
		f := filled(n, 5)
		r := NewReader(encoded(f))
		got := DecodeFilter(r, week)
		if err := r.Close(); err != nil || !bytes.Equal(encoded(got), encoded(f)) {
			t.Errorf("%d keys: got another filter, %v", n, err)
		}
		if got.Add(keyOf("x", 1), 6); !got.Has(keyOf("x", 1)) || n > 0 && !got.Has(keyOf("in", n-1)) {
			t.Errorf("%d keys: a key is denied", n)
		}
	}
}

func TestAFilterThatWasDamagedIsCorrupt(t *testing.T) {
	layer := func(keys, words int64, bytes int) []byte {
		var w Writer
		w.Int(1)
		w.Int(keys)
		w.Int(5)
		w.Int(words)
		for range bytes {
			w.Byte(0)
		}
		return w.Bytes()
	}
	for name, b := range map[string][]byte{
		"no words":              layer(0, 0, 8),
		"a negative size":       layer(0, -8, 64),
		"a size of no power":    layer(0, 3, 24),
		"more words than bytes": layer(0, 1<<40, 64),
		"a word cut off":        layer(0, 2, 15),
		"a byte too many":       layer(0, 1, 9),
		"negative keys":         layer(-1, 1, 8),
	} {
		r := NewReader(b)
		if DecodeFilter(r, week); !errors.Is(r.Close(), ErrCorrupt) {
			t.Errorf("%s: got %v", name, r.Close())
		}
	}
	r := NewReader(layer(0, 1, 8))
	if DecodeFilter(r, week); r.Close() != nil {
		t.Error(r.Close())
	}
}
