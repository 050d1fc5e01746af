package app_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"inventory/app"
	"inventory/ports"
)

// slowBooks counts the levels that are read at once, each of which takes a second.
type slowBooks struct {
	app.Store
	mu        sync.Mutex
	now, most int
}

func (s *slowBooks) Levels(ctx context.Context, sku, warehouseID string, limit int) ([]ports.LevelRow, error) {
	s.mu.Lock()
	s.now++
	s.most = max(s.most, s.now)
	s.mu.Unlock()
	<-time.After(time.Second)
	s.mu.Lock()
	s.now--
	s.mu.Unlock()
	return s.Store.Levels(ctx, sku, warehouseID, limit)
}

func TestWhoeverReadsTheTablesReadsThemWithinALimit(t *testing.T) {
	crewed(t, []string{"a"}, func(c *crew) {
		slow := &slowBooks{Store: c.store}
		in, stop := beginUntil(c.T, slow, app.Outside{Wire: road{c.network.Join("z", &doorbell{}), "z", c.roads}}, func(cfg *app.Config) {
			cfg.Member.Name, cfg.Member.Addr = "z", "z"
		})
		defer stop()
		c.roads.set(true, []string{"z"}, []string{"a"})
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() {
				if found, err := in.Stocks(c.Context(), app.StockQuery{Items: items("A")}); err != nil || found[0].Err != nil {
					c.Errorf("%+v %v", found, err)
				}
			})
		}
		all.Wait()
		synctest.Wait()
		if most := slow.most; most < 10 || most > 64 {
			c.Errorf("%d levels were read at once, want at most 64", most)
		}
		c.roads.set(false, []string{"z"}, []string{"a"})
	})
}
