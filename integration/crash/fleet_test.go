package crash

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/integration/service"
	"inventory/ports"
)

func TestAnyOfTwoProcessesTakesAnyCommandAndSaysTheSame(t *testing.T) {
	_, first, second := startPairAt(t, 2*time.Second)
	both := []*service.Process{first, second}
	for n, verb := range []string{releases, confirms, releases, confirms} {
		id, one, other := fmt.Sprintf("o-%d", n), both[n/2], both[1-n/2]
		if a := mustDecide(t, one, reserve(id, "A", 2)); statusOf(a) != "HELD" {
			t.Errorf("%s: %s", id, a)
		}
		if a := mustDecide(t, other, about(looks, id)); statusOf(a) != "HELD" {
			t.Errorf("%s at the other: %s", id, a)
		}
		ended := mustDecide(t, other, about(verb, id))
		if a := mustDecide(t, one, about(looks, id)); statusOf(a) != statusOf(ended) || statusOf(a) == "HELD" {
			t.Errorf("%s %s at the other: %s, then %s", verb, id, ended, a)
		}
		mustDecide(t, one, receive("A", 1, "one-"+id))
		mustDecide(t, other, receive("A", 1, "other-"+id))
	}
	for _, p := range both {
		checkStock(t, p, "A", units{OnHand: 10 - 2*2 + 2*4})
	}
}

// The lease is longer than the test: nobody takes over.
func TestACommandWhoseLedgersOwnerIsSilentMayBeAskedAgain(t *testing.T) {
	site, first, second := startPairAt(t, time.Minute)
	const orders = 8
	for n := range orders {
		mustDecide(t, first, reserve(fmt.Sprintf("o-%d", n), "A", 1))
	}
	for _, p := range []*service.Process{first, second} {
		if err := eventually(func() (bool, error) { return relayed(p) }); err != nil {
			t.Fatal(err)
		}
	}
	paused, other, silent := first, second, orderOf(t, first, orders)
	if silent == "" { // it has the stock's ledger alone
		paused, other, silent = second, first, orderOf(t, second, orders)
	}
	mustSignal(t, paused, syscall.SIGSTOP)
	if a, err := about(confirms, silent).ask(other); err != nil || !a.Retry() || a.Header.Get("Retry-After") == "" {
		t.Errorf("confirm %s: expected 503 with Retry-After, found %s %v", silent, a, err)
	}
	out, err := site.Try("confirm", silent, "--server="+other.Client().Base())
	if exitCode(err) != 4 {
		t.Errorf("inventory confirm: expected exit code 4, found %v: %s", err, out)
	}
	for _, r := range []Request{get("/inventory/A"), about(looks, silent)} {
		fromTables := func() (bool, error) { a, err := r.ask(other); return a.Status == http.StatusOK, err }
		if err := eventually(fromTables); err != nil {
			t.Errorf("%s: %v", r, err)
		}
	}
	mustSignal(t, paused, syscall.SIGCONT)
	if a := mustDecide(t, other, about(confirms, silent)); statusOf(a) != "CONFIRMED" {
		t.Errorf("confirm %s when its owner is back: %s", silent, a)
	}
}

// orderOf finds an order, of o-0 and those after it, that a ledger of a process decides; empty: none.
func orderOf(t *testing.T, p *service.Process, orders int) string {
	t.Helper()
	var own struct{ Ledgers []struct{ Ledger ledger.ID } }
	if err := mustDecide(t, p, get("/admin/ledgers?here=true")).Into(&own); err != nil {
		t.Fatal(err)
	}
	for _, l := range own.Ledgers {
		for n := range orders {
			order := fmt.Sprintf("o-%d", n)
			if reservation.LedgerOf(reservation.IDOf(stock.OrderID(order)), stock.Region(l.Ledger.Scope()), pairLedgers) == l.Ledger {
				return order
			}
		}
	}
	return ""
}

func TestEachProcessIsInTheConsumerGroupAndADeadOneLeavesIt(t *testing.T) {
	site, first, _ := startPairAt(t, time.Second)
	inGroup := func(n int) {
		t.Helper()
		var found []string
		err := eventually(func() (bool, error) { found = members(t, site); return len(found) == n, nil })
		if err != nil {
			t.Fatalf("%d members expected: %v: %v", n, found, err)
		}
	}
	consumers := len(ports.OrderEventTopics())
	inGroup(2 * consumers)
	first.Kill()
	inGroup(consumers)
}

// How soon is tested with the whole fleet.
func TestTheOtherProcessHasAllThatOneAnsweredWhenThatOneIsKilled(t *testing.T) {
	first, second := startPair(t, 2*time.Second)
	mustDecide(t, first, reserve("o-1", "A", 4))
	first.Kill()
	mustOwnAll(t, second)
	if a := mustDecide(t, second, about(looks, "o-1")); statusOf(a) != "HELD" {
		t.Errorf("what the first answered: %s", a)
	}
	checkStock(t, second, "A", units{OnHand: 10, Held: 4})
}

// The lease is far longer than the test may wait: only giving up can be as quick.
func TestAProcessThatIsAskedToEndHandsOverAtOnce(t *testing.T) {
	const lease = 20 * time.Second
	first, second := startPair(t, lease)
	mustDecide(t, first, reserve("o-1", "A", 4))
	began := time.Now()
	if err := first.Terminate(); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, first.Said())
	}
	mustOwnAll(t, second)
	took := time.Since(began)
	t.Logf("lease %s: handed over after %s", lease, took)
	if took > lease/4 {
		t.Errorf("handed over after %s", took)
	}
	if a := mustDecide(t, second, about(confirms, "o-1")); statusOf(a) != "CONFIRMED" {
		t.Errorf("what the first held: %s", a)
	}
}

// An owner can't know that it was frozen: what it remembers is old, and what it decides
// must not count.
func TestAnOwnerThatWasFrozenPastItsLeaseDecidesNothingAndTellsNothingOld(t *testing.T) {
	first, second := startPair(t, time.Second)
	var ids []string
	for n := range 6 { // some of them in the ledger of each
		ids = append(ids, fmt.Sprintf("o-%d", n))
		mustDecide(t, first, reserve(ids[n], "A", 1))
	}
	mustSignal(t, first, syscall.SIGSTOP)
	mustOwnAll(t, second)
	for _, id := range ids {
		mustDecide(t, second, about(confirms, id))
	}
	if err := eventually(func() (bool, error) { return relayed(second) }); err != nil {
		t.Fatal(err)
	}
	// What it could say from memory alone comes by itself: a decision would find out. From
	// the tables it may say it.
	old := make(chan service.Answer, len(ids))
	for _, id := range ids {
		go func() {
			a, err := about(looks, id).ask(first)
			if err != nil {
				t.Error(err)
			}
			old <- a
		}()
	}
	mustSignal(t, first, syscall.SIGCONT)
	for range ids {
		if a := <-old; !a.Retry() && statusOf(a) != "CONFIRMED" {
			t.Errorf("of an order that another confirmed it says %s", a)
		}
	}
	for _, id := range ids {
		if a := mustDecide(t, first, about(releases, id)); statusOf(a) != "CONFIRMED" {
			t.Errorf("release of an order that another confirmed: %s", a)
		}
	}
	mustDecide(t, first, receive("A", 10, "again"))
	for _, p := range []*service.Process{first, second} {
		checkStock(t, p, "A", units{OnHand: 14})
	}
}

// What was taken in is answered before the process ends, and what was not has no effect.
func TestWhatWasTakenInBeforeSIGTERMIsAnsweredAndNothingElseIsDone(t *testing.T) {
	site := suite.Embedded(t)
	p := site.Start()
	mustDecide(t, p, put("/inventory/warehouses/W1", map[string]any{"region": "south", "rank": 1}))
	const n = 200
	answers := make(chan error, n)
	for i := range n {
		go func() {
			r := receive("A", 1, fmt.Sprintf("k%d", i))
			r.Header["Connection"] = "close" // a server may close one that waits though a request is on its way
			a, err := r.ask(p)
			if err == nil && a.Status != http.StatusOK {
				err = errors.New(a.String())
			}
			answers <- err
		}()
	}
	answered := 0
	if err := <-answers; err == nil { // while others are under way
		answered++
	}
	site.Stop(p)
	for range n - 1 {
		if err := <-answers; err == nil {
			answered++
		}
	}
	t.Logf("%d of %d were answered", answered, n)
	checkStock(t, site.Start(), "A", units{OnHand: int64(answered)})
}

func TestASecondSignalEndsTheProcessAtOnce(t *testing.T) {
	p := suite.Embedded(t).Start()
	mustSignal(t, p, syscall.SIGINT)
	_ = p.Signal(syscall.SIGINT) // it may have ended already
	<-p.Gone()
	if code := p.ExitCode(); code != 130 && code != 0 {
		t.Errorf("exit code: expected 130, or 0 where it was quicker, found %d\n%s", code, p.Said())
	}
}

func TestOnSQLiteASecondProcessIsRefusedAndToldWhichIsTheFirst(t *testing.T) {
	site := suite.Embedded(t)
	first := site.Start()
	for _, command := range [][]string{{"serve"}, {"serve", "--demo"}, {"migrate"}, {"reconcile", "--offline"}} {
		out, err := site.Try(command...)
		if exitCode(err) != 1 {
			t.Errorf("%v: expected exit code 1, found %v", command, err)
		}
		if want := fmt.Sprintf("in use by process %d", first.PID()); !strings.Contains(out, want) {
			t.Errorf("%v: expected %q in %q", command, want, out)
		}
	}
	first.Kill()
	site.Start()
}

func mustSignal(t *testing.T, p *service.Process, sig syscall.Signal) {
	t.Helper()
	if err := p.Signal(sig); err != nil {
		t.Fatalf("signal to process %d: %v", p.PID(), err)
	}
}

// exitCode is what a command ended with.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return -1
}
