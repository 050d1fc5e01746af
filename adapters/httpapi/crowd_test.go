package httpapi

import (
	"context"
	"sync"
	"testing"

	"inventory/app/owner"
)

func TestWhoComesWhileAsManyRequestsAreWorkedAtAsMayBeIsToldAtOnceToComeAgain(t *testing.T) {
	const most = 3
	begun, finish := make(chan struct{}), make(chan struct{})
	c := serve(t, failing{err: owner.ErrUnsettled, do: func(context.Context) {
		begun <- struct{}{}
		<-finish
	}}, Options{MaxRequests: most})
	var waiting sync.WaitGroup
	for range most {
		waiting.Go(func() { c.request("POST /inventory/reserve").problem(503, "UNSETTLED") })
		<-begun
	}
	if p := c.request("POST /inventory/reserve").problem(503, "OVERLOADED"); !p.Retry {
		t.Error("the answer does not say that the same may be asked again")
	}
	c.call("GET /livez", "").want(200)
	close(finish)
	waiting.Wait()
	go func() { <-begun }()
	c.request("POST /inventory/reserve").problem(503, "UNSETTLED")
}
