package porttest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"inventory/ports"
)

// CacheTimes are how long what is in a cache lasts.
type CacheTimes struct{ TTL, Lease time.Duration }

// LevelCache proves that a cache keeps the contract of ports.LevelCache. Each call of open gives a
// handle on the same cache, whose entries last as long as is said from then on.
func LevelCache(t *testing.T, open func(*testing.T, CacheTimes) ports.LevelCache) {
	for _, name := range slices.Sorted(maps.Keys(cacheTests)) {
		t.Run(name, func(t *testing.T) {
			long := CacheTimes{TTL: time.Minute, Lease: time.Minute}
			cacheTests[name](&cacheTest{T: t, ctx: t.Context(), open: open, LevelCache: open(t, long), other: open(t, long)})
		})
	}
}

var cacheTests = map[string]func(*cacheTest){
	"a level is found as it was filled in":                         cacheRoundTrip,
	"of what is not there nothing is found":                        cacheNothing,
	"one of twenty claims a key":                                   cacheOneClaims,
	"whose claim it is not fills nothing":                          cacheStrangerFillsNothing,
	"what was not claimed is not filled in":                        cacheUnclaimed,
	"what is told takes the claim's place, and no older fill does": cacheToldFirst,
	"a fill takes the place of what is older":                      cacheFillIsNewer,
	"the larger version stays, whichever is told first":            cacheNeverBack,
	"of twenty that tell at once the largest version stays":        cacheRace,
	"nothing is told where nothing is":                             cacheToldNothing,
	"a SKU that never was there can be told of later":              cacheNeverWas,
	"a level lasts for its time, however often it is told":         cacheLasts,
	"a claim lasts for a moment":                                   cacheClaimLasts,
	"no keys, no levels":                                           cacheEmpty,
	"a cancelled call is an error":                                 cacheCancelled,
}

// cacheTest is one test of the suite: two handles on a cache.
type cacheTest struct {
	*testing.T
	ports.LevelCache
	ctx   context.Context
	open  func(*testing.T, CacheTimes) ports.LevelCache
	other ports.LevelCache
}

// level is one of a key.
func levelOf(k ports.LevelKey, version int64) ports.CachedLevel {
	at := time.Date(2026, time.November, 29, 23, 59, 59, 7_000_000, time.UTC).Add(time.Duration(version%1000) * time.Millisecond)
	return ports.CachedLevel{LevelKey: k, OnHand: 1000 - version, Held: 7 + version, Version: version, At: at}
}

// newKey is one that is new in the cache.
func newKey() ports.LevelKey { return ports.LevelKey{SKU: unique("SKU:1"), WarehouseID: "W-1"} }

func (t *cacheTest) claim(c ports.LevelCache, by string, keys ...ports.LevelKey) (mine []bool) {
	t.Helper()
	must(t.T, "Claim", func() (err error) {
		mine, err = c.Claim(t.ctx, by, keys)
		return err
	})
	return mine
}

func (t *cacheTest) fill(by string, want int, levels ...ports.CachedLevel) {
	t.Helper()
	must(t.T, "Fill", func() error {
		stored, err := t.Fill(t.ctx, by, levels)
		if err == nil && stored != want {
			t.Fatalf("%d of %d levels were filled in, want %d", stored, len(levels), want)
		}
		return err
	})
}

func (t *cacheTest) tell(levels ...ports.CachedLevel) {
	t.Helper()
	must(t.T, "Tell", func() error { return t.Tell(t.ctx, levels) })
}

// put has a level in the cache.
func (t *cacheTest) put(l ports.CachedLevel) {
	t.Helper()
	by := unique("claim")
	if mine := t.claim(t.LevelCache, by, l.LevelKey); !mine[0] {
		t.Fatal("another one has claimed a key of this test")
	}
	t.fill(by, 1, l)
}

// got looks keys up through the other handle.
func (t *cacheTest) got(keys ...ports.LevelKey) (all []ports.Cached) {
	t.Helper()
	must(t.T, "Get", func() (err error) {
		all, err = t.other.Get(t.ctx, keys)
		return err
	})
	if len(all) != len(keys) {
		t.Fatalf("Get of %d keys gave %d answers", len(keys), len(all))
	}
	return all
}

// wantFound fails the test unless just these levels are found.
func (t *cacheTest) wantFound(want ...ports.CachedLevel) {
	t.Helper()
	for _, l := range want {
		if is := t.got(l.LevelKey)[0]; !is.Found || is.Claimed || !sameLevel(is.Level, l) {
			t.Fatalf("found %+v, want %+v", is, l)
		}
	}
}

func sameLevel(a, b ports.CachedLevel) bool {
	at := a.At.Equal(b.At)
	a.At = b.At
	return at && a == b
}

// wantNone fails the test unless there is nothing of a key, or just a claim.
func (t *cacheTest) wantNone(k ports.LevelKey, claimed bool) {
	t.Helper()
	if is := t.got(k)[0]; is.Found || is.Claimed != claimed {
		t.Fatalf("found %+v, want nothing, and claimed to be %t", is, claimed)
	}
}

func cacheRoundTrip(t *cacheTest) {
	a, b := levelOf(newKey(), 7), levelOf(newKey(), 1<<50)
	b.WarehouseID, b.OnHand, b.Held = "ü/: {x} \x00'", -1<<45, 0
	t.put(a)
	t.put(b)
	t.wantFound(a, b)
	all := t.got(b.LevelKey, newKey(), a.LevelKey, b.LevelKey)
	if !sameLevel(all[0].Level, b) || all[1].Found || !sameLevel(all[2].Level, a) || !sameLevel(all[3].Level, b) {
		t.Fatalf("not in the order of the keys: %+v", all)
	}
}

func cacheNothing(t *cacheTest) {
	a := levelOf(newKey(), 7)
	t.put(a)
	t.wantNone(newKey(), false)
	t.wantNone(ports.LevelKey{SKU: a.SKU, WarehouseID: "W-2"}, false)
}

func cacheOneClaims(t *cacheTest) {
	a, b := newKey(), newKey()
	t.claim(t.LevelCache, "first", b)
	won := make([]bool, racers)
	for i, err := range race(racers, func(i int) error {
		mine, err := [...]ports.LevelCache{t.LevelCache, t.other}[i%2].Claim(t.ctx, fmt.Sprint("racer ", i), []ports.LevelKey{a, b})
		if err == nil {
			won[i] = mine[0]
			if mine[1] {
				t.Errorf("racer %d claims what is claimed", i)
			}
		}
		return err
	}) {
		if err != nil {
			t.Fatalf("racer %d: %v", i, err)
		}
	}
	if n := count(won); n != 1 {
		t.Fatalf("%d of %d claimed the key, want one", n, racers)
	}
	t.wantNone(a, true)
}

func count(all []bool) (n int) {
	for _, is := range all {
		if is {
			n++
		}
	}
	return n
}

func cacheStrangerFillsNothing(t *cacheTest) {
	k := newKey()
	t.claim(t.LevelCache, "mine", k)
	t.fill("another's", 0, levelOf(k, 3))
	t.wantNone(k, true)
	t.fill("mine", 1, levelOf(k, 2))
	t.wantFound(levelOf(k, 2))
	if mine := t.claim(t.other, "late", k); mine[0] {
		t.Fatal("what is there was claimed")
	}
}

func cacheUnclaimed(t *cacheTest) {
	k := newKey()
	t.fill("nobody's", 0, levelOf(k, 3))
	t.wantNone(k, false)
}

func cacheToldFirst(t *cacheTest) {
	k := newKey()
	t.claim(t.LevelCache, "mine", k)
	t.tell(levelOf(k, 6))
	t.wantFound(levelOf(k, 6))
	t.fill("mine", 0, levelOf(k, 5))
	t.wantFound(levelOf(k, 6))
}

func cacheFillIsNewer(t *cacheTest) {
	k := newKey()
	t.claim(t.LevelCache, "mine", k)
	t.tell(levelOf(k, 6))
	t.fill("mine", 1, levelOf(k, 7))
	t.wantFound(levelOf(k, 7))
}

func cacheNeverBack(t *cacheTest) {
	k, gone := newKey(), newKey()
	t.put(levelOf(k, 9))
	t.tell(levelOf(k, 11), levelOf(gone, 3))
	t.wantFound(levelOf(k, 11))
	other := levelOf(k, 11)
	other.OnHand++
	t.tell(levelOf(k, 10), other)
	t.wantFound(levelOf(k, 11))
	t.tell(levelOf(k, 100))
	t.wantFound(levelOf(k, 100))
	t.wantNone(gone, false)
}

func cacheRace(t *cacheTest) {
	k := newKey()
	t.put(levelOf(k, 1))
	for i, err := range race(racers, func(i int) error { return t.Tell(t.ctx, []ports.CachedLevel{levelOf(k, int64(i+2))}) }) {
		if err != nil {
			t.Fatalf("racer %d: %v", i, err)
		}
	}
	t.wantFound(levelOf(k, racers+1))
}

func cacheToldNothing(t *cacheTest) {
	k := newKey()
	t.tell(levelOf(k, 3))
	t.wantNone(k, false)
}

func cacheNeverWas(t *cacheTest) {
	none := ports.CachedLevel{LevelKey: newKey(), At: levelOf(newKey(), 1).At}
	t.put(none)
	t.wantFound(none)
	t.tell(levelOf(none.LevelKey, 1))
	t.wantFound(levelOf(none.LevelKey, 1))
}

// soon is a time that a test can wait for, and in which a busy machine does a few calls.
const soon = 500 * time.Millisecond

func cacheLasts(t *cacheTest) {
	t.LevelCache = t.open(t.T, CacheTimes{TTL: soon, Lease: time.Minute})
	began := time.Now()
	k := newKey()
	t.put(levelOf(k, 1))
	for version := int64(2); t.got(k)[0].Found; version++ {
		t.tell(levelOf(k, version))
		if time.Since(began) > 20*soon {
			t.Fatalf("still there after %s, its time is %s", time.Since(began), soon)
		}
	}
	if lasted := time.Since(began); lasted < soon/2 {
		t.Fatalf("gone after %s, its time is %s or a little less", lasted, soon)
	}
}

func cacheClaimLasts(t *cacheTest) {
	t.LevelCache = t.open(t.T, CacheTimes{TTL: time.Minute, Lease: soon})
	began := time.Now()
	k := newKey()
	t.claim(t.LevelCache, "first", k)
	for n := 0; !t.claim(t.LevelCache, fmt.Sprint("later ", n), k)[0]; n++ {
		if time.Since(began) > 20*soon {
			t.Fatalf("still claimed after %s, a claim lasts for %s", time.Since(began), soon)
		}
	}
	t.fill("first", 0, levelOf(k, 1))
}

func cacheEmpty(t *cacheTest) {
	if all := t.got(); len(all) != 0 {
		t.Fatalf("found %v", all)
	}
	if mine := t.claim(t.LevelCache, "empty"); len(mine) != 0 {
		t.Fatalf("claimed %v", mine)
	}
	t.fill("empty", 0)
	t.tell()
}

func cacheCancelled(t *cacheTest) {
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	k := newKey()
	_, get := t.Get(ctx, []ports.LevelKey{k})
	_, claim := t.Claim(ctx, "by", []ports.LevelKey{k})
	_, fill := t.Fill(ctx, "by", []ports.CachedLevel{levelOf(k, 1)})
	tell := t.Tell(ctx, []ports.CachedLevel{levelOf(k, 1)})
	for call, err := range map[string]error{"Get": get, "Claim": claim, "Fill": fill, "Tell": tell} {
		if err == nil {
			t.Errorf("%s with a context that ended: no error", call)
		}
	}
}
