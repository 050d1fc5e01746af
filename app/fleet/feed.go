package fleet

import (
	"context"
	"sync"
	"time"

	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// feeds tell other members how the levels of this process's stock ledgers change, so that they
// can plan by them. A member that asks is told what has changed since it asked last: at once,
// or when something does.
type feeds struct {
	f  *Fleet
	mu sync.Mutex
	of map[ledger.ID]*feed
}

// feed is what changed lately in one stock ledger.
type feed struct {
	mu    sync.Mutex
	epoch int64
	from  int64 // what changed after this version is in the log; below 0: not known yet
	upto  int64 // the newest version in the log
	log   []levelChange
	news  chan struct{} // closed, and made anew, with each entry
}

type levelChange struct {
	version int64
	sku     stock.SKU
}

const (
	// feedLength bounds the changes that are remembered; who asks later than that is told all.
	feedLength = 16 << 10
	// feedPatience is how long a member waits for a change.
	feedPatience = time.Second
)

func newFeeds(f *Fleet) *feeds { return &feeds{f: f, of: map[ledger.ID]*feed{}} }

// find gives the feed of an epoch of a ledger; begin says whether to make one.
func (s *feeds) find(id ledger.ID, epoch int64, begin bool) *feed {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.of[id]; now != nil && now.epoch == epoch {
		return now
	}
	if !begin {
		return nil
	}
	s.of[id] = newFeed(epoch)
	return s.of[id]
}

func newFeed(epoch int64) *feed { return &feed{epoch: epoch, from: -1, news: make(chan struct{})} }

// drop forgets the feed of a ledger that is owned no longer.
func (s *feeds) drop(id ledger.ID) {
	s.mu.Lock()
	one := s.of[id]
	delete(s.of, id)
	s.mu.Unlock()
	if one != nil {
		one.tell()
	}
}

// note takes in an entry of a ledger, if anybody asked about it.
func (s *feeds) note(id ledger.ID, e *ledger.Entry) {
	if one := s.find(id, e.Epoch, false); one != nil {
		one.note(e)
	}
}

func (d *feed) note(e *ledger.Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range e.Changes {
		switch c := c.(type) {
		case stock.Moved:
			for _, l := range c.Lines {
				d.log = append(d.log, levelChange{e.Version, l.SKU})
			}
		case stock.AdjustmentMade:
			d.log = append(d.log, levelChange{e.Version, c.SKU})
		}
	}
	d.upto = e.Version
	if old := len(d.log) - feedLength; old > feedLength/4 {
		d.from = max(d.from, d.log[old-1].version)
		d.log = append(d.log[:0:0], d.log[old:]...)
	}
	d.wake()
}

func (d *feed) tell() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wake()
}

// wake wakes who waits; d.mu is held.
func (d *feed) wake() {
	close(d.news)
	d.news = make(chan struct{})
}

// since lists the SKUs that changed after a version; ok is false where that is not remembered.
func (d *feed) since(after int64) (skus map[stock.SKU]bool, upto int64, news <-chan struct{}, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.from < 0 || after < d.from {
		return nil, 0, d.news, false
	}
	skus = map[stock.SKU]bool{}
	for i := len(d.log) - 1; i >= 0 && d.log[i].version > after; i-- {
		skus[d.log[i].sku] = true
	}
	return skus, max(after, d.upto), d.news, true
}

// answer answers a member that follows a ledger's levels.
func (s *feeds) answer(ctx context.Context, r wire.AskLevels) wire.LevelsAnswer {
	epoch, owned := s.f.host.Epoch(r.Ledger)
	if !owned || r.Ledger.Kind() != ledger.KindStock {
		return wire.LevelsAnswer{}
	}
	d := s.find(r.Ledger, epoch, true)
	if r.Epoch == epoch {
		skus, upto, news, ok := d.since(r.After)
		if ok && len(skus) == 0 {
			s.await(ctx, news)
			skus, upto, _, ok = d.since(r.After)
		}
		if ok {
			return s.some(r.Ledger, epoch, upto, skus)
		}
	}
	return s.whole(r.Ledger, epoch, d)
}

func (s *feeds) await(ctx context.Context, news <-chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, feedPatience)
	defer cancel()
	select {
	case <-ctx.Done():
	case <-news:
	}
}

func (s *feeds) some(id ledger.ID, epoch, upto int64, skus map[stock.SKU]bool) wire.LevelsAnswer {
	a := wire.LevelsAnswer{Epoch: epoch, Upto: upto}
	a.Owned = s.f.host.View(id, func(m ledger.Machine) {
		for sku := range skus {
			l, _ := m.(*stock.State).Level(sku)
			a.SKUs = append(a.SKUs, wire.Available{SKU: sku, Units: l.Available()})
		}
	})
	return a
}

// whole lists all levels. Entries that come while it does are in the feed already.
func (s *feeds) whole(id ledger.ID, epoch int64, d *feed) wire.LevelsAnswer {
	a := wire.LevelsAnswer{Epoch: epoch, Whole: true}
	a.Owned = s.f.host.Glance(id, func(m ledger.Machine, at ledger.Stamp) {
		a.Upto = at.Version
		for sku, l := range m.(*stock.State).Levels() {
			a.SKUs = append(a.SKUs, wire.Available{SKU: sku, Units: l.Available()})
		}
	})
	d.mu.Lock()
	if d.from < 0 {
		d.from = a.Upto
	}
	d.mu.Unlock()
	return a
}
