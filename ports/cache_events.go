package ports

import "time"

// CacheRead says what became of a look at the cache.
type CacheRead struct {
	Hits   int
	Misses int
	Took   time.Duration
}

// CachePassed says that levels were read without a look at the cache, which did not answer lately.
type CachePassed struct{ Levels int }

// CacheFilled says that levels that were missing are in the cache now.
type CacheFilled struct{ Levels int }

// CacheTold says that the cache was told of levels that changed.
type CacheTold struct {
	Levels int
	Oldest time.Duration // from the entry that changed one of them: the most
}

// CacheUntold says that the cache was not told of levels that changed: too many waited, or they
// waited for so long that nothing older can be there. Those that are there are so for the time to live at most.
type CacheUntold struct{ Levels int }

// CacheStands says how many levels wait to be told to the cache, now and then.
type CacheStands struct{ Waiting int }

// CacheAway says that reads pass the cache by from now on, as it does not answer, or that they do
// no longer.
type CacheAway struct{ Away bool }

// CacheTrouble says what failed. Nothing but speed is lost by it.
type CacheTrouble struct {
	Call string // one of the constants below
	Err  error
}

// The calls of a cache.
const (
	CacheGet   = "get"
	CacheClaim = "claim"
	CacheFill  = "fill"
	CacheTell  = "tell"
)

func (CacheRead) event()    {}
func (CachePassed) event()  {}
func (CacheFilled) event()  {}
func (CacheTold) event()    {}
func (CacheUntold) event()  {}
func (CacheStands) event()  {}
func (CacheAway) event()    {}
func (CacheTrouble) event() {}
