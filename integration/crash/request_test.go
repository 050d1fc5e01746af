package crash

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"inventory/integration/service"
)

// patience bounds each wait of a test, far above what is normal.
const patience = time.Minute

// errGone: the process ended before it answered, and nobody knows what became of it.
var errGone = errors.New("the process is gone")

// request is what is asked of a process.
type request struct {
	method, path string
	header       service.Header
	body         any
}

func get(path string) request { return request{method: http.MethodGet, path: path} }

func post(path string, body any) request {
	return request{method: http.MethodPost, path: path, body: body}
}

func put(path string, body any) request {
	return request{method: http.MethodPut, path: path, body: body}
}

func (r request) String() string { return fmt.Sprintf("%s %s %+v", r.method, r.path, r.body) }

// ask has a request answered.
func (r request) ask(p *service.Process) (service.Answer, error) {
	a, err := p.Client().Ask(context.Background(), r.method, r.path, r.header, r.body)
	return a, r.explain(p, err)
}

// decide asks until the answer is not that the same should be asked again, as a client
// would, and until what is read is no older than the question.
func (r request) decide(p *service.Process) (a service.Answer, err error) {
	err = eventually(func() (bool, error) {
		asked := time.Now().Truncate(time.Millisecond) // as answers are
		a, err = p.Client().Decide(context.Background(), r.method, r.path, r.header, r.body)
		return asOf(a, asked), r.explain(p, err)
	})
	return a, err
}

// asOf tells whether an answer that says how old it may be is no older than a time.
func asOf(a service.Answer, at time.Time) bool {
	var told struct {
		AsOf time.Time `json:"as_of"`
	}
	return a.Status >= http.StatusBadRequest || a.Into(&told) != nil || told.AsOf.IsZero() || !told.AsOf.Before(at)
}

// dying is how long a process may take to end after its last answer did not come.
const dying = 10 * time.Second

// explain tells an answer that did not come because the process ended from one that should
// have come.
func (r request) explain(p *service.Process, err error) error {
	if err == nil {
		return nil
	}
	timer := time.NewTimer(dying)
	defer timer.Stop()
	select {
	case <-p.Gone():
		return errGone
	case <-timer.C:
		return fmt.Errorf("process %d: %s: %w", p.PID(), r, err)
	}
}

// eventually asks until the answer is yes.
func eventually(ask func() (bool, error)) error {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-ticker.C {
		if ok, err := ask(); ok || err != nil {
			return err
		}
	}
	return fmt.Errorf("not within %s", patience)
}
