package orders

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"inventory/integration/service"
	"inventory/integration/stack"
)

const (
	manyOrders = 1000
	kills      = 10
)

func TestEachOrderHasOneOutcomeAndTheSumsAgreeOnTheEmbeddedDefault(t *testing.T) {
	tradeAndAudit(t, suite.Embedded(t))
}

func TestEachOrderHasOneOutcomeAndTheSumsAgreeOnRealServers(t *testing.T) {
	st := suite.Stack(t)
	tradeAndAudit(t, suite.OnServers(t, st, st, "--lease=1s"))
}

func tradeAndAudit(t *testing.T, s *service.Site) {
	m := newMarket(t, s)
	p := s.Start()
	m.setUp(p)
	m.open()
	m.trade(t.Context(), 0, manyOrders)
	m.await(manyOrders)
	m.audit(p, manyOrders)
}

func TestNothingIsLostOrDoneTwiceWhenTheProcessIsKilledOnTheEmbeddedDefault(t *testing.T) {
	killAndAudit(t, suite.Embedded(t))
}

func TestNothingIsLostOrDoneTwiceWhenTheProcessIsKilledOnRealServers(t *testing.T) {
	st := suite.Stack(t)
	killAndAudit(t, suite.OnServers(t, st, st, "--lease=1s"))
}

// killAndAudit kills the service again and again while orders come.
func killAndAudit(t *testing.T, s *service.Site) {
	m := newMarket(t, s)
	p := s.Start()
	m.setUp(p)
	m.open()
	var trading sync.WaitGroup
	d := rand.New(rand.NewPCG(m.seed, 1))
	for n := range kills {
		trading.Go(func() { m.trade(t.Context(), n*manyOrders/kills, (n+1)*manyOrders/kills) })
		wait(t.Context(), time.Duration(100+d.IntN(1500))*time.Millisecond)
		p.Kill()
		s.Check(p)
		p = s.Start()
	}
	trading.Wait()
	m.await(manyOrders)
	m.audit(p, manyOrders)
}

func TestNothingIsLostWhenBrokerAndRegistryAreKilledAndRestarted(t *testing.T) {
	st := suite.Stack(t)
	own := suite.StartStack(t, stack.Kafka, stack.Registry)
	s := suite.OnServers(t, st, own, "--lease=1s")
	m := newMarket(t, s)
	p := s.Start()
	m.setUp(p)
	m.open()
	var trading sync.WaitGroup
	trading.Go(func() { m.trade(t.Context(), 0, manyOrders) })
	for _, server := range []stack.Service{stack.Kafka, stack.Registry, stack.Kafka} {
		wait(t.Context(), time.Second)
		if err := own.Kill(server); err != nil {
			t.Fatal(err)
		}
		wait(t.Context(), time.Second)
		if err := own.Restart(t.Context(), server); err != nil {
			t.Fatal(err)
		}
	}
	trading.Wait()
	m.await(manyOrders)
	m.audit(p, manyOrders)
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
