package crash

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"inventory/integration/service"
	"inventory/ports"
)

func TestASecondProcessStandsByAndAnswersThatTheCommandMayBeAskedAgain(t *testing.T) {
	site, first, second := startPairAt(t, 2*time.Second)
	for _, r := range []request{reserve("o-1", "A", 1), receive("A", 1, "k2"), about(releases, "o-1"), about(confirms, "o-1"), about(looks, "unknown")} {
		a, err := r.ask(second)
		if err != nil || a.Status != http.StatusServiceUnavailable || a.Code() != "NOT_OWNER" || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: expected 503, NOT_OWNER and Retry-After, found %s %v", r, a, err)
		}
	}
	if a, err := get("/readyz").ask(second); a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("/readyz of a standby: expected 503 with Retry-After, found %s %v", a, err)
	}
	out, err := site.Try("confirm", "o-1", "--server="+second.Client().Base())
	if exitCode(err) != 4 || !strings.Contains(out, "another process owns the ledgers") {
		t.Errorf("inventory confirm at a standby: expected exit code 4, found %v: %s", err, out)
	}
	if a := mustDecide(t, first, reserve("o-1", "A", 1)); statusOf(a) != "HELD" {
		t.Errorf("the owner does not serve beside a standby: %s", a)
	}
	for _, r := range []request{get("/inventory/A"), about(looks, "o-1")} {
		fromTables := func() (bool, error) { a, err := r.ask(second); return a.Status == http.StatusOK, err }
		if err := eventually(fromTables); err != nil {
			t.Errorf("%s at a standby: %v", r, err)
		}
	}
}

// It would get partitions whose order events it can't bring to the ledgers.
func TestOnlyTheOwnerIsInTheConsumerGroup(t *testing.T) {
	site, first, second := startPairAt(t, time.Second)
	consumers := len(ports.OrderEventTopics())
	inGroup := func(n int, not []string) []string {
		t.Helper()
		var found []string
		err := eventually(func() (bool, error) {
			found = members(t, site)
			return len(found) == n && !slices.ContainsFunc(found, func(id string) bool { return slices.Contains(not, id) }), nil
		})
		if err != nil {
			t.Fatalf("%d members expected, and none of %v: %v: %v", n, not, found, err)
		}
		return found
	}
	owners := inGroup(consumers, nil)
	first.Kill()
	mustTakeOver(t, second)
	inGroup(consumers, owners)
}

func TestAStandbyTakesOverWithinTheLeaseWhenTheOwnerIsKilled(t *testing.T) {
	const lease = 2 * time.Second
	first, second := startPair(t, lease)
	mustDecide(t, first, reserve("o-1", "A", 4))
	killed := time.Now()
	first.Kill()
	mustTakeOver(t, second)
	took := time.Since(killed)
	t.Logf("lease %s: taken over after %s", lease, took)
	if took > 2*lease {
		t.Errorf("taken over after %s with a lease of %s", took, lease)
	}
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
	mustTakeOver(t, second)
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
	mustDecide(t, first, reserve("o-1", "A", 4))
	mustSignal(t, first, syscall.SIGSTOP)
	mustTakeOver(t, second)
	mustDecide(t, second, about(confirms, "o-1"))
	if err := eventually(func() (bool, error) { return relayed(second) }); err != nil {
		t.Fatal(err)
	}
	// What it could say from memory alone comes by itself: a decision would find out. From
	// the tables it may say it.
	old := make(chan service.Answer, 1)
	go func() {
		a, err := about(looks, "o-1").ask(first)
		if err != nil {
			t.Error(err)
		}
		old <- a
	}()
	mustSignal(t, first, syscall.SIGCONT)
	if a := <-old; a.Code() != "NOT_OWNER" && statusOf(a) != "CONFIRMED" {
		t.Errorf("of an order that another confirmed it says %s", a)
	}
	var answers []service.Answer
	for _, r := range []request{about(releases, "o-1"), reserve("o-2", "A", 1), receive("A", 10, "k")} {
		a, err := r.ask(first)
		if err != nil {
			t.Error(err)
		}
		answers = append(answers, a)
	}
	for _, a := range answers {
		if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
			t.Errorf("expected 503 with Retry-After, found %s", a)
		}
	}
	mustStandBy(t, first)
	checkStock(t, second, "A", units{OnHand: 6})
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
			r.header["Connection"] = "close" // a server may close one that waits though a request is on its way
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
