package crash

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"inventory/integration/service"
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
func raceFor(sku string, processes ...*service.Process) []outcome {
	outcomes := make([]outcome, callers)
	var group sync.WaitGroup
	for n := range callers {
		group.Go(func() {
			id := fmt.Sprintf("racer-%d", n)
			held, err := askAround(reserve(id, sku, 1), processes, n)
			outcomes[n] = outcome{id, held, err}
		})
	}
	group.Wait()
	return outcomes
}

// askAround asks one process after the other until one decides.
func askAround(r Request, processes []*service.Process, first int) (held bool, err error) {
	err = eventually(func() (bool, error) {
		first++
		a, err := r.ask(processes[first%len(processes)])
		switch {
		case errors.Is(err, ErrGone) || err == nil && a.Retry():
			return false, nil
		case err != nil:
			return false, err
		case a.Code() == "INSUFFICIENT_STOCK":
			return true, nil
		case statusOf(a) == "HELD":
			held = true
			return true, nil
		}
		return false, fmt.Errorf("%s: %s", r, a)
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
	mustDecide(t, first, receive("B", 1, "b"))
	checkOneWinner(t, raceFor("B", first, second))
	checkStock(t, first, "B", units{OnHand: 1, Held: 1})
}

func TestOneOfTwentyCallersWinsThoughTheOwnerIsKilledAmidTheRace(t *testing.T) {
	first, second := startPair(t, time.Second)
	mustDecide(t, first, receive("B", 1, "b"))
	first.KillAfter(3)
	winner := checkOneWinner(t, raceFor("B", first, second))
	<-first.Gone()
	// A winner that was told so by the first process still is.
	if a := mustDecide(t, second, get("/inventory/orders/"+winner)); statusOf(a) != "HELD" {
		t.Errorf("order %s: %s", winner, a)
	}
	checkStock(t, second, "B", units{OnHand: 1, Held: 1})
}
