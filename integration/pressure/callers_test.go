package pressure

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"inventory/integration/service"
)

// callers ask for one order after the other over HTTP: each again until it is decided.
type callers struct {
	stopping context.Context // ends when no new order is to be begun
	stop     context.CancelFunc
	running  sync.WaitGroup

	mu      sync.Mutex
	answers []told
	orders  int // that are held
	faults  []string
}

// told is an answer, and how long it took.
type told struct {
	status int
	code   string
	at     time.Time
	took   time.Duration
}

// comeAgain is when a caller asks again that was told to.
const comeAgain = 200 * time.Millisecond

// startCallers has so many ask each of the processes.
func startCallers(processes []*service.Process, each int) *callers {
	c := &callers{}
	c.stopping, c.stop = context.WithCancel(context.Background())
	for p, process := range processes {
		for n := 0; n < each; {
			client := service.NewClient(process.Client().Base())
			for range min(64, each-n) { // it keeps so many connections
				name := fmt.Sprintf("call-%d-%d", p, n)
				c.running.Go(func() { c.call(client, name) })
				n++
			}
		}
	}
	return c
}

func (c *callers) call(client *service.Client, name string) {
	defer client.CloseIdle()
	for n := 0; c.stopping.Err() == nil; n++ {
		id := fmt.Sprintf("%s-%d", name, n)
		for !c.ask(client, id, n) {
			timer := time.NewTimer(comeAgain)
			<-timer.C
		}
	}
}

// ask asks once; it tells whether the order is decided.
func (c *callers) ask(client *service.Client, id string, n int) bool {
	began := time.Now()
	a, err := client.Ask(context.Background(), http.MethodPost, "/inventory/reserve", nil,
		map[string]any{"order_id": id, "items": []map[string]any{{"sku": theSKU, "quantity": 1, "warehouse_id": place(n)}}})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers = append(c.answers, told{a.Status, a.Code(), time.Now(), time.Since(began)})
	switch {
	case err != nil:
		c.faults = append(c.faults, fmt.Sprintf("order %s: %v", id, err))
	case a.Status == http.StatusCreated, a.Status == http.StatusOK:
		c.orders++
		return true
	case !a.Retry():
		c.faults = append(c.faults, fmt.Sprintf("order %s, for which there is stock: %s", id, a))
		return true
	case a.Header.Get("Retry-After") == "":
		c.faults = append(c.faults, fmt.Sprintf("order %s: no Retry-After: %s", id, a))
	}
	return false
}

// finish waits until every order that was begun is decided, and tells how many are held.
func (c *callers) finish() int {
	c.stop()
	c.running.Wait()
	return c.orders
}

// between lists how long answers with a code took that were given in a time, the shortest first.
func (c *callers) between(from, to time.Time, is func(told) bool) []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	var took []time.Duration
	for _, a := range c.answers {
		if a.at.After(from) && a.at.Before(to) && is(a) {
			took = append(took, a.took)
		}
	}
	slices.Sort(took)
	return took
}
