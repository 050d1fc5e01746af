package avro

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"inventory/ports"
)

// cancel is a record of a cancelled order with an id that the registry does not have.
var cancel = with(77, 2, 'e', 2, 'o', 2, 0)

func TestAFloodOfAnUnknownIDAsksOnceEveryTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		c := newCodec(t, r)
		for range 1000 {
			if _, err := c.Decode(t.Context(), ports.OrderCancelledTopic, cancel); !errors.Is(err, ports.ErrUnknownSchema) {
				t.Fatalf("got %v", err)
			}
		}
		if byID, _ := r.calls(); byID != 1 {
			t.Errorf("the registry was asked %d times", byID)
		}
		for i := range 76 {
			r.add("other-value", fmt.Sprint(i))
		}
		r.add("order.cancelled.v1-value", newest(ports.OrderCancelledTopic))
		<-time.After(holdRefusal)
		if _, err := c.Decode(t.Context(), ports.OrderCancelledTopic, cancel); err != nil {
			t.Errorf("registered by now: %v", err)
		}
	})
}

func TestRecordsThatComeAtOnceAskForTheirSchemaOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		id := r.add("order.cancelled.v1-value", newest(ports.OrderCancelledTopic))
		r.block = make(chan struct{})
		c := newCodec(t, r)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := c.Decode(t.Context(), ports.OrderCancelledTopic, with(id, 2, 'e', 2, 'o', 2, 0)); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(r.block)
		wg.Wait()
		if byID, _ := r.calls(); byID != 1 {
			t.Errorf("the registry was asked %d times", byID)
		}
	})
}

func TestACallerThatGivesUpTakesNoOtherWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		id := r.add("order.cancelled.v1-value", newest(ports.OrderCancelledTopic))
		r.block = make(chan struct{})
		c := newCodec(t, r)
		first, giveUp := context.WithCancel(t.Context())
		decode := func(ctx context.Context) chan error {
			done := make(chan error, 1)
			go func() {
				_, err := c.Decode(ctx, ports.OrderCancelledTopic, with(id, 2, 'e', 2, 'o', 2, 0))
				done <- err
			}()
			synctest.Wait()
			return done
		}
		impatient, patient := decode(first), decode(t.Context())
		giveUp()
		if err := <-impatient; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v", err)
		}
		close(r.block)
		if err := <-patient; err != nil {
			t.Errorf("who waited got %v", err)
		}
		if err := c.Ready(); err != nil {
			t.Errorf("a caller that went is no failure of the registry: %v", err)
		}
	})
}

func TestManyUnknownIDsAskFourAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.block = make(chan struct{})
		c := newCodec(t, r)
		var wg sync.WaitGroup
		for id := 1; id <= 100; id++ {
			wg.Go(func() { _, _ = c.Decode(t.Context(), ports.OrderCancelledTopic, with(id, 2)) })
		}
		synctest.Wait()
		if byID, _ := r.calls(); byID != mostAsking {
			t.Errorf("%d questions under way, want %d", byID, mostAsking)
		}
		close(r.block)
		wg.Wait()
	})
}

func TestFailuresAreForgottenBeforeTheyFillTheMemory(t *testing.T) {
	c := newCodec(t, newRegistry())
	for id := 1; id <= 3*mostFailures; id++ {
		_, _ = c.Decode(t.Context(), ports.OrderCancelledTopic, with(id, 2))
	}
	if n := len(c.reading.failed); n > mostFailures {
		t.Errorf("%d failures are remembered", n)
	}
}

func TestARegistryThatIsDownIsLeftAloneForASecondAndThenAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		id := r.add("order.cancelled.v1-value", newest(ports.OrderCancelledTopic))
		down := fmt.Errorf("%w: connection refused", ports.ErrTransient)
		r.setFailure(down)
		c := newCodec(t, r)
		value := with(id, 2, 'e', 2, 'o', 2, 0)
		for range 100 {
			_, err := c.Decode(t.Context(), ports.OrderCancelledTopic, value)
			if ports.ClassOf(err) != ports.Transient {
				t.Fatalf("got %v", err)
			}
		}
		if byID, _ := r.calls(); byID != 1 {
			t.Errorf("the registry was asked %d times", byID)
		}
		if err := c.Ready(); !errors.Is(err, down) {
			t.Errorf("ready says %v", err)
		}
		r.setFailure(nil)
		<-time.After(holdTransient)
		decoded(t, c, ports.OrderCancelledTopic, value)
		if err := c.Ready(); err != nil {
			t.Errorf("it answers again, and ready says %v", err)
		}
	})
}

func TestTroubleThatNobodyAsksAboutIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.setFailure(errors.New("an error without a class"))
		c := newCodec(t, r)
		if _, err := c.Decode(t.Context(), ports.OrderCancelledTopic, cancel); ports.ClassOf(err) != ports.Transient {
			t.Errorf("got %v", err)
		}
		if c.Ready() == nil {
			t.Error("ready though the registry is down")
		}
		<-time.After(troubleAge + time.Second)
		if err := c.Ready(); err != nil {
			t.Errorf("a minute later ready says %v", err)
		}
	})
}
