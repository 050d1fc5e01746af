package watch

// ring is what changed lately in one ledger: the entries after from, without gaps.
type ring struct {
	from    int64
	entries [][]Change // of the entries from+1, from+2, …
	weight  int        // of them together
}

// weigh is what an entry counts in a ring: its changes, and itself.
func weigh(changes []Change) int { return 1 + len(changes) }

// upto is the version of the newest entry.
func (r *ring) upto() int64 { return r.from + int64(len(r.entries)) }

// add takes in the entry that comes next, and lets go of old ones beyond most.
func (r *ring) add(changes []Change, most int) {
	r.entries = append(r.entries, changes)
	r.weight += weigh(changes)
	old := 0
	for r.weight > most && old < len(r.entries)-1 {
		r.weight -= weigh(r.entries[old])
		r.entries[old] = nil
		old++
	}
	r.entries, r.from = r.entries[old:], r.from+int64(old)
}

// since gathers what changed after an entry, of some whole entries: until there are most
// changes. ok is false where the ring does not reach back that far.
func (r *ring) since(after int64, most int) (s *Span, ok bool) {
	if after < r.from || after > r.upto() {
		return nil, false
	}
	s = &Span{From: after, To: after}
	for _, changes := range r.entries[after-r.from:] {
		if len(s.Changes) > 0 && len(s.Changes)+len(changes) > most {
			break
		}
		s.Changes = append(s.Changes, changes...)
		s.To++
	}
	return s, true
}
