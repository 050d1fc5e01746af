package crash

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

const standingBy = "standing by: another process owns the ledgers"

// mustAsk has a line answered without an error.
func mustAsk(t *testing.T, p *process, line string) reply {
	t.Helper()
	r, err := p.ask(line)
	if err != nil || r.Error != nil {
		t.Fatalf("%s: %s %v\n%s", line, r, err, p.said())
	}
	return r
}

func mustAwait(t *testing.T, p *process, prefix string) {
	t.Helper()
	if !p.await(prefix) {
		t.Fatalf("the process ended: %v\n%s", p.err, p.said())
	}
}

// startPair runs two processes on one keyspace; the first owns the ledgers, and has stock.
func startPair(t *testing.T, lease time.Duration) (first, second *process) {
	t.Helper()
	flags := append(onCassandra(t, lease), "--reservation-ledgers=2")
	first = start(t, programs(t)[0], flags...)
	mustAwait(t, first, "ready:")
	mustAsk(t, first, "warehouse put W1 south")
	mustAsk(t, first, "adjust W1 A RECEIPT 10 --key k")
	second = start(t, programs(t)[0], flags...)
	mustAwait(t, second, standingBy)
	return first, second
}

func TestASecondProcessStandsByAndAnswersThatTheCommandMayBeAskedAgain(t *testing.T) {
	first, second := startPair(t, 2*time.Second)
	for _, line := range []string{"reserve o-1 A=1", "adjust W1 A RECEIPT 1 --key k2", "order o-1", "release o-1", "confirm o-1"} {
		r, err := second.ask(line)
		if err != nil || r.Error == nil || r.code() != "NOT_OWNER" || !r.Error.Retry {
			t.Errorf("%s: expected NOT_OWNER with retry, found %s %v", line, r, err)
		}
	}
	fromTables := func() (bool, error) { r, err := second.ask("stock A"); return r.Error == nil, err }
	if err := eventually(fromTables); err != nil {
		t.Errorf("stock on a standby: %v", err)
	}
	if !strings.Contains(string(mustAsk(t, first, "reserve o-1 A=1").Result), "HELD") {
		t.Error("the owner does not serve beside a standby")
	}
}

func TestAStandbyTakesOverWithinTheLeaseWhenTheOwnerIsKilled(t *testing.T) {
	const lease = 2 * time.Second
	first, second := startPair(t, lease)
	mustAsk(t, first, "reserve o-1 A=4")
	killed := time.Now()
	first.kill()
	mustAwait(t, second, "ready:")
	took := time.Since(killed)
	t.Logf("lease %s: taken over after %s", lease, took)
	if took > 2*lease {
		t.Errorf("taken over after %s with a lease of %s", took, lease)
	}
	if r := mustAsk(t, second, "order o-1"); !strings.Contains(string(r.Result), `"status":"HELD"`) {
		t.Errorf("what the first answered: %s", r)
	}
	if r := mustAsk(t, second, "stock A"); !strings.Contains(string(r.Result), `"held":4,"available":6`) {
		t.Errorf("what the first held: %s", r)
	}
}

// The lease is far longer than the test may wait: only giving up can be as quick.
func TestAProcessThatIsAskedToEndHandsOverAtOnce(t *testing.T) {
	const lease = 20 * time.Second
	first, second := startPair(t, lease)
	mustAsk(t, first, "reserve o-1 A=4")
	began := time.Now()
	if err := first.terminate(); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, first.said())
	}
	mustAwait(t, second, "ready:")
	took := time.Since(began)
	t.Logf("lease %s: handed over after %s", lease, took)
	if took > lease/4 {
		t.Errorf("handed over after %s", took)
	}
	if r := mustAsk(t, second, "confirm o-1"); !strings.Contains(string(r.Result), `"status":"CONFIRMED"`) {
		t.Errorf("what the first held: %s", r)
	}
}

// An owner can't know that it was frozen: what it remembers is old, and what it decides
// must not count.
func TestAnOwnerThatWasFrozenPastItsLeaseDecidesNothingAndTellsNothingOld(t *testing.T) {
	first, second := startPair(t, time.Second)
	mustAsk(t, first, "reserve o-1 A=4")
	first.signal(syscall.SIGSTOP)
	mustAwait(t, second, "ready:")
	mustAsk(t, second, "confirm o-1")
	// What it could say from memory alone comes by itself: a decision would find out.
	old := make(chan reply, 1)
	go func() {
		r, _ := first.ask("order o-1")
		old <- r
	}()
	first.signal(syscall.SIGCONT)
	answers := []reply{<-old}
	for _, line := range []string{"release o-1", "reserve o-2 A=1", "adjust W1 A RECEIPT 10 --key k"} {
		r, _ := first.ask(line)
		answers = append(answers, r)
	}
	for _, r := range answers {
		if r.Error == nil || !r.Error.Retry {
			t.Errorf("expected an error with retry, found %s", r)
		}
	}
	mustAwait(t, first, standingBy)
	if r := mustAsk(t, second, "stock A"); !strings.Contains(string(r.Result), `"on_hand":6,"held":0,"available":6`) {
		t.Errorf("stock: %s", r)
	}
}

// What was taken in is answered before the process ends, and what was not has no effect.
func TestWhatWasTakenInBeforeSIGTERMIsAnsweredAndNothingElseIsDone(t *testing.T) {
	dir := "--data-dir=" + t.TempDir()
	p := start(t, programs(t)[0], dir)
	mustAwait(t, p, "ready:")
	mustAsk(t, p, "warehouse put W1 south")
	const n = 200
	answers := make(chan error, n)
	for i := range n {
		go func() {
			_, err := p.ask(fmt.Sprintf("adjust W1 A RECEIPT 1 --key k%d", i))
			answers <- err
		}()
	}
	answered := 0
	if err := <-answers; err == nil { // while others are under way
		answered++
	}
	if err := p.terminate(); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, p.said())
	}
	for range n - 1 {
		if err := <-answers; err == nil {
			answered++
		}
	}
	t.Logf("%d of %d were answered", answered, n)
	again := start(t, programs(t)[0], dir)
	mustAwait(t, again, "ready:")
	if r := mustAsk(t, again, "stock A"); !strings.Contains(string(r.Result), fmt.Sprintf(`"on_hand":%d,`, answered)) {
		t.Errorf("%d units were answered for; stock: %s", answered, r)
	}
}

func TestASecondSignalEndsTheProcessAtOnce(t *testing.T) {
	p := start(t, programs(t)[0], "--data-dir="+t.TempDir(), "--log-level=info")
	mustAwait(t, p, "ready:")
	p.signal(syscall.SIGINT)
	p.signal(syscall.SIGINT)
	<-p.gone
	if code := p.cmd.ProcessState.ExitCode(); code != 130 && code != 0 {
		t.Errorf("exit code: expected 130, or 0 where it was quicker, found %d\n%s", code, p.said())
	}
}

func TestOnSQLiteASecondProcessIsRefusedAndToldWhichIsTheFirst(t *testing.T) {
	dir := t.TempDir()
	first := start(t, programs(t)[0], "--data-dir="+dir)
	mustAwait(t, first, "ready:")
	for _, command := range [][]string{{"shell"}, {"stock", "A"}, {"demo"}, {"migrate"}} {
		cmd := exec.Command(programs(t)[0], append(command, "--data-dir="+dir)...)
		out, err := cmd.CombinedOutput()
		if err == nil || cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%v: expected exit code 1, found %v", command, err)
		}
		if want := fmt.Sprintf("in use by process %d", first.cmd.Process.Pid); !strings.Contains(string(out), want) {
			t.Errorf("%v: expected %q in %q", command, want, out)
		}
	}
	first.kill()
	second := start(t, programs(t)[0], "--data-dir="+dir)
	mustAwait(t, second, "ready:")
}
