package kafka_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"inventory/adapters/kafka"
	"inventory/ports"
)

var errPoison = errors.New("poison")

// route runs a router for two topics until stop is called, which returns what Run returned.
func route(t *testing.T, cfg kafka.Config, o *told, handle func(ctx context.Context, topic string, rec kafka.Record) error) (r *kafka.Router, stop func() error) {
	t.Helper()
	r, err := kafka.NewRouter(kafka.RouterConfig{
		Kafka: cfg, Topics: []string{"t", "u"}, Handle: handle, DeadLetters: deadLetters(t, cfg), Observer: o,
		Verdict: func(err error) kafka.Verdict {
			return kafka.Verdict{Code: "POISON", Retry: !errors.Is(err, errPoison)}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return r, stop
}

func TestRecordsAreHandledAndPoisonIsBuried(t *testing.T) {
	cfg := topics(t, 2, "t", "t.dlq", "u", "u.dlq")
	const n = 200
	records := append(keyed("test.t", n), keyed("test.u", n)...)
	zeros := make([]byte, 900<<10)
	records = append(records, kafka.Record{Topic: "test.t", Key: []byte("z"), Value: zeros, Headers: []kafka.Header{{Key: "h", Value: []byte{0}}}})
	produce(t, cfg, records...)
	var mu sync.Mutex
	handled := map[string]int{}
	var o told
	_, stop := route(t, cfg, &o, func(ctx context.Context, topic string, rec kafka.Record) error {
		if in, ok := kafka.RecordOf(ctx); !ok || in.Offset != rec.Offset {
			t.Errorf("the context has record %+v, want %+v", in, rec)
		}
		if len(rec.Value) > 1000 {
			return errPoison
		}
		mu.Lock()
		defer mu.Unlock()
		handled[topic+"/"+string(rec.Value)]++
		return nil
	})
	eventually(t, "all handled", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(handled) == 2*n
	})
	m := consume(t, cfg, "test.t.dlq", 1)[0]
	theirs, ours := split(m)
	if len(m.Value) != len(zeros) || strings.Join(theirs, " ") != "h=\x00" || ours["dlq_code"] != "POISON" || ours["dlq_topic"] != "test.t" || ours["dlq_error"] != "poison" {
		t.Errorf("letter: %d bytes, headers %q, %q", len(m.Value), theirs, ours)
	}
	eventually(t, "told of the letter", func() bool { return o.has("letter t POISON", "poison") })
	if err := stop(); err != nil {
		t.Error(err)
	}
	var marked int64
	for p := range int32(2) {
		marked += committed(t, cfg, p)
	}
	if marked != n+1 {
		t.Errorf("committed %d records, want %d", marked, n+1)
	}
}

func TestWhatIsTriedAgainHoldsUpNoOtherKeyAndSaysWhy(t *testing.T) {
	cfg := topics(t, 1, "t", "u")
	produce(t, cfg, keyed("test.t", 50)...)
	var o told
	var mu sync.Mutex
	down, handled := true, 0
	r, _ := route(t, cfg, &o, func(_ context.Context, _ string, rec kafka.Record) error {
		mu.Lock()
		defer mu.Unlock()
		if down && string(rec.Value) == "0" {
			return errors.New("registry unreachable")
		}
		handled++
		return nil
	})
	eventually(t, "the others handled", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return handled >= 40 // some may share the lane
	})
	eventually(t, "readiness says why", func() bool {
		w := r.Waiting()
		return len(w) == 1 && strings.HasPrefix(w[0], "t[0]@0: registry unreachable (for ")
	})
	if n := committed(t, cfg, 0); n > 0 {
		t.Errorf("committed %d, past a record that is not done", n)
	}
	mu.Lock()
	down = false
	mu.Unlock()
	eventually(t, "all committed", func() bool { return committed(t, cfg, 0) == 50 })
	if w := r.Waiting(); len(w) != 0 {
		t.Errorf("still waiting: %q", w)
	}
	if !o.has("retrying t POISON 1: registry unreachable") {
		t.Errorf("told: %q", o.all())
	}
}

func TestARouterThatEndsLetsHandlersFinish(t *testing.T) {
	cfg := topics(t, 1, "t", "u")
	cfg.DrainTimeout = 3 * time.Second
	produce(t, cfg,
		kafka.Record{Topic: "test.t", Key: []byte("k"), Value: []byte("0")},
		kafka.Record{Topic: "test.t", Value: []byte("1")}) // without a key, it has a lane that no key has
	begun, finish := make(chan string, 10), make(chan struct{})
	var o told
	_, stop := route(t, cfg, &o, func(ctx context.Context, _ string, rec kafka.Record) error {
		begun <- string(rec.Value)
		if string(rec.Value) == "0" {
			<-finish
			return ctx.Err()
		}
		<-ctx.Done()
		return ctx.Err()
	})
	seen := map[string]bool{}
	for len(seen) < 2 {
		select {
		case v := <-begun:
			seen[v] = true
		case <-within(t).Done():
			t.Fatalf("begun: %v", seen)
		}
	}
	var stopped sync.WaitGroup
	began := time.Now()
	stopped.Go(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	close(finish)
	stopped.Wait()
	if took := time.Since(began); took < 2*time.Second || took > 10*time.Second {
		t.Errorf("ended after %v, want about the grace of 3s", took)
	}
	if n := committed(t, cfg, 0); n != 1 {
		t.Errorf("committed %d, want 1: the first was done, the second not", n)
	}
	// Leaving may be cut off on a busy machine, which is told as trouble.
	if got := o.all(); got[0] != "handled t" || slices.ContainsFunc(got[1:], func(s string) bool { return !strings.HasPrefix(s, "trouble") }) {
		t.Errorf("told: %q", got)
	}
}

func TestARouterWaitsForABrokerAndEndsWithoutOne(t *testing.T) {
	cfg := config([]string{"127.0.0.1:" + strconv.Itoa(freePort(t))})
	var o told
	_, stop := route(t, cfg, &o, func(context.Context, string, kafka.Record) error { return nil })
	eventually(t, "told", func() bool { return o.has("trouble", "test.t") && o.has("trouble", "test.u") })
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestARouterWithoutWhatItNeedsIsRefused(t *testing.T) {
	_, err := kafka.NewRouter(kafka.RouterConfig{Kafka: kafka.DefaultConfig()})
	for _, want := range []string{"no topics", "Handle, Verdict", "brokers"} {
		if ports.ClassOf(err) != ports.Permanent || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name %q", err, want)
		}
	}
}

func TestTopicsThatAreNotReadAreToldUntilTheyAre(t *testing.T) {
	cfg := topics(t, 1, "t") // and no test.u
	var o told
	r, _ := route(t, cfg, &o, func(context.Context, string, kafka.Record) error { return nil })
	eventually(t, "the topic that is not there is told of, and no other", func() bool {
		waits := r.Waiting()
		return len(waits) == 1 && strings.HasPrefix(waits[0], "test.u: not read") && strings.Contains(waits[0], "does the topic exist?")
	})
}
