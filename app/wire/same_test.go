package wire_test

import (
	"context"
	"errors"
	"math/rand"
	"reflect"
	"testing"
	"testing/quick"

	"inventory/app"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// same fails the test where two values differ, but for nil and empty lists.
func same(t *testing.T, want, got any) {
	t.Helper()
	if !reflect.DeepEqual(tidy(want, nil), tidy(got, nil)) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// tidy copies a value with its empty lists nil, and each ledger's name as name says.
func tidy(v any, name func() ledger.ID) any {
	if v == nil {
		return nil
	}
	c := reflect.New(reflect.TypeOf(v)).Elem()
	c.Set(reflect.ValueOf(v))
	tidyValue(c, name)
	return c.Interface()
}

func tidyValue(v reflect.Value, name func() ledger.ID) {
	switch kind := v.Kind(); {
	case kind == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				tidyValue(f, name)
			}
		}
	case kind == reflect.Pointer:
		if !v.IsNil() {
			c := reflect.New(v.Type().Elem())
			c.Elem().Set(v.Elem())
			tidyValue(c.Elem(), name)
			v.Set(c)
		}
	case kind == reflect.Slice:
		if v.Len() == 0 {
			v.SetZero()
			return
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		for i := range c.Len() {
			tidyValue(c.Index(i), name)
		}
		v.Set(c)
	case kind == reflect.Interface:
		if !v.IsNil() {
			v.Set(reflect.ValueOf(tidy(v.Interface(), name)))
		}
	case kind == reflect.String:
		if v.Type() == reflect.TypeFor[ledger.ID]() && name != nil {
			v.Set(reflect.ValueOf(name()))
		}
	}
}

// sameAnswer compares an answer with what came of it.
func sameAnswer(t *testing.T, want, got wire.Answer) {
	t.Helper()
	same(t, want.Outcome, got.Outcome)
	sameError(t, want.Err, got.Err)
}

// sameError compares an error with what came of it, in all that anybody asks of an error.
func sameError(t *testing.T, want, got error) {
	t.Helper()
	if want == nil && got == nil {
		return
	}
	if want == nil || got == nil {
		t.Errorf("got error %v, want %v", got, want)
		return
	}
	if got.Error() != want.Error() {
		t.Errorf("got text %q, want %q", got, want)
	}
	ended := errors.Is(want, context.Canceled) // there, not here
	for _, s := range wire.Sentinels(codec) {
		is := errors.Is(want, s.Err)
		switch {
		case errors.Is(s.Err, context.Canceled):
			is = false
		case ended && errors.Is(s.Err, ports.ErrUnknown):
			is = true
		}
		if errors.Is(got, s.Err) != is {
			t.Errorf("%q is %q: %t, want %t", want, s.Err, !is, is)
		}
	}
	if !ended && app.FailureOf(got) != app.FailureOf(want) {
		t.Errorf("%q: got failure %+v, want %+v", want, app.FailureOf(got), app.FailureOf(want))
	}
	sameValue[*reservation.InsufficientError](t, want, got)
	sameValue[*reservation.OverPickError](t, want, got)
}

func sameValue[E error](t *testing.T, want, got error) {
	t.Helper()
	var w, g E
	errors.As(want, &w)
	errors.As(got, &g)
	same(t, w, g)
}

// Values of all messages that need no ledger to make them, each field at random.
func TestWhateverIsInAMessageArrives(t *testing.T) {
	t.Logf("-seed %d", *seed)
	dice := rand.New(rand.NewSource(*seed))
	name := func() ledger.ID {
		scope := []string{"W1", "home", "a.b-c_d", "x"}[dice.Intn(4)]
		if dice.Intn(2) == 0 {
			return ledger.ReservationID(scope, dice.Intn(100))
		}
		return ledger.StockID(scope, dice.Intn(1000))
	}
	for _, sample := range []any{
		reservation.Reserve{},
		reservation.Release{},
		reservation.Confirm{},
		reservation.Extend{},
		reservation.Get{},
		reservation.Restate{},
		reservation.Disown{},
		stock.Adjust{},
		stock.Correct{},
		stock.SetMark{},
		stock.ReadMarks{},
		wire.AskLevel{},
		wire.AskLevels{},
		wire.AskShelves{},
		wire.AskStatus{},
		wire.AskLapsing{},
		wire.LapsingAnswer{},
		wire.LevelsAnswer{},
		wire.StatusAnswer{},
		wire.Mail{},
		wire.Ack{},
		wire.Took{},
		wire.Moved{},
	} {
		for range 300 {
			v, ok := quick.Value(reflect.TypeOf(sample), dice)
			if !ok {
				t.Fatalf("%T has fields that can't be filled", sample)
			}
			m, ok := tidy(v.Interface(), name).(wire.Message)
			if !ok {
				m = wire.Ask{Ledger: name(), Patience: dice.Intn(2) == 0, Command: tidy(v.Interface(), name)}
			}
			if mail, ok := m.(wire.Mail); ok {
				for i := range mail.Mail {
					mail.Mail[i].To = mail.To
				}
			}
			same(t, m, carried(t, m))
		}
	}
}

func TestSamplesArriveAsTheyAre(t *testing.T) {
	for name, m := range sampleMessages() {
		t.Run(name, func(t *testing.T) {
			switch m := m.(type) {
			case wire.Answer:
				sameAnswer(t, m, carried(t, m))
			case wire.Refused:
				sameError(t, m.Err, carried(t, m).Err)
			default:
				same(t, m, carried(t, m))
			}
		})
	}
}

func TestAnOrderKeepsItsVersion(t *testing.T) {
	got := carried(t, wire.Answer{Outcome: sampleOrder()}).Outcome.(*reservation.Order)
	if got.Version() != 300 {
		t.Errorf("got version %d, want 300", got.Version())
	}
}

// A letter is kept for as long as its pick is parked: not in memory that others may use.
func TestALetterHasMemoryOfItsOwn(t *testing.T) {
	b := encoded(t, wire.Ask{Ledger: home, Command: sampleCommands()["confirm"]})
	m := decoded(t, b)
	clear(b)
	if got := m.(wire.Ask).Command.(reservation.Confirm).Letter; string(got) != "letter" {
		t.Errorf("got %q", got)
	}
}

func TestWhatIsTheOwnersOwnIsNotEncoded(t *testing.T) {
	for _, m := range []wire.Message{
		wire.Ask{Ledger: home, Command: ledger.Received{}},
		wire.Ask{Ledger: home, Command: ledger.Due{}},
		wire.Ask{Ledger: home, Command: ledger.Forget{}},
		wire.Ask{Ledger: home},
		wire.Answer{Outcome: "text"},
		wire.Answer{Outcome: reservation.Order{}},
		wire.Refused{},
		wire.Mail{From: home, To: w1, Mail: []ledger.Mail{{To: w2, Number: 1}}},
	} {
		if b, err := codec.Encode(m); err == nil {
			t.Errorf("%+v becomes %x, want an error", m, b)
		}
	}
}

func TestAnAnswerIsToldFromARefusalAndFromAnother(t *testing.T) {
	got, refused, bad := wire.AnswerOf[wire.StatusAnswer](codec, encoded(t, sampleMessages()["status"]))
	if len(got.Ledgers) != 2 || refused != nil || bad != nil {
		t.Errorf("got %+v, %v, %v", got, refused, bad)
	}
	_, refused, bad = wire.AnswerOf[wire.StatusAnswer](codec, encoded(t, sampleMessages()["refused"]))
	if !errors.Is(refused, wire.ErrUnknownMessage) || bad != nil {
		t.Errorf("refused: got %v, %v", refused, bad)
	}
	_, refused, bad = wire.AnswerOf[wire.StatusAnswer](codec, encoded(t, sampleMessages()["level"]))
	if refused != nil || !errors.Is(bad, ledger.ErrCorrupt) {
		t.Errorf("another answer: got %v, %v", refused, bad)
	}
	_, refused, bad = wire.AnswerOf[wire.StatusAnswer](codec, []byte{99})
	if refused != nil || !errors.Is(bad, wire.ErrUnknownMessage) {
		t.Errorf("an unknown answer: got %v, %v", refused, bad)
	}
}
