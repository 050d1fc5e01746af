package kafka

import (
	"slices"
	"sync"
)

// holdings knows which partitions of a topic the group has given this member, and tells those
// who read the others that these are to be let go.
type holdings struct {
	mu     sync.Mutex
	mine   []int32
	losing map[int32]chan struct{} // of partitions that are read: closed when another is to have them
}

// assign says what the member has from now on.
func (h *holdings) assign(partitions []int32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mine = slices.Clone(partitions)
	for p, lost := range h.losing {
		if !slices.Contains(h.mine, p) {
			close(lost)
			delete(h.losing, p)
		}
	}
}

// read begins to read a partition. lost is closed when it is to be let go, at once where it
// is not the member's any more.
func (h *holdings) read(partition int32) (lost <-chan struct{}) {
	l := make(chan struct{})
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.mine, partition) {
		close(l)
		return l
	}
	if h.losing == nil {
		h.losing = map[int32]chan struct{}{}
	}
	h.losing[partition] = l
	return l
}

// unread says that a partition that read gave lost for is read no longer.
func (h *holdings) unread(partition int32, lost <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.losing[partition] == lost {
		delete(h.losing, partition)
	}
}
