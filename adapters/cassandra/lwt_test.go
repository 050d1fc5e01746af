package cassandra

import (
	"context"
	"errors"
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// silent is a statement whose answer has no rows, as that of a plain write.
type silent struct{ made *int }

func (s silent) IterContext(context.Context) *gocql.Iter { *s.made++; return &gocql.Iter{} }
func (s silent) Iter() *gocql.Iter                       { return s.IterContext(context.Background()) }
func (silent) Exec() error                               { return nil }
func (silent) ExecContext(context.Context) error         { return nil }

func TestAnAnswerThatDoesNotSayWhetherItWasAppliedIsNoSuccess(t *testing.T) {
	made := 0
	o, err := conditional(t.Context(), silent{&made}, nil)
	if !errors.Is(err, errNotConditional) || o.applied || made != 1 {
		t.Errorf("got %+v, %v after %d statements", o, err, made)
	}
}

func TestNothingIsSentForACallerThatHasGoneAway(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	made := 0
	if _, err := conditional(gone, silent{&made}, nil); !errors.Is(err, context.Canceled) || made != 0 {
		t.Errorf("got %v after %d statements", err, made)
	}
}
