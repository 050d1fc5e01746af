package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"inventory/domain/letter"
)

// recorder is an Observer and an Undertaker that remembers what it is told.
type recorder struct {
	lines   []string
	letters []Letter
	refuse  int // letters that fail before one is written
}

func (r *recorder) note(format string, args ...any) {
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

func (r *recorder) Consumed(topic string, _ time.Duration, outcome string) {
	r.note("%s %s", topic, outcome)
}

func (r *recorder) Buried(_, code string, _ Record, err error) {
	r.note("letter %s: %v", code, err)
}
func (r *recorder) Retrying(_, _ string, err error, n int) { r.note("retrying %d: %v", n, err) }
func (r *recorder) LanesInUse(int)                         {}
func (r *recorder) Trouble(err error)                      { r.note("trouble: %v", err) }

func (r *recorder) Write(_ context.Context, l Letter) error {
	if r.refuse > 0 {
		r.refuse--
		return errors.New("no replicas")
	}
	r.letters = append(r.letters, l)
	return nil
}

var (
	errLater = errors.New("registry unreachable\nat length")
	errNever = errors.New("unreadable")
	errSoon  = errors.New("parked")
)

func verdict(err error) Verdict {
	switch {
	case errors.Is(err, errLater):
		return Verdict{Code: "UNAVAILABLE", Retry: true}
	case errors.Is(err, errSoon):
		return Verdict{Code: "UNKNOWN_ORDER", Retry: true, Within: time.Minute}
	}
	return Verdict{Code: "UNREADABLE"}
}

// consumeOne brings a record to a handler that returns one error after the other, the last
// for ever. It returns what became of it, after how long.
func consumeOne(ctx context.Context, rec *recorder, handle func(try int) error) (*Router, time.Duration, error) {
	try := 0
	r := &Router{cfg: RouterConfig{
		Handle: func(context.Context, string, Record) error {
			try++
			return handle(try)
		},
		Verdict: verdict, DeadLetters: rec, Observer: rec,
	}}
	began := time.Now()
	c := consumption{router: r, topic: "order.created.v1", rec: Record{Topic: "p.order.created.v1", Partition: 3, Offset: 1042}, began: began}
	err := c.run(ctx)
	return r, time.Since(began), err
}

func TestARecordIsTriedUntilItIsHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		r, took, err := consumeOne(t.Context(), &rec, func(try int) error {
			if try <= 20 {
				return errLater
			}
			return nil
		})
		if err != nil || len(rec.letters) != 0 || rec.lines[len(rec.lines)-1] != "order.created.v1 handled" {
			t.Errorf("got %v, %q", err, rec.lines)
		}
		if took < 30*time.Second || took > 100*time.Second {
			t.Errorf("20 failures took %v: the waits should grow to 5s", took)
		}
		if got := r.Waiting(); len(got) != 0 {
			t.Errorf("waiting: %v", got)
		}
	})
}

func TestWhatCanNeverBeHandledIsBuriedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		_, took, err := consumeOne(t.Context(), &rec, func(int) error { return errNever })
		if err != nil || took != 0 || len(rec.letters) != 1 {
			t.Fatalf("got %v after %v, %d letters", err, took, len(rec.letters))
		}
		l := rec.letters[0]
		if l.Code != "UNREADABLE" || !errors.Is(l.Err, errNever) || l.Attempts != 1 || l.Record.Offset != 1042 || l.FirstFailure.IsZero() {
			t.Errorf("letter: %+v", l)
		}
		if want := []string{"letter UNREADABLE: unreadable", "order.created.v1 buried"}; !slices.Equal(rec.lines, want) {
			t.Errorf("told: %q, want %q", rec.lines, want)
		}
	})
}

func TestARecordIsBuriedWhenItsTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		_, took, err := consumeOne(t.Context(), &rec, func(int) error { return errSoon })
		if err != nil || len(rec.letters) != 1 || rec.letters[0].Code != "UNKNOWN_ORDER" {
			t.Fatalf("got %v, letters %+v", err, rec.letters)
		}
		if took < time.Minute || took > 70*time.Second {
			t.Errorf("buried after %v, want about a minute", took)
		}
		if l := rec.letters[0]; l.LastFailure.Sub(l.FirstFailure) != took {
			t.Errorf("failures from %v to %v", l.FirstFailure, l.LastFailure)
		}
	})
}

func TestAHandlerThatPanicsThriceHasItsRecordBuried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		_, _, err := consumeOne(t.Context(), &rec, func(int) error { panic("boom") })
		if err != nil || len(rec.letters) != 1 {
			t.Fatalf("got %v, %d letters", err, len(rec.letters))
		}
		l := rec.letters[0]
		if l.Code != letter.CodePanic || l.Attempts != 3 || !strings.Contains(l.Err.Error(), "boom") || !strings.Contains(l.Err.Error(), "consumption_test.go") {
			t.Errorf("letter: %s after %d attempts: %v", l.Code, l.Attempts, l.Err)
		}
	})
}

func TestARecordThatCantBeBuriedIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := recorder{refuse: 10}
		_, took, err := consumeOne(t.Context(), &rec, func(int) error { return errNever })
		if err != nil || len(rec.letters) != 1 || took < 5*time.Second {
			t.Errorf("got %v, %d letters after %v", err, len(rec.letters), took)
		}
		if !strings.Contains(rec.lines[0], "trouble: kafka: order.created.v1[3]@1042 is to be buried as UNREADABLE (unreadable), and can't be: no replicas") {
			t.Errorf("told: %q", rec.lines)
		}
		rec = recorder{refuse: 1 << 30}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, _, err := consumeOne(ctx, &rec, func(int) error { return errNever }); !errors.Is(err, context.Canceled) {
			t.Errorf("when time is over: %v", err)
		}
	})
}

func TestNothingIsTriedAgainOnceThePartitionGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		stopping := make(chan struct{})
		ctx := messageContext{t.Context(), &Record{}, stopping}
		_, took, err := consumeOne(ctx, &rec, func(int) error {
			close(stopping)
			return errLater
		})
		if !errors.Is(err, context.Canceled) || took != 0 || len(rec.letters) != 0 {
			t.Errorf("got %v after %v, letters %v", err, took, rec.letters)
		}
	})
}

func TestWhatWaitsLongIsNamedWithTheReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w waiting
		now := time.Now()
		for i := range 12 {
			c := &consumption{topic: "order.created.v1", rec: Record{Partition: 3, Offset: int64(1042 + i)}, attempts: 1, first: now.Add(time.Duration(i-12) * time.Second)}
			w.put(c, errLater)
		}
		got := w.list(now)
		if len(got) != 10 || got[0] != "order.created.v1[3]@1042: registry unreachable (for 12s)" || got[9] != "order.created.v1[3]@1051: registry unreachable (for 3s)" {
			t.Errorf("got %q", got)
		}
		if got = w.list(now.Add(time.Minute)); len(got) != 11 || got[10] != "and 2 more" {
			t.Errorf("a minute later: %q", got)
		}
	})
}
