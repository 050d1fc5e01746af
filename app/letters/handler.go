package letters

import (
	"context"
	"errors"
	"fmt"

	"inventory/app"
	"inventory/domain/letter"
)

// Handler is what acts on order events: what an app.Inventory does.
type Handler interface {
	// Act is app.Inventory.Act.
	Act(ctx context.Context, c app.Consumption) (app.Effect, error)
	// Why is app.Inventory.Why.
	Why(ctx context.Context, req app.WhyRequest) (app.Why, error)
	// NewRehearsal is app.Inventory.NewRehearsal.
	NewRehearsal() Rehearsal
}

// Rehearsal is what an app.Rehearsal does.
type Rehearsal interface {
	Prepare(ctx context.Context, all []app.Consumption) error
	Act(ctx context.Context, c app.Consumption) (app.Effect, error)
}

// Of gives the Handler that an Inventory is.
func Of(in *app.Inventory) Handler { return handler{in} }

type handler struct{ *app.Inventory }

// NewRehearsal implements Handler.
func (h handler) NewRehearsal() Rehearsal { return h.Inventory.NewRehearsal() }

// panicked is a handler's panic as an error.
type panicked struct{ value any }

// Error implements error.
func (e panicked) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// actor is a Handler or a Rehearsal.
type actor interface {
	Act(ctx context.Context, c app.Consumption) (app.Effect, error)
}

// act has a letter's event acted on. That there is none, and a panic, are errors like others.
func act(ctx context.Context, a actor, l *decoded) (e app.Effect, err error) {
	if l.fault != nil {
		return e, l.fault
	}
	defer func() {
		if v := recover(); v != nil {
			err = panicked{v}
		}
	}()
	return a.Act(ctx, consumptionOf(l))
}

// consumptionOf is a letter's event, as it is brought to a handler.
func consumptionOf(l *decoded) app.Consumption {
	return app.Consumption{Event: l.event, Topic: l.Topic, Trace: l.Trace, Source: "letter/" + l.ID.String()}
}

// verdictOf says what came of a letter.
func verdictOf(l *decoded, e app.Effect, err error) Verdict {
	v := Verdict{Order: l.order()}
	if err != nil {
		v.Outcome, v.Code, v.Says = letter.Failed, codeOf(err), err.Error()
		return v
	}
	v.Outcome, v.Says, v.Moves = string(e.Verdict), e.Says, e.Moves
	if e.Order != nil {
		v.Order, v.Status = string(e.Order.ID), e.Order.Status.String()
	}
	return v
}

func codeOf(err error) string {
	if _, ok := errors.AsType[panicked](err); ok {
		return letter.CodePanic
	}
	return app.FailureOf(err).Code
}
