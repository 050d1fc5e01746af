package global

import (
	"strings"
	"testing"
)

// hurried are flags with which tests wait less. Nobody audits, since an auditor would put levels
// right that are sent again.
var hurried = []string{"--lease=1s", "--audit-interval=0", "--global-interval=50ms", "--global-takeover=2s", "--reservation-ledgers=2"}

func TestTheAggregatorsTotalsAreThoseOfTheLedgers(t *testing.T) {
	t.Parallel()
	st := suite.Stack(t)
	Suite(t, suite.OnServers(t, st, st, hurried...), Aggregators)
}

func TestOnTheEmbeddedDefaultItSimplyRuns(t *testing.T) {
	t.Parallel()
	site := suite.Embedded(t, "--global-interval=50ms")
	s := Open(t, site, site.Start(), 4)
	s.Orders(40)
	s.AwaitTable("after some orders")
	s.p.Kill()
	site.Check(s.p)
	s.p = site.Start()
	s.Orders(10)
	s.AwaitTable("after the service was killed")
	site.Stop(s.p)
}

// Whoever is killed, the other one goes on; the bound says how late it may be.
func TestOfTwoAggregatorsOneGoesOnWhenTheOtherIsKilled(t *testing.T) {
	t.Parallel()
	st := suite.Stack(t)
	site := suite.OnServers(t, st, st, hurried...)
	s := Open(t, site, site.Beside("--role=core,projector").Start(), 3)
	all := []*aggregators{Aggregators(site).(*aggregators), Aggregators(site).(*aggregators)}
	for _, a := range all {
		a.Start()
		decidesNothing(t, a.p)
	}
	stepped := 0
	for round := range 4 {
		s.Orders(10)
		s.AwaitTable("while one of two stands by")
		a := all[round%2]
		a.Kill()
		s.Orders(10)
		s.AwaitTable("after one of two was killed")
		stepped += strings.Count(a.p.Said(), "stepped back") + strings.Count(all[1-round%2].p.Said(), "stepped back")
		a.Start()
	}
	if stepped == 0 {
		t.Errorf("nobody ever stood by:\n%s\n%s", all[0].p.Said(), all[1].p.Said())
	}
}
