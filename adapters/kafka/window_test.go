package kafka

import "testing"

func TestOnlyWhatIsDoneWithoutAGapIsMarked(t *testing.T) {
	w := window{mostRecords: 10, mostBytes: 100}
	// Offset 12 and 13 are not there: compaction took them.
	a, b, c, d := w.add(10, 1), w.add(11, 1), w.add(14, 1), w.add(15, 1)
	for _, step := range []struct {
		name  string
		done  *inFlight
		next  int64
		moved bool
	}{
		{"the second", b, 0, false},
		{"the third", c, 0, false},
		{"the first", a, 15, true},
		{"the fourth", d, 16, true},
	} {
		if next, moved := w.finish(step.done); next != step.next || moved != step.moved {
			t.Errorf("%s done: got %d, %v; want %d, %v", step.name, next, moved, step.next, step.moved)
		}
	}
	if len(w.queue) != 0 || w.bytes != 0 {
		t.Errorf("left: %d records, %d bytes", len(w.queue), w.bytes)
	}
}

func TestAWindowIsFullByRecordsOrByBytes(t *testing.T) {
	w := window{mostRecords: 3, mostBytes: 100}
	if w.full(1_000) {
		t.Error("an empty window takes no large record: nothing would ever be read")
	}
	first := w.add(0, 90)
	if !w.full(11) || w.full(10) {
		t.Errorf("with 90 of 100 bytes: full for 11 %v, for 10 %v", w.full(11), w.full(10))
	}
	second := w.add(1, 1)
	w.finish(second)
	w.add(2, 1)
	if !w.full(1) {
		t.Error("three records from the first that is not done: not full")
	}
	w.finish(first)
	if w.full(1) {
		t.Error("full with one record")
	}
}
