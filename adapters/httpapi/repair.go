package httpapi

import (
	"context"

	"inventory/app"
	"inventory/domain/stock"
)

// repairRequest asks to correct what differs.
type repairRequest struct {
	Apply  bool    `json:"apply" doc:"Make the corrections; false: only say what they would be."`
	Reason *string `json:"reason,omitempty" nullable:"true" doc:"Why, for people: at most 512 bytes, no control characters."`
}

// repairs says what was, or would be, corrected.
type repairs struct {
	Applied bool         `json:"applied" doc:"Whether corrections were made."`
	Steps   []repairStep `json:"steps" nullable:"false" doc:"The corrections; empty where there is nothing that can be corrected."`
	Advice  []advice     `json:"advice" nullable:"false" doc:"What is not corrected, and what a person can do."`
	Left    []difference `json:"left" nullable:"false" doc:"What differs after all."`
}

// repairStep is one labelled correction.
type repairStep struct {
	Kind    string `json:"kind" doc:"What disagreed, as in a reconciliation."`
	Ledger  string `json:"ledger"`
	Subject string `json:"subject" doc:"A SKU or an order."`
	What    string `json:"what" doc:"What is done."`
	Done    bool   `json:"done"`
	Error   string `json:"error,omitzero" doc:"Why it could not be done; absent where it was, or was not tried."`
}

// advice is a difference that is not corrected.
type advice struct {
	Difference difference `json:"difference"`
	Do         string     `json:"do" doc:"What a person can do."`
}

func (a *API) repair(ctx context.Context, c *call) (reply, error) {
	actor := c.header(actorHeader, func(s string) error { return stock.CheckToken("actor", s) })
	var q repairRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	c.faults.check("body.reason", stock.CheckNote("reason", given(q.Reason)))
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	made, err := a.in.Repair(ctx, app.RepairRequest{Apply: q.Apply, Actor: actor, Reason: given(q.Reason), Trace: c.trace})
	if err != nil {
		return reply{}, err
	}
	return ok(newRepairs(made))
}

func newRepairs(made app.Repairs) repairs {
	told := repairs{Applied: made.Applied, Steps: []repairStep{}, Advice: []advice{}, Left: newDifferences(made.Left)}
	for _, s := range made.Steps {
		step := repairStep{Kind: s.Kind, Ledger: string(s.Ledger), Subject: s.Subject, What: s.What, Done: s.Done}
		if s.Err != nil {
			step.Error = s.Err.Error()
		}
		told.Steps = append(told.Steps, step)
	}
	for _, d := range made.Advice {
		told.Advice = append(told.Advice, advice{newDifference(d.Difference), d.Do})
	}
	return told
}
