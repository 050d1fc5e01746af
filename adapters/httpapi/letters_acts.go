package httpapi

import (
	"context"
	"encoding/json"

	"inventory/app/letters"
	"inventory/domain/letter"
)

// reasonRequest says why.
type reasonRequest struct {
	Reason *string `json:"reason,omitempty" nullable:"true" doc:"Why, for people: at most 512 bytes, no control characters."`
}

// discardRequest puts letters away.
type discardRequest struct {
	Filter letterFilterRequest `json:"filter" doc:"Which letters; {}: all that are open."`
	Reason string              `json:"reason" minLength:"1" doc:"Why, for people: at most 512 bytes, no control characters."`
}

// restoreRequest takes letters back that were discarded.
type restoreRequest struct {
	Filter letterFilterRequest `json:"filter" doc:"Which letters; only discarded ones are meant, unless it names another state."`
	Reason *string             `json:"reason,omitempty" nullable:"true" doc:"Why, for people: at most 512 bytes, no control characters."`
}

// lettersDone is how many letters something was done with.
type lettersDone struct {
	Letters int `json:"letters"`
}

func (a *API) discardLetters(ctx context.Context, c *call) (reply, error) {
	var q discardRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	return c.act(&q.Reason, true, q.Filter, func(f letter.Filter, w letters.Who) (int, error) { return a.options.Letters.Discard(ctx, f, w) })
}

func (a *API) restoreLetters(ctx context.Context, c *call) (reply, error) {
	var q restoreRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	if q.Filter.State == nil {
		q.Filter.State = []string{letter.Discarded}
	}
	return c.act(q.Reason, false, q.Filter, func(f letter.Filter, w letters.Who) (int, error) { return a.options.Letters.Restore(ctx, f, w) })
}

// act does something with letters that a filter chooses.
func (c *call) act(why *string, required bool, q letterFilterRequest, do func(letter.Filter, letters.Who) (int, error)) (reply, error) {
	who, chosen := c.who(why, required), q.read(&c.faults, "body.filter")
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	n, err := do(chosen, who)
	if err != nil {
		return reply{}, err
	}
	return ok(lettersDone{n})
}

// editRequest asks for a letter that stands for another one.
type editRequest struct {
	Event  json.RawMessage `json:"event" doc:"The whole event, an object as the letter's event is shown. It is written with the newest schema of the topic."`
	Reason *string         `json:"reason,omitempty" nullable:"true" doc:"Why, for people: at most 512 bytes, no control characters."`
}

func (a *API) editLetter(ctx context.Context, c *call) (reply, error) {
	id := c.id("letter_id")
	var q editRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	who := c.who(q.Reason, false)
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	made, err := a.options.Letters.Edit(ctx, letters.EditRequest{Who: who, Letter: id, Event: q.Event})
	if err != nil {
		return reply{}, err
	}
	return ok(newLetterEntry(&made))
}
