package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"

	"inventory/integration/service"
)

// Service answers requests: a process, or a fleet of them.
type Service interface {
	// Ask has a request answered, by asking once. An error means that nobody answered, and that
	// nobody knows what became of it.
	Ask(Request) (Reply, error)
	// Decide asks until the answer is not that the same should be asked again, and until what is
	// read is no older than the question. ErrGone: nobody is there any more.
	Decide(Request) (Reply, error)
}

// Reply is an answer.
type Reply struct {
	service.Answer
	// Lost: the same was asked before, and may still take effect.
	Lost bool
}

// One is the service of one process. Whoever kills it knows that nothing is under way any more.
func One(p *service.Process) Service { return one{p} }

type one struct{ p *service.Process }

// Ask implements Service.
func (o one) Ask(r Request) (Reply, error) {
	a, err := r.ask(o.p)
	return Reply{Answer: a}, err
}

// Decide implements Service. A process that does not answer is killed: its callers would wait
// for its end for ever.
func (o one) Decide(r Request) (Reply, error) {
	a, err := r.decide(o.p)
	if err != nil && !errors.Is(err, ErrGone) {
		o.p.Kill()
	}
	return Reply{Answer: a}, err
}

// Callers are clients of a service, and the books that they keep of its answers.
type Callers struct {
	rand    *rand.Rand
	books   *books
	clients []*client
}

// NewCallers makes n clients, whose choices follow from the seed.
func NewCallers(t testing.TB, n int, seed uint64) *Callers {
	w := &Callers{rand: rand.New(rand.NewPCG(seed, 0)), books: newBooks()}
	for i := range n {
		w.clients = append(w.clients, &client{
			t: t, name: fmt.Sprintf("c%d", i), books: w.books, rand: rand.New(rand.NewPCG(seed, uint64(i+1))),
		})
	}
	return w
}

// Last has holds that are to last ask for so many seconds: the service's own are shorter than
// the test.
func (w *Callers) Last(seconds int) {
	for _, c := range w.clients {
		c.ttl = seconds
	}
}

// SetUp makes the warehouses and the first stock.
func (w *Callers) SetUp(to Service) error {
	for _, r := range warehouses {
		a, err := to.Decide(r)
		if err == nil && a.Status >= http.StatusBadRequest {
			err = errors.New(a.String())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
	}
	first := w.clients[0]
	for _, warehouse := range places {
		for _, sku := range plenty {
			first.open = append(first.open, first.adjustment(sku, warehouse, "RECEIPT", lots))
		}
		for _, sku := range scarce {
			first.open = append(first.open, first.adjustment(sku, warehouse, "RECEIPT", few))
		}
	}
	if !first.settle(to) {
		return ErrGone
	}
	return nil
}

// Work lets all clients work until nobody is there.
func (w *Callers) Work(to Service) {
	var group sync.WaitGroup
	for _, c := range w.clients {
		group.Go(func() { c.work(to) })
	}
	group.Wait()
}

// Settle has all that is open answered; false where nobody is there.
func (w *Callers) Settle(to Service) bool {
	var group sync.WaitGroup
	settled := make([]bool, len(w.clients))
	for i, c := range w.clients {
		group.Go(func() { settled[i] = c.settle(to) })
	}
	group.Wait()
	return !slices.Contains(settled, false)
}

// Open counts the commands that are not answered.
func (w *Callers) Open() (open int) {
	for _, c := range w.clients {
		open += len(c.open)
	}
	return open
}

// Verdict is what was found wrong so far.
func (w *Callers) Verdict() error { return w.books.verdict() }
