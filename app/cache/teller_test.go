package cache

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

const home ledger.ID = "stock/W/0"

// entry changes levels of SKUs; each has 100 and the version on hand.
func entry(version int64, skus ...stock.SKU) *ledger.Entry {
	e := &ledger.Entry{Stamp: ledger.Stamp{Version: version, At: time.Now().UnixMilli()}}
	for _, sku := range skus {
		e.Changes = append(e.Changes, stock.AdjustmentMade{Adjustment: stock.Adjustment{SKU: sku, Level: levelWith(100 + version)}})
	}
	return e
}

// telling runs a teller until the test ends it.
func (p *place) telling() (t *Teller, end func()) {
	t = NewTeller(p.cfg, p.world())
	ctx, cancel := context.WithCancel(p.Context())
	var running sync.WaitGroup
	running.Go(func() { t.Run(ctx) })
	return t, func() { cancel(); running.Wait() }
}

// keep has a level in the cache, as it is at the owner.
func (p *place) keep(skus ...string) {
	p.read(p.hot(skus...), ask(skus...))
}

func (p *place) wantVersion(sku string, version int64) {
	p.Helper()
	synctest.Wait()
	if l := p.got(sku); l.Version != version || version > 0 && l.OnHand != 100+version {
		p.Fatalf("of %s the cache has %+v, want version %d", sku, l, version)
	}
}

func TestTheCacheIsToldOfWhatOthersAskedFor(t *testing.T) {
	in(t, func(p *place) {
		teller, end := p.telling()
		defer end()
		p.keep("A", "B")
		teller.Asked(ask("A"))
		teller.Committed(home, entry(6, "A", "B"))
		p.wantVersion("A", 6)
		p.wantVersion("B", 5)
		if told := p.seen.of(ports.CacheTold{}); told != 1 {
			p.Fatalf("the cache was told of %d levels, want one", told)
		}
		pass(2*p.cfg.lasts() + time.Second)
		teller.Committed(home, entry(7, "A"))
		synctest.Wait()
		if told := p.seen.of(ports.CacheTold{}); told != 1 {
			p.Fatal("the cache was told of what nobody has asked for lately")
		}
	})
}

// However long ago the owner was asked, what may still be in the cache is told.
func TestWhatMayBeInTheCacheIsToldForAsLongAsItMay(t *testing.T) {
	in(t, func(p *place) {
		for _, sku := range []string{"A", "B", "C", "D"} {
			teller, end := p.telling()
			pass(1300 * time.Millisecond)
			teller.Asked(ask(sku))
			p.version.Store(5)
			p.keep(sku)
			pass(p.cfg.TTL - time.Millisecond)
			teller.Committed(home, entry(6, stock.SKU(sku)))
			p.wantVersion(sku, 6)
			end()
		}
	})
}

func TestOfALedgerThatWasTakenOverAllIsToldForAWhile(t *testing.T) {
	in(t, func(p *place) {
		teller, end := p.telling()
		defer end()
		p.keep("A")
		teller.Took(home)
		teller.Committed(home, entry(6, "A"))
		p.wantVersion("A", 6)
		pass(p.cfg.lasts())
		p.keep("A")
		teller.Committed(home, entry(7, "A"))
		p.wantVersion("A", 5)
	})
}

func TestOfManyChangesOfAnEntryTheLastIsTold(t *testing.T) {
	in(t, func(p *place) {
		teller, end := p.telling()
		defer end()
		p.keep("A")
		teller.Asked(ask("A"))
		e := entry(6, "A", "A")
		e.Changes[0] = stock.AdjustmentMade{Adjustment: stock.Adjustment{SKU: "A", Level: levelWith(1)}}
		teller.Committed(home, e)
		p.wantVersion("A", 6)
	})
}

func TestWhatCouldNotBeToldIsToldWhenItCan(t *testing.T) {
	in(t, func(p *place) {
		teller, end := p.telling()
		defer end()
		p.keep("A", "B")
		teller.Asked(ask("A", "B"))
		p.cache.set(true, nil)
		for version := int64(6); version < 9; version++ {
			teller.Committed(home, entry(version, "A"))
			pass(300 * time.Millisecond)
		}
		teller.Committed(home, entry(9, "B"))
		p.wantVersion("A", 5)
		p.cache.set(false, nil)
		pass(tellTimeout + tryAgain + time.Millisecond)
		p.wantVersion("A", 8)
		p.wantVersion("B", 9)
	})
}

// Levels that are as old as that have left the cache by themselves.
func TestWhatWaitsForTooLongIsForgotten(t *testing.T) {
	in(t, func(p *place) {
		teller, end := p.telling()
		defer end()
		teller.Took(home)
		p.cache.set(false, ports.ErrTransient)
		teller.Committed(home, entry(6, "A"))
		pass(p.cfg.lasts() + time.Second)
		if untold, waits := p.seen.of(ports.CacheUntold{}), len(teller.untold); untold != 1 || waits != 0 {
			p.Fatalf("%d levels were given up and %d wait, want 1 and 0", untold, waits)
		}
	})
}

func TestWhatWaitsIsBounded(t *testing.T) {
	in(t, func(p *place) {
		teller := NewTeller(p.cfg, p.world()) // which does not run
		teller.Took(home)
		var skus []stock.SKU
		for n := range mostUntold + 10 {
			skus = append(skus, stock.SKU(fmt.Sprint("S", n)))
		}
		teller.Committed(home, entry(1, skus...))
		if untold, waits := p.seen.of(ports.CacheUntold{}), len(teller.untold); untold != 10 || waits != mostUntold {
			p.Fatalf("%d levels were given up and %d wait, want 10 and %d", untold, waits, mostUntold)
		}
	})
}

func TestWhatIsNotedIsBoundedAndThenAllIsTold(t *testing.T) {
	in(t, func(p *place) {
		teller, end := p.telling()
		defer end()
		p.keep("A")
		var skus []string
		for n := range mostNoted + 1 {
			skus = append(skus, fmt.Sprint("S", n))
		}
		teller.Asked(ask(skus...))
		teller.Committed(home, entry(6, "A"))
		p.wantVersion("A", 6)
		if len(teller.noted.young) > mostNoted {
			p.Fatalf("%d are noted", len(teller.noted.young))
		}
	})
}

func TestWhatIsCommittedLastIsToldBeforeTheEnd(t *testing.T) {
	in(t, func(p *place) {
		teller := NewTeller(p.cfg, p.world())
		p.keep("A")
		teller.Asked(ask("A"))
		teller.Committed(home, entry(6, "A"))
		ended, cancel := context.WithCancel(p.Context())
		cancel()
		teller.Run(ended)
		p.wantVersion("A", 6)
	})
}

// levelWith makes a level with so many units on hand.
func levelWith(onHand int64) stock.Level {
	w := &ledger.Writer{}
	for _, n := range []int64{1, onHand, 0, 1, 202648, 0, onHand, 0, 0} { // version, on hand, held, seq, week
		w.Int(n)
	}
	return stock.DecodeLevel(ledger.NewReader(w.Bytes()))
}
