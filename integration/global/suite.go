package global

import (
	"maps"
	"net/http"
	"testing"

	"inventory/integration/service"
)

// Producer is a program that keeps the topic of totals.
type Producer interface {
	// Start starts it, and knows nothing of what it did before.
	Start()
	// Kill ends it as a crash does.
	Kill()
}

// Suite proves of a producer that the totals are those of the ledgers. The site is one where no
// process runs yet.
func Suite(t *testing.T, site *service.Site, producer func(*service.Site) Producer) {
	core := site.Beside("--role=core,projector")
	s := Open(t, site, core.Start(), 6)
	p := producer(site)
	p.Start()

	s.Orders(60)
	want := s.AwaitTable("after some orders")
	if got := s.Export(); !maps.Equal(got, want) {
		t.Errorf("exported %v, expected %v", got, want)
	}

	p.Kill()
	s.Orders(40)
	p.Start()
	s.Orders(20)
	s.AwaitTable("after the producer was killed and started from nothing")

	// What comes late or again changes nothing; what comes behind it does: one warehouse of each
	// SKU, so that nothing puts right what others were made of by old levels.
	before := s.AwaitTable("before levels are sent again")
	s.Resend()
	for _, sku := range s.skus {
		s.Adjust(sku, s.warehouse(), 1)
		before = s.neverBack(before)
	}
	want = s.AwaitTable("after levels were sent again")
	s.AwaitEvents(want)
	s.AwaitTopic(want)
}

// neverBack looks that no total of the table went back in version, and gives the table.
func (s *Shop) neverBack(before map[string]Total) map[string]Total {
	s.t.Helper()
	now := s.Table(s.p)
	for key, was := range before {
		if is := now[key]; is.Version < was.Version || is.Version == was.Version && is != was {
			s.t.Errorf("%s was %+v, and is %+v", key, was, is)
		}
	}
	return now
}

// aggregators is a Producer: a process of the service that does nothing else.
type aggregators struct {
	site *service.Site
	p    *service.Process
}

// Aggregators makes a Producer of the service's own aggregator.
func Aggregators(site *service.Site) Producer {
	return &aggregators{site: site.Beside("--role=aggregator")}
}

// Start implements Producer.
func (a *aggregators) Start() { a.p = a.site.Start() }

// Kill implements Producer.
func (a *aggregators) Kill() { a.p.Kill() }

// decidesNothing tells whether a process leaves what it can't do to others.
func decidesNothing(t *testing.T, p *service.Process) {
	t.Helper()
	order := map[string]any{"order_id": "o-nobody", "items": []any{map[string]any{"sku": "SKU-00", "quantity": 1}}}
	a, err := p.Client().Ask(t.Context(), http.MethodPost, "/inventory/reserve", nil, order)
	if err != nil || !a.Retry() {
		t.Errorf("a process without ledgers answers %s, %v", a, err)
	}
}
