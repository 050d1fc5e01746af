package pressure

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

const (
	// waitingCap is what README promises of a process, in bytes, while nothing can be decided;
	// holdingCap what it then has with its part of 100,000 live orders and their holds.
	waitingCap = 256 << 20
	holdingCap = 1 << 30
	// requestTimeout is the service's; callers are answered within it and a moment.
	requestTimeout = 8 * time.Second
	moment         = 3 * time.Second
	// atOnce is far less, on a machine whose processors have other things to do, too.
	atOnce = time.Second
	// More callers than a process works at requests for.
	requests, callersEach = 128, 192
)

// Orders on Kafka wait there, and callers are told to come again, while nothing can be decided;
// afterwards all are decided, each once.
func TestWhileCassandraIsSilentWorkWaitsOutsideAndMemoryStaysBounded(t *testing.T) {
	f := startFleet(t, *processesFlag, "--timeout="+requestTimeout.String(), fmt.Sprintf("--max-requests=%d", requests), "--log-level=error")
	u := newUpstream(t, f.site)
	c := startCallers(f.processes, callersEach)
	f.pause()
	paused := time.Now()
	u.send(t, *ordersFlag)
	t.Logf("%d orders wait on Kafka after %s", *ordersFlag, time.Since(paused).Round(time.Second))
	rest := time.NewTimer(time.Until(paused.Add(*outageFlag)))
	<-rest.C
	f.checkMemory("while Cassandra was silent", waitingCap)
	f.resume()
	resumed := time.Now()
	u.await(t, *ordersFlag, 5*time.Minute)
	t.Logf("all had their outcome %s after Cassandra was back", time.Since(resumed).Round(100*time.Millisecond))
	called := c.finish()
	u.check(t)
	f.checkCallers(c, paused, resumed)
	f.checkMemory("in all", holdingCap)
	f.checkStock(*ordersFlag + called)
	if *reconcileFlag {
		f.reconcile(*ordersFlag + called)
	}
}

func (f *fleet) checkCallers(c *callers, paused, resumed time.Time) {
	f.t.Helper()
	for _, fault := range c.faults[:min(10, len(c.faults))] {
		f.t.Error(fault)
	}
	all := c.between(paused, resumed, func(told) bool { return true })
	crowded := c.between(paused.Add(atOnce), resumed, func(a told) bool { return a.code == "OVERLOADED" })
	if len(crowded) < 100 {
		f.t.Fatalf("%d answers say that too many wait, of %d: expected most", len(crowded), len(all))
	}
	late := c.between(paused, resumed.Add(requestTimeout), func(a told) bool { return a.status == http.StatusServiceUnavailable })
	f.t.Logf("while Cassandra was silent: %d answers, the slowest 503 after %s; %d at the bound, p50 %s, p99 %s",
		len(all), late[len(late)-1], len(crowded), crowded[len(crowded)/2], crowded[len(crowded)*99/100])
	if slowest := late[len(late)-1]; slowest > requestTimeout+moment {
		f.t.Errorf("a caller was told to come again after %s: expected at most the request's timeout, %s", slowest, requestTimeout)
	}
	if p99 := crowded[len(crowded)*99/100]; p99 > atOnce {
		f.t.Errorf("at the bound callers were told so after %s (p99): expected at once", p99)
	}
}

func (f *fleet) checkMemory(when string, most int64) {
	f.t.Helper()
	for _, p := range f.processes {
		n, err := largest(p.PID())
		f.t.Logf("%s: process %d had %d MiB at its largest", when, p.PID(), n>>20)
		if err != nil || n > most {
			f.t.Errorf("%s process %d had %d MiB in memory: expected at most %d (%v)", when, p.PID(), n>>20, most>>20, err)
		}
	}
}

// checkStock finds each order's unit held, and no other.
func (f *fleet) checkStock(orders int) {
	f.t.Helper()
	if held, onHand := f.held(); held != int64(orders) || onHand != warehouses*filled {
		f.t.Errorf("%d orders of one unit are held: %d units are held, of %d on hand", orders, held, onHand)
	}
}

// reconcile proves that journals, tables and memory agree.
func (f *fleet) reconcile(orders int) {
	f.t.Helper()
	client := &http.Client{Timeout: 5 * time.Minute}
	began := time.Now()
	a, err := client.Post(f.processes[0].Client().Base()+"/admin/reconcile", "application/json", http.NoBody)
	if err != nil {
		f.t.Fatal(err)
	}
	defer a.Body.Close()
	var found struct {
		Orders, Holds int
		Differences   []any
	}
	if err := json.NewDecoder(a.Body).Decode(&found); err != nil || a.StatusCode != http.StatusOK {
		f.t.Fatal(a.Status, err)
	}
	f.t.Logf("reconcile took %s: %d orders, %d holds", time.Since(began).Round(time.Second), found.Orders, found.Holds)
	if found.Orders < orders || len(found.Differences) > 0 {
		f.t.Errorf("reconcile compared %d orders and found %d differences: %.1000v", found.Orders, len(found.Differences), found.Differences)
	}
}
