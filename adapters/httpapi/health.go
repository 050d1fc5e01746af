package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"sync"
)

// liveness says that the process answers.
type liveness struct {
	Alive bool `json:"alive"`
}

// readiness says whether the process can do its work, and what is missing.
type readiness struct {
	Ready  bool          `json:"ready" doc:"All checks are well."`
	Checks []checkResult `json:"checks" nullable:"false"`
}

// checkResult is what one check found.
type checkResult struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitzero" doc:"What is wrong."`
}

func (a *API) live(_ context.Context, c *call) (reply, error) {
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	return ok(liveness{Alive: true})
}

// ready runs all checks at the same time.
func (a *API) ready(ctx context.Context, c *call) (reply, error) {
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	told := readiness{Ready: true, Checks: make([]checkResult, len(a.options.Checks))}
	var running sync.WaitGroup
	for i, check := range a.options.Checks {
		running.Go(func() { told.Checks[i] = check.run(ctx) })
	}
	running.Wait()
	for _, result := range told.Checks {
		told.Ready = told.Ready && result.OK
	}
	if !told.Ready {
		return reply{status: http.StatusServiceUnavailable, body: told}, nil
	}
	return ok(told)
}

// run makes a panic of a check what is wrong: it must not end the process.
func (check Check) run(ctx context.Context) (result checkResult) {
	defer func() {
		if cause := recover(); cause != nil {
			result = checkResult{Name: check.Name, Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	if err := check.Probe(ctx); err != nil {
		return checkResult{Name: check.Name, Error: err.Error()}
	}
	return checkResult{Name: check.Name, OK: true}
}
