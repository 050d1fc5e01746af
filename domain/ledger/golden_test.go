package ledger

import "testing"

func TestTheEncodingOfEntriesMailAndFiltersIsFixedForEver(t *testing.T) {
	golden(t, "entry-shared.v1.hex", encoded(sampleEntry()))
	golden(t, "post.v1.hex", encoded(busyPost(t)))
	golden(t, "filter.v1.hex", encoded(smallFilter()))
	var w Writer
	EncodeSnapshot(&w, Stamp{Version: 300, At: 1_800_000_000_123}, note{text: "state"})
	golden(t, "snapshot.v1.hex", w.Bytes())
}

// smallFilter has layers of 8 and 16 keys, and one key of two in each.
func smallFilter() *Filter {
	f := &Filter{retention: week, layers: []filterLayer{newLayer(8), newLayer(16)}}
	f.layers[0].add(NewUUIDv5(Namespace, "first"), 5)
	f.layers[1].add(NewUUIDv5(Namespace, "second"), 6)
	return f
}
