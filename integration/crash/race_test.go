package crash

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

const callers = 20

// outcome is of one caller's order.
type outcome struct {
	order string
	held  bool
	err   error
}

// raceFor lets callers ask for one unit of a SKU, each at one of the processes first, and
// at the others when that can't say.
func raceFor(sku string, processes []*process) []outcome {
	outcomes := make([]outcome, callers)
	var group sync.WaitGroup
	for n := range callers {
		group.Go(func() {
			id := fmt.Sprintf("racer-%d", n)
			held, err := askAround("reserve "+id+" "+sku+"=1", processes, n)
			outcomes[n] = outcome{id, held, err}
		})
	}
	group.Wait()
	return outcomes
}

// askAround asks one process after the other until one decides.
func askAround(line string, processes []*process, first int) (held bool, err error) {
	err = eventually(func() (bool, error) {
		first++
		r, err := processes[first%len(processes)].ask(line)
		switch {
		case errors.Is(err, errGone) || err == nil && r.Error != nil && r.Error.Retry:
			return false, nil
		case err != nil:
			return false, err
		case r.code() == "INSUFFICIENT_STOCK":
			return true, nil
		case r.Error == nil && strings.Contains(string(r.Result), `"status":"HELD"`):
			held = true
			return true, nil
		}
		return false, fmt.Errorf("%s: %s", line, r)
	})
	return held, err
}

func checkOneWinner(t *testing.T, outcomes []outcome) (winner string) {
	t.Helper()
	for _, o := range outcomes {
		if o.err != nil {
			t.Error(o.err)
		}
		if o.held && winner != "" {
			t.Errorf("two winners: %s and %s", winner, o.order)
		}
		if o.held {
			winner = o.order
		}
	}
	if winner == "" {
		t.Error("no winner")
	}
	return winner
}

func TestTwentyCallersAndTwoProcessesRaceForOneUnitAndOneWins(t *testing.T) {
	first, second := startPair(t, 2*time.Second)
	mustAsk(t, first, "adjust W1 B RECEIPT 1 --key b")
	checkOneWinner(t, raceFor("B", []*process{first, second}))
	if r := mustAsk(t, first, "stock B"); !strings.Contains(string(r.Result), `"on_hand":1,"held":1,"available":0`) {
		t.Errorf("stock: %s", r)
	}
}

func TestOneOfTwentyCallersWinsThoughTheOwnerIsKilledAmidTheRace(t *testing.T) {
	first, second := startPair(t, time.Second)
	mustAsk(t, first, "adjust W1 B RECEIPT 1 --key b")
	first.killAfter(3)
	winner := checkOneWinner(t, raceFor("B", []*process{first, second}))
	<-first.gone
	// A winner that was told so by the first process still is.
	if r := mustAsk(t, second, "order "+winner); !strings.Contains(string(r.Result), `"status":"HELD"`) {
		t.Errorf("order %s: %s", winner, r)
	}
	if r := mustAsk(t, second, "stock B"); !strings.Contains(string(r.Result), `"on_hand":1,"held":1,"available":0`) {
		t.Errorf("stock: %s", r)
	}
}
