package ledger

import (
	"encoding/binary"
	"slices"
)

// Filter remembers which records a ledger has forgotten, so that a record it has never
// seen, as a new order's, need not be looked up in the archive: a Bloom filter in layers.
// Has may be true of a key that was never added (for 1 in 1,000 or so), never false of one
// that was within its retention. It is changed by Forgotten alone.
type Filter struct {
	below     *Filter
	added     []forgottenKey // of a draft, in order
	has       map[UUID]struct{}
	layers    []filterLayer // of a filter that is no draft
	retention int64
}

type forgottenKey struct {
	key UUID
	at  int64
}

// filterLayer holds up to its capacity of keys at 16 bits a key.
type filterLayer struct {
	words  []uint64
	keys   int64
	newest int64 // time of the last key, Unix milliseconds
}

const (
	firstLayerKeys = 1 << 12
	lastLayerKeys  = 1 << 20
	bitsPerKey     = 16
	probes         = 8
	maxLayers      = 64 // past some 50 million keys everything is looked up
)

// NewFilter returns a filter of nothing. Keys stay in it for at least retention (in
// milliseconds): as long as the archive has their rows.
func NewFilter(retention int64) *Filter { return &Filter{retention: retention} }

// Draft returns a filter on top of f.
func (f *Filter) Draft() *Filter {
	return &Filter{below: f, retention: f.retention}
}

// Merge brings a draft's keys into the filter below it, and returns that one.
func (f *Filter) Merge() *Filter {
	for _, k := range f.added {
		f.below.Add(k.key, k.at)
	}
	return f.below
}

// Add notes that a record was forgotten at a time in Unix milliseconds.
func (f *Filter) Add(k UUID, at int64) {
	if f.below != nil {
		if f.has == nil {
			f.has = map[UUID]struct{}{}
		}
		f.has[k] = struct{}{}
		f.added = append(f.added, forgottenKey{k, at})
		return
	}
	for len(f.layers) > 0 && f.layers[0].newest < at-f.retention && f.layers[0].full() {
		f.layers = f.layers[1:]
	}
	if n := len(f.layers); n == 0 || f.layers[n-1].full() && n < maxLayers {
		f.layers = append(f.layers, newLayer(min(firstLayerKeys<<min(n, 8), lastLayerKeys)))
	}
	f.layers[len(f.layers)-1].add(k, at)
}

// Has tells whether a record may have been forgotten.
func (f *Filter) Has(k UUID) bool {
	for ; f.below != nil; f = f.below {
		if _, ok := f.has[k]; ok {
			return true
		}
	}
	for _, l := range f.layers {
		if l.has(k) {
			return true
		}
	}
	return false
}

func newLayer(keys int) filterLayer { return filterLayer{words: make([]uint64, keys*bitsPerKey/64)} }

func (l *filterLayer) full() bool { return l.keys >= int64(len(l.words))*64/bitsPerKey }

func (l *filterLayer) add(k UUID, at int64) {
	start, step := probe(k)
	mask := uint64(len(l.words))*64 - 1
	for range probes {
		l.words[start&mask>>6] |= 1 << (start & 63)
		start += step
	}
	l.keys++
	l.newest = max(l.newest, at)
}

func (l *filterLayer) has(k UUID) bool {
	start, step := probe(k)
	mask := uint64(len(l.words))*64 - 1
	for range probes {
		if l.words[start&mask>>6]&(1<<(start&63)) == 0 {
			return false
		}
		start += step
	}
	return true
}

// probe takes its bits from the key itself, which is a hash already.
func probe(k UUID) (start, step uint64) {
	return binary.BigEndian.Uint64(k[8:]), binary.BigEndian.Uint64(k[:8]) | 1
}

// flat returns a filter that is no draft with the keys of f.
func (f *Filter) flat() *Filter {
	if f.below == nil {
		return f
	}
	below := f.below.flat()
	c := &Filter{retention: f.retention}
	for _, l := range below.layers {
		l.words = slices.Clone(l.words)
		c.layers = append(c.layers, l)
	}
	for _, k := range f.added {
		c.Add(k.key, k.at)
	}
	return c
}

// Encode appends the filter for a snapshot.
func (f *Filter) Encode(w *Writer) {
	f = f.flat()
	w.Int(int64(len(f.layers)))
	for _, l := range f.layers {
		w.Int(l.keys)
		w.Int(l.newest)
		w.Int(int64(len(l.words)))
		for _, word := range l.words {
			w.buf = binary.LittleEndian.AppendUint64(w.buf, word)
		}
	}
}

// DecodeFilter reads what Encode wrote.
func DecodeFilter(r *Reader, retention int64) *Filter {
	f := NewFilter(retention)
	for range r.Count(11) {
		l := filterLayer{keys: r.Int(), newest: r.Int()}
		n := r.Int()
		if n <= 0 || n > int64(len(r.buf)/8) || n&(n-1) != 0 || l.keys < 0 {
			r.Fail("a filter layer of %d words and %d keys", n, l.keys)
			return f
		}
		l.words = make([]uint64, n)
		for i := range l.words {
			l.words[i] = binary.LittleEndian.Uint64(r.buf[8*i:])
		}
		r.buf = r.buf[8*n:]
		f.layers = append(f.layers, l)
	}
	return f
}
