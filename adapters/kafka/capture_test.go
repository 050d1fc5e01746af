package kafka_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"inventory/adapters/kafka"
)

const captureTopic = "cdc.inventory.events"

// capturing starts a broker with a topic of captured rows in two partitions.
func capturing(t *testing.T) kafka.Config {
	cfg := topics(t, 2, "x")
	cfg.CaptureTopic = captureTopic
	cfg.Partitions = 2
	if err := kafka.CreateTopics(within(t), cfg, func(string) {}); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func capturedValue(text string) []byte {
	return fmt.Appendf(nil, `{"ts_ms":1,"op":"i","source":{},"after":{"metadata":{"value":%q,"deletion_ts":null,"set":true}}}`, text)
}

// follower is one who follows, and what it was brought while it was the one.
type follower struct {
	end  context.CancelFunc
	done chan struct{}
	led  chan struct{} // closed when it is the one for the first time
	got  chan string
}

func follow(t *testing.T, cfg kafka.Config) *follower {
	t.Helper()
	c, err := kafka.NewCapture(cfg, func(err error) { t.Log(err) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	f := &follower{end, make(chan struct{}), make(chan struct{}), make(chan string, 100)}
	var first sync.Once
	go func() {
		defer close(f.done)
		err := c.Follow(ctx, func(ctx context.Context, records <-chan string) {
			first.Do(func() { close(f.led) })
			for {
				select {
				case r := <-records:
					f.got <- r
				case <-ctx.Done():
					return
				}
			}
		})
		if err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(f.stop)
	return f
}

func (f *follower) stop() {
	f.end()
	<-f.done
}

func (f *follower) hear(t *testing.T, want string) {
	t.Helper()
	ctx := within(t)
	for {
		select {
		case got := <-f.got:
			if got == want {
				return
			}
		case <-ctx.Done():
			t.Fatalf("%q never came", want)
		}
	}
}

func TestOneOfAllThatFollowIsBroughtAllAndAnotherGoesOnAfterIt(t *testing.T) {
	cfg := capturing(t)
	produce(t, cfg, kafka.Record{Topic: captureTopic, Key: []byte("a"), Value: capturedValue(`{"v":1}`)})
	first := follow(t, cfg)
	first.hear(t, `{"v":1}`)
	second := follow(t, cfg)
	for i := range 20 { // in both partitions
		produce(t, cfg, kafka.Record{Topic: captureTopic, Key: fmt.Append(nil, i), Value: capturedValue(fmt.Sprint("n", i))})
	}
	seen := map[string]bool{}
	ctx := within(t)
	for len(seen) < 20 {
		select {
		case r := <-first.got:
			seen[r] = true
		case r := <-second.got:
			seen[r] = true
		case <-ctx.Done():
			t.Fatalf("%d of 20 came", len(seen))
		}
		delete(seen, `{"v":1}`)
	}
	first.stop()
	select {
	case <-second.led:
	case <-within(t).Done():
		t.Fatal("nobody goes on")
	}
	produce(t, cfg, kafka.Record{Topic: captureTopic, Key: []byte("z"), Value: capturedValue("last")})
	second.hear(t, "last")
}

func TestOnlyWholeRowsThatWereInsertedAreTaken(t *testing.T) {
	cfg := capturing(t)
	f := follow(t, cfg)
	records := []kafka.Record{}
	for _, value := range []string{
		``, `null`, `{`, `[]`, `{"op":"i"}`, `{"op":"i","after":null}`, `{"op":"i","after":{"metadata":null}}`,
		`{"op":"d","after":{"metadata":{"value":"deleted"}}}`, `{"op":"u","after":{"metadata":{"value":"changed"}}}`, `{"op":"i","after":{"metadata":{"value":null}}}`,
	} {
		records = append(records, kafka.Record{Topic: captureTopic, Key: []byte("k"), Value: []byte(value)})
	}
	records = append(records, kafka.Record{Topic: captureTopic, Key: []byte("k")}) // a tombstone
	records = append(records, kafka.Record{Topic: captureTopic, Key: []byte("k"), Value: capturedValue("good")})
	produce(t, cfg, records...)
	select {
	case got := <-f.got:
		if got != "good" {
			t.Errorf("%q was taken", got)
		}
	case <-within(t).Done():
		t.Error("nothing was taken")
	}
}

// What the connector wrote, in the version that testdata names.
func TestWhatTheConnectorWritesIsRead(t *testing.T) {
	text, err := os.ReadFile("testdata/debezium.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	cfg := capturing(t)
	f := follow(t, cfg)
	want := 0
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, `"op":"i"`) {
			want++
		}
		produce(t, cfg, kafka.Record{Topic: captureTopic, Key: []byte("k"), Value: []byte(strings.TrimSpace(line))})
	}
	produce(t, cfg, kafka.Record{Topic: captureTopic, Key: []byte("k"), Value: capturedValue("end")})
	var got []string
	ctx := within(t)
	for len(got) == 0 || got[len(got)-1] != "end" {
		select {
		case r := <-f.got:
			got = append(got, r)
		case <-ctx.Done():
			t.Fatalf("the end never came after %q", got)
		}
	}
	if len(got) != want+1 || !strings.HasPrefix(got[0], `{"v":1,"ledger":"stock/`) {
		t.Errorf("%d rows were inserted, %d came: %q", want, len(got)-1, got)
	}
}
