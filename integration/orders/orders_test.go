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
	tradeAndAudit(t, suite.Embedded(t, Hurried()...))
}

func TestEachOrderHasOneOutcomeAndTheSumsAgreeOnRealServers(t *testing.T) {
	st := suite.Stack(t)
	tradeAndAudit(t, suite.OnServers(t, st, st, Hurried("--lease=1s")...))
}

func tradeAndAudit(t *testing.T, s *service.Site) {
	m := newMarket(t, s, manyOrders)
	p := s.Start()
	m.SetUp(p.Client())
	m.Open()
	m.Trade(t.Context(), 0, manyOrders)
	m.Await()
	m.audit(p)
}

func TestNothingIsLostOrDoneTwiceWhenTheProcessIsKilledOnTheEmbeddedDefault(t *testing.T) {
	killAndAudit(t, suite.Embedded(t, Hurried()...))
}

func TestNothingIsLostOrDoneTwiceWhenTheProcessIsKilledOnRealServers(t *testing.T) {
	st := suite.Stack(t)
	killAndAudit(t, suite.OnServers(t, st, st, Hurried("--lease=1s")...))
}

// killAndAudit kills the service again and again while orders come.
func killAndAudit(t *testing.T, s *service.Site) {
	m := newMarket(t, s, manyOrders)
	m.Killed = true
	p := s.Start()
	m.SetUp(p.Client())
	m.Open()
	var trading sync.WaitGroup
	d := rand.New(rand.NewPCG(m.seed, 1))
	for n := range kills {
		trading.Go(func() { m.Trade(t.Context(), n*manyOrders/kills, (n+1)*manyOrders/kills) })
		wait(t.Context(), time.Duration(100+d.IntN(1500))*time.Millisecond)
		p.Kill()
		s.Check(p)
		p = s.Start()
	}
	trading.Wait()
	m.Await()
	m.audit(p)
}

func TestNothingIsLostWhenBrokerAndRegistryAreKilledAndRestarted(t *testing.T) {
	st := suite.Stack(t)
	own := suite.StartStack(t, stack.Kafka, stack.Registry)
	// A listener takes some seconds to be back: some of what it answers is to be in time.
	s := suite.OnServers(t, st, own, Hurried("--lease=1s", "--hold-ttl=15s")...)
	m := newMarket(t, s, manyOrders)
	m.Killed = true
	p := s.Start()
	m.SetUp(p.Client())
	m.Open()
	var trading sync.WaitGroup
	trading.Go(func() { m.Trade(t.Context(), 0, manyOrders) })
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
	m.Await()
	m.audit(p)
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
