package kafka

// window is what is read of a partition and not yet behind its first record that is not
// done. It is not safe for concurrent use.
type window struct {
	mostRecords int
	mostBytes   int

	queue []*inFlight // in the order of their offsets; the first is not done
	bytes int         // of what is not done
}

// inFlight is a record on its way. Offsets may have gaps: compaction and transactions make
// them.
type inFlight struct {
	offset int64
	bytes  int
	done   bool
}

// full says whether a record of so many bytes has to wait. An empty window takes any.
func (w *window) full(bytes int) bool {
	return len(w.queue) >= w.mostRecords || (w.bytes > 0 && w.bytes+bytes > w.mostBytes)
}

// add takes the next record.
func (w *window) add(offset int64, bytes int) *inFlight {
	r := &inFlight{offset: offset, bytes: max(bytes, 1)}
	w.queue = append(w.queue, r)
	w.bytes += r.bytes
	return r
}

// finish says that a record is done. It returns the offset that the partition may be resumed
// from, and whether that has moved.
func (w *window) finish(r *inFlight) (next int64, moved bool) {
	r.done = true
	w.bytes -= r.bytes
	for len(w.queue) > 0 && w.queue[0].done {
		next, moved = w.queue[0].offset+1, true
		w.queue[0] = nil
		w.queue = w.queue[1:]
	}
	return next, moved
}
