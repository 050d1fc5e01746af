package fleet

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"inventory/integration/crash"
	"inventory/integration/orders"
)

// load is callers over HTTP and upstream services on Kafka, and the books of both.
type load struct {
	f        *fleet
	balancer *balancer
	ticker   *time.Ticker
	callers  *crash.Callers
	market   *orders.Market
	end      context.CancelFunc // of probes and orders
	working  sync.WaitGroup
	probing  sync.WaitGroup
	orders   int // sent by the market in all
}

// pace is how much load there is, at most.
type pace struct{ requests, orders int } // in a second

// newLoad brings stock in. The market trades as many orders as come in a time. Requests go to
// visitors, too, while they are there.
func (f *fleet) newLoad(seed uint64, p pace, d time.Duration, visitors ...*member) *load {
	f.t.Helper()
	l := &load{f: f, orders: int(d.Seconds() * float64(p.orders))}
	l.ticker = time.NewTicker(time.Second / time.Duration(p.requests))
	l.balancer = &balancer{f: f, members: append(visitors, f.members...), tally: &tally{}}
	ctx, end := context.WithCancel(f.ctx)
	l.end = end
	l.probing.Go(func() { l.balancer.probe(ctx) })
	f.t.Cleanup(func() { l.end(); l.probing.Wait(); l.ticker.Stop() })
	l.callers = crash.NewCallers(f.t, 12, seed)
	l.callers.Last(3600)
	if err := l.callers.SetUp(l.balancer); err != nil {
		f.t.Fatal(err)
	}
	l.market = orders.NewMarket(f.t, f.site, l.orders, seed)
	l.market.PerSecond, l.market.Killed = p.orders, true
	l.market.Others = func(order string) bool { return strings.HasPrefix(order, "c") }
	l.market.SetUp(f.members[0].p().Client())
	l.market.Open()
	l.balancer.slots = l.ticker.C
	f.awaitShared()
	return l
}

// start begins.
func (l *load) start() {
	l.working.Go(func() { l.callers.Work(l.balancer) })
	l.working.Go(func() { l.market.Trade(l.f.ctx, 0, l.orders) })
}

// stop ends the load once the market has traded, and has all answered that is open.
func (l *load) stop() {
	l.f.t.Helper()
	l.balancer.over.Store(true)
	l.working.Wait()
	l.balancer.slots = nil
	l.balancer.over.Store(false)
	if !l.callers.Settle(l.balancer) {
		l.f.t.Error("commands were not answered")
	}
}

// audit proves that nothing was lost or done twice, and nothing was oversold: by the books of
// callers and market, by all that was published, by the tables, and by what each member says.
// It ends the fleet. A level that was published after a newer one was not the last for longer
// than outdated.
func (l *load) audit(outdated time.Duration) {
	t := l.f.t
	t.Helper()
	if t.Failed() {
		t.FailNow()
	}
	began := time.Now()
	l.market.Await()
	if err := l.callers.Audit(l.balancer); err != nil {
		t.Errorf("books: %v", err)
	}
	l.f.await("all is told and written", l.f.relayed)
	var wrong []string
	if eventually(func() error {
		if wrong = l.callers.CheckEvents(l.market.Told, l.market.Levels()); len(wrong) > 0 {
			return fmt.Errorf("%d faults", len(wrong))
		}
		return nil
	}) != nil {
		t.Errorf("%d orders and levels are not what was published, such as\n%s", len(wrong), strings.Join(wrong[:min(10, len(wrong))], "\n"))
	}
	l.market.Check(l.f.members[0].p().Client())
	times, longest, open := l.market.Outdated()
	t.Logf("a level was published after a newer one %d times, and was the last for %s at most", times, ms(longest))
	if longest > outdated || len(open) > 0 {
		t.Errorf("levels were outdated for %s, and still are: %v", longest, open)
	}
	l.f.auditMembers()
	l.end()
	l.probing.Wait()
	l.f.parallel(func(m *member) { m.terminate() })
	l.market.CheckStore()
	if out, err := l.f.site.Try("reconcile", "--offline"); err != nil {
		t.Errorf("reconcile --offline: %v\n%s", err, out)
	}
	l.f.checkJournals()
	t.Logf("audited in %s", time.Since(began).Round(time.Second))
}

// auditMembers looks at what each member's auditor finds by itself, and has it compare all.
func (f *fleet) auditMembers() {
	f.t.Helper()
	quiet := time.Now()
	f.parallel(func(m *member) {
		if err := eventually(func() error { return m.auditedSince(quiet) }); err != nil {
			f.t.Errorf("%s: %v", m.name, err)
		}
		if out, err := f.site.Try("reconcile", "--json", "--server="+m.p().Client().Base()); err != nil {
			f.t.Errorf("reconcile at %s: %v\n%s", m.name, err, out)
		}
	})
}

var (
	lastPass    = regexp.MustCompile(`(?m)^inventory_audit_last_pass_timestamp_seconds (\S+)$`)
	differences = regexp.MustCompile(`(?m)^inventory_audit_differences\{kind="(\w+)"\} (\S+)$`)
)

// auditedSince is nil where the member's auditor has passed over all since a time, and found
// no difference.
func (m *member) auditedSince(since time.Time) error {
	a, err := m.p().Client().Ask(m.t.Context(), http.MethodGet, "/metrics", nil, nil)
	if err != nil {
		return err
	}
	found := lastPass.FindSubmatch(a.Body)
	if found == nil {
		return fmt.Errorf("/metrics does not tell when the auditor has passed last")
	}
	at, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		return err
	}
	if at < float64(since.UnixMilli())/1000 {
		return fmt.Errorf("the auditor passed last at %f", at)
	}
	all := differences.FindAllSubmatch(a.Body, -1)
	if len(all) == 0 {
		return fmt.Errorf("/metrics has no inventory_audit_differences")
	}
	for _, d := range all {
		if string(d[2]) != "0" {
			return fmt.Errorf("inventory_audit_differences{kind=%q} is %s", d[1], d[2])
		}
	}
	return nil
}
