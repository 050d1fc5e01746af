package global

import (
	"slices"
	"time"
)

// Record is a record of the topic of totals, as it is read back.
type Record struct {
	Key
	Version int64 // 0: it deletes its key, or can't be read
	// By is the id of the aggregator that wrote it; empty where another program did, such as a
	// Flink job.
	By string
}

// Change is what a Keeper decides about itself.
type Change int

// The changes.
const (
	Unchanged Change = iota
	TookOver
	SteppedBack
)

// Keeper decides what of a fold is to be published. Another program may keep the same topic: a
// Flink job, or an aggregator in another process. It comes first where it is no aggregator, and
// else where its id is smaller; the others stand by.
//
// A Keeper begins active: it publishes what the topic lacks as it becomes known. It steps back
// when whoever comes first is heard, and does not owe anything for longer than the bound by
// itself. It takes over when the topic lacks anything for longer than the bound. Times are of a
// steady clock. Make it with NewKeeper; one goroutine uses it.
type Keeper struct {
	me    string
	bound time.Duration
	fold  *Fold

	totals map[Key]*standing
	late   map[Key]*standing // the topic lacks their newest
	owed   map[Key]*standing // changes that who comes first has not published
	ready  bool              // what was there at the start is known
	active bool
	heard  bool // who comes first published something, since it was silent
}

// standing is how a total stands. Versions are 0 where there are none.
type standing struct {
	newest    int64 // of the fold
	last      int64 // of the topic's last record
	others    int64 // of the last record of who comes first
	mine      int64 // that this process published last
	lateSince time.Duration
	owedSince time.Duration
}

// NewKeeper returns a keeper of nothing yet. me is the id of its aggregator.
func NewKeeper(me string, bound time.Duration) *Keeper {
	return &Keeper{
		me: me, bound: bound, fold: NewFold(), active: true,
		totals: map[Key]*standing{}, late: map[Key]*standing{}, owed: map[Key]*standing{},
	}
}

// Take adds a level to the fold.
func (k *Keeper) Take(l Level, now time.Duration) {
	if !k.fold.Take(l) {
		return
	}
	key := Key{l.SKU, l.Region}
	t, _ := k.fold.Total(key)
	s := k.standing(key)
	s.newest = t.Version
	k.compare(key, s, now)
}

// See notes a record of the topic. The last one of a key counts, though an earlier one may have
// had more: it is what stays.
func (k *Keeper) See(r Record, now time.Duration) {
	s := k.standing(r.Key)
	s.last = r.Version
	if k.yieldsTo(r.By) {
		s.others = r.Version
		k.heard = k.heard || k.ready
	}
	k.compare(r.Key, s, now)
}

func (k *Keeper) yieldsTo(by string) bool { return by < k.me }

func (k *Keeper) standing(key Key) *standing {
	s := k.totals[key]
	if s == nil {
		s = &standing{}
		k.totals[key] = s
	}
	return s
}

// compare notes what is lacking. A change that the topic has lacked is owed until who comes
// first has published it, whoever else did.
func (k *Keeper) compare(key Key, s *standing, now time.Duration) {
	_, late := k.late[key]
	_, owed := k.owed[key]
	switch lacks := s.last < s.newest; {
	case lacks && !late:
		k.late[key], s.lateSince = s, now
	case !lacks:
		delete(k.late, key)
	}
	switch {
	case s.others >= s.newest:
		delete(k.owed, key)
	case s.last < s.newest && !owed:
		k.owed[key], s.owedSince = s, now
	}
}

// Ready says that all that was there at the start was handed over: what is seen from now on is
// published now.
func (k *Keeper) Ready() {
	if k.ready {
		return
	}
	k.ready = true
	for key := range k.owed {
		if _, late := k.late[key]; !late { // published before: nobody owes it
			delete(k.owed, key)
		}
	}
}

// Due gives the totals that are to be published now, by key, and whether the keeper took over
// or stepped back with this.
func (k *Keeper) Due(now time.Duration) ([]Total, Change) {
	change := k.decide(now)
	if !k.active {
		return nil, change
	}
	var due []Total
	for key, s := range k.late {
		// What was published once is published again only when it was overwritten for a while.
		if s.mine < s.newest || now-s.lateSince >= k.bound {
			t, _ := k.fold.Total(key)
			due = append(due, t)
		}
	}
	slices.SortFunc(due, func(a, b Total) int { return a.Compare(b.Key) })
	return due, change
}

func (k *Keeper) decide(now time.Duration) Change {
	switch {
	case k.active && k.heard && now-k.oldest(k.owed, now, owedSince) < k.bound:
		k.active, k.heard = false, false
		return SteppedBack
	case !k.active && k.Lag(now) >= k.bound:
		k.active, k.heard = true, false
		return TookOver
	}
	return Unchanged
}

func owedSince(s *standing) time.Duration { return s.owedSince }
func lateSince(s *standing) time.Duration { return s.lateSince }

// oldest gives the earliest time of some standings; now where there are none.
func (k *Keeper) oldest(of map[Key]*standing, now time.Duration, since func(*standing) time.Duration) time.Duration {
	for _, s := range of {
		now = min(now, since(s))
	}
	return now
}

// Published notes that totals of Due are on the topic.
func (k *Keeper) Published(totals []Total, now time.Duration) {
	for _, t := range totals {
		s := k.standing(t.Key)
		s.mine, s.lateSince = max(s.mine, t.Version), now
	}
}

// Lag is for how long the topic has lacked what it has lacked longest.
func (k *Keeper) Lag(now time.Duration) time.Duration { return now - k.oldest(k.late, now, lateSince) }

// Late is how many totals the topic lacks the newest of.
func (k *Keeper) Late() int { return len(k.late) }

// Active tells whether it publishes, or stands by.
func (k *Keeper) Active() bool { return k.active }

// Fold is what the levels add up to. Nobody else may change it.
func (k *Keeper) Fold() *Fold { return k.fold }
