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

// ErrGone is what a Service says where nobody is there to answer any more: nobody knows what
// became of the request.
var ErrGone = errors.New("the process is gone")

// Request is what is asked of a service.
type Request struct {
	Method, Path string
	Header       service.Header
	Body         any
}

func get(path string) Request { return Request{Method: http.MethodGet, Path: path} }

func post(path string, body any) Request {
	return Request{Method: http.MethodPost, Path: path, Body: body}
}

func put(path string, body any) Request {
	return Request{Method: http.MethodPut, Path: path, Body: body}
}

// String shows the request.
func (r Request) String() string { return fmt.Sprintf("%s %s %+v", r.Method, r.Path, r.Body) }

// ask has a request answered.
func (r Request) ask(p *service.Process) (service.Answer, error) {
	a, err := p.Client().Ask(context.Background(), r.Method, r.Path, r.Header, r.Body)
	return a, r.explain(p, err)
}

// decide asks until the answer is not that the same should be asked again, as a client
// would, and until what is read is no older than the question.
func (r Request) decide(p *service.Process) (a service.Answer, err error) {
	err = eventually(func() (bool, error) {
		asked := time.Now()
		a, err = p.Client().Decide(context.Background(), r.Method, r.Path, r.Header, r.Body)
		return Fresh(a, asked), r.explain(p, err)
	})
	return a, err
}

// Fresh tells whether an answer that says how old it may be is no older than a time, by the
// millisecond, as answers are.
func Fresh(a service.Answer, at time.Time) bool {
	var told struct {
		AsOf time.Time `json:"as_of"`
	}
	return a.Status >= http.StatusBadRequest || a.Into(&told) != nil || told.AsOf.IsZero() || !told.AsOf.Before(at.Truncate(time.Millisecond))
}

// dying is how long a process may take to end after its last answer did not come.
const dying = 10 * time.Second

// explain tells an answer that did not come because the process ended from one that should
// have come.
func (r Request) explain(p *service.Process, err error) error {
	if err == nil {
		return nil
	}
	timer := time.NewTimer(dying)
	defer timer.Stop()
	select {
	case <-p.Gone():
		return ErrGone
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
