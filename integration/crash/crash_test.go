package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/integration/service"
)

const (
	kills      = 20
	clients    = 16
	maxAnswers = 500 // of a process before it is killed
)

// world is a service that is killed, its clients and their books.
type world struct {
	*Callers
	t    *testing.T
	site *service.Site
}

const reservationLedgers = 3

// often are flags: small snapshots are taken often; fewer ledgers are busier ones.
var often = []string{"--snapshot-bytes=16384", fmt.Sprintf("--reservation-ledgers=%d", reservationLedgers)}

func newWorld(t *testing.T, site *service.Site) *world {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed: -seed %d", seed)
	return &world{NewCallers(t, clients, seed), t, site}
}

func TestNothingAnsweredIsLostOrDoneTwiceWhenTheProcessIsKilledOnSQLite(t *testing.T) {
	newWorld(t, suite.Embedded(t, often...)).killAgainAndAgain()
}

func TestNothingAnsweredIsLostOrDoneTwiceWhenTheProcessIsKilledOnCassandra(t *testing.T) {
	st := suite.Stack(t)
	newWorld(t, suite.OnServers(t, st, st, append(often, "--lease=1s")...)).killAgainAndAgain()
}

func (w *world) killAgainAndAgain() {
	w.setUp()
	unanswered, killed, began := 0, 0, time.Now()
	for killed < kills {
		p := w.start()
		if w.rand.IntN(4) == 0 {
			p.KillAfter(1 + w.rand.IntN(60)) // while it is audited, perhaps
		}
		err := w.resume(p)
		if err == nil {
			p.KillAfter(1 + w.rand.IntN(maxAnswers))
			w.Work(One(p))
		} else if !errors.Is(err, ErrGone) {
			w.t.Fatalf("after %d kills: %v", killed, err)
		}
		<-p.Gone()
		killed++
		open := w.Open()
		w.t.Logf("%s: kill %d, after %d answers; %d commands were not answered", time.Since(began).Round(time.Millisecond), killed, p.Answers(), open)
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
	w.site.Stop(p)
	w.check(p)
	w.checkJournals()
	w.t.Logf("%d orders and %d adjustments, %d commands asked again", len(w.books.orders), len(w.books.adjusted), unanswered)
}

// setUp makes the warehouses and the first stock.
func (w *world) setUp() {
	p := w.start()
	if err := w.SetUp(One(p)); err != nil {
		w.t.Fatalf("%v\n%s", err, p.Said())
	}
	w.site.Stop(p)
}

// start runs the service. Now and then it is killed once more while it starts.
func (w *world) start() *service.Process {
	p := w.site.Launch()
	if len(w.books.orders) > 0 && w.rand.IntN(5) == 0 {
		moment := time.NewTimer(time.Duration(w.rand.IntN(600)) * time.Millisecond)
		defer moment.Stop()
		select {
		case <-moment.C:
		case <-p.Gone():
		}
		p.Kill()
		w.check(p)
		return w.start()
	}
	if err := p.AwaitLedgers(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// resume has all that is open answered, and audits. ErrGone: the process was killed.
func (w *world) resume(p *service.Process) error {
	if !w.Settle(One(p)) {
		return ErrGone
	}
	return w.audit(p)
}

// checkJournals: owners began from snapshots too, not from journals alone.
func (w *world) checkJournals() {
	w.site.Read(func(store service.Store) {
		trimmed := 0
		for n := range reservationLedgers {
			head, err := store.Head(context.Background(), ledger.ReservationID("home", n))
			if err != nil || head.Relayed != head.Version || head.Owner != "" {
				w.t.Errorf("reservation ledger %d was not left in good order: %+v %v", n, head, err)
			}
			if head.Snapshot.Version > 0 && head.Trimmed > 0 {
				trimmed++
			}
		}
		if trimmed == 0 {
			w.t.Error("no journal was trimmed: nobody began from a snapshot")
		}
	})
}

// check looks at what a process that is gone has said, and at the books.
func (w *world) check(p *service.Process) {
	w.t.Helper()
	<-p.Gone()
	w.site.Check(p)
	if err := w.Verdict(); err != nil {
		w.t.Fatal(err)
	}
}
