package app_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/ports"
)

// silence is a publisher whose brokers don't answer: a call fails after a while, whatever its
// context says.
type silence struct{ takes time.Duration }

func (s silence) Publish(context.Context, []ports.PublicEvent) error {
	<-time.After(s.takes)
	return fmt.Errorf("%w: the brokers are away", ports.ErrTransient)
}

func TestLedgersAreGivenUpInGoodOrderWhileTheBrokersAreAway(t *testing.T) {
	for name, takes := range map[string]time.Duration{"refusing": 0, "silent": 20 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := memory.New()
				in, stop := beginUntil(t, store, app.Outside{Publisher: silence{takes}})
				synctest.Wait()
				stockUp(t, in)
				<-time.After(time.Second)
				began := time.Now()
				stop()
				if took, most := time.Since(began), 6*time.Second+takes; took > most {
					t.Errorf("the end took %v, at most %v expected", took, most)
				}
				ids, err := in.Ledgers(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, id := range ids {
					head, err := store.Head(t.Context(), id)
					if err != nil {
						t.Fatal(err)
					}
					if head.Owner != "" {
						t.Errorf("%s was not given up: the next owner waits for the lease", id)
					}
				}
			})
		})
	}
}
