package crash

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"sync"
	"testing"
	"time"
)

var seedFlag = flag.Uint64("seed", 0, "repeats the random choices of a run; 0: others each time")

const (
	kills      = 20
	clients    = 16
	maxAnswers = 500 // of a process before it is killed
)

// world is a service that is killed, its clients and their books.
type world struct {
	t        *testing.T
	programs []string
	flags    []string
	rand     *rand.Rand
	books    *books
	clients  []*client
	starts   int
}

func newWorld(t *testing.T, flags ...string) *world {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed: -seed %d", seed)
	w := &world{
		t: t, programs: programs(t), rand: rand.New(rand.NewPCG(seed, 0)), books: newBooks(),
		// Small snapshots are taken often; fewer ledgers are busier ones.
		flags: append([]string{"--snapshot-bytes=16384", "--reservation-ledgers=3"}, flags...),
	}
	for n := range clients {
		w.clients = append(w.clients, &client{
			t: t, name: fmt.Sprintf("c%d", n), books: w.books, rand: rand.New(rand.NewPCG(seed, uint64(n+1))),
		})
	}
	return w
}

func TestNothingAnsweredIsLostOrDoneTwiceWhenTheProcessIsKilledOnSQLite(t *testing.T) {
	newWorld(t, "--data-dir="+t.TempDir()).killAgainAndAgain()
}

func TestNothingAnsweredIsLostOrDoneTwiceWhenTheProcessIsKilledOnCassandra(t *testing.T) {
	newWorld(t, onCassandra(t, time.Second)...).killAgainAndAgain()
}

func (w *world) killAgainAndAgain() {
	w.setUp()
	unanswered, killed, began := 0, 0, time.Now()
	for killed < kills {
		p := w.start()
		if w.rand.IntN(4) == 0 {
			p.killAfter(1 + w.rand.IntN(60)) // while it is audited, perhaps
		}
		err := w.resume(p)
		if err == nil {
			p.killAfter(1 + w.rand.IntN(maxAnswers))
			w.work(p)
		} else if !errors.Is(err, errGone) {
			w.t.Fatalf("after %d kills: %v", killed, err)
		}
		<-p.gone
		killed++
		open := 0
		for _, c := range w.clients {
			open += len(c.open)
		}
		w.t.Logf("%s: kill %d, after %d answers; %d commands were not answered", time.Since(began).Round(time.Millisecond), killed, p.answers, open)
		unanswered += open
		w.check(p)
	}
	if unanswered == 0 {
		w.t.Error("every command was answered before each kill: this test shows nothing")
	}
	p := w.start()
	if err := w.resume(p); err != nil {
		w.t.Fatalf("at the end: %v", err)
	}
	w.checkSnapshots(p)
	if err := p.terminate(); err != nil {
		w.t.Errorf("SIGTERM: %v\n%s", err, p.said())
	}
	w.check(p)
	w.t.Logf("%d orders and %d adjustments, %d commands asked again", len(w.books.orders), len(w.books.adjusted), unanswered)
}

// setUp makes the warehouses and the first stock.
func (w *world) setUp() {
	p := w.start()
	for _, line := range warehouses {
		if r, err := p.decide(line); err != nil || r.Error != nil {
			w.t.Fatalf("%s: %s %v", line, r, err)
		}
	}
	first := w.clients[0]
	for _, warehouse := range places {
		for _, sku := range plenty {
			first.open = append(first.open, first.adjustment(sku, warehouse, "RECEIPT 100000"))
		}
		for _, sku := range scarce {
			first.open = append(first.open, first.adjustment(sku, warehouse, "RECEIPT 5"))
		}
	}
	if !first.settle(p) {
		w.t.Fatalf("the process ended: %v\n%s", p.err, p.said())
	}
	if err := p.terminate(); err != nil {
		w.t.Fatalf("SIGTERM: %v\n%s", err, p.said())
	}
}

// start runs the service, as it is delivered or with the race detector in turn. Now and
// then it is killed once more while it starts.
func (w *world) start() *process {
	w.starts++
	p := start(w.t, w.programs[w.starts%len(w.programs)], w.flags...)
	if w.starts > 1 && w.rand.IntN(5) == 0 {
		moment := time.NewTimer(time.Duration(w.rand.IntN(300)) * time.Millisecond)
		defer moment.Stop()
		select {
		case <-moment.C:
		case <-p.gone:
		}
		p.kill()
		w.check(p)
		return w.start()
	}
	if !p.await("ready:") {
		w.t.Fatalf("the process ended while it started: %v\n%s", p.err, p.said())
	}
	return p
}

// resume has all that is open answered, and audits. errGone: the process was killed.
func (w *world) resume(p *process) error {
	var group sync.WaitGroup
	settled := make([]bool, len(w.clients))
	for i, c := range w.clients {
		group.Go(func() { settled[i] = c.settle(p) })
	}
	group.Wait()
	for _, ok := range settled {
		if !ok {
			return errGone
		}
	}
	return w.audit(p)
}

// work lets all clients work until the process is killed.
func (w *world) work(p *process) {
	var group sync.WaitGroup
	for _, c := range w.clients {
		group.Go(func() { c.work(p) })
	}
	group.Wait()
}

// checkSnapshots: owners began from snapshots too, not from journals alone.
func (w *world) checkSnapshots(p *process) {
	r, err := p.decide("ledgers")
	if err != nil || !regexp.MustCompile(`"snapshot":[1-9]`).Match(r.Result) {
		w.t.Errorf("no snapshot was taken: %s %v", r, err)
	}
}

// check looks at what a process that is gone has said, and at the books.
func (w *world) check(p *process) {
	<-p.gone
	if said := p.faults(); said != "" {
		w.t.Fatalf("process %d said:\n%s", p.cmd.Process.Pid, said)
	}
	if err := w.books.verdict(); err != nil {
		w.t.Fatal(err)
	}
}
