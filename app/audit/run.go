package audit

import (
	"context"
	"slices"
	"time"

	"inventory/ports"
)

// mostTold bounds the differences that are remembered and told of one pass.
const mostTold = 1000

// Run makes passes until ctx ends. What fails is told, and tried again with the next pass.
func (a *Auditor) Run(ctx context.Context) error {
	defer a.stop()
	for ctx.Err() == nil {
		began := a.w.Ledgers.Clock.Now()
		if err := a.tellPass(ctx, began); err != nil && ctx.Err() == nil {
			a.observe(ports.AuditTrouble{Err: err})
		}
		took := a.w.Ledgers.Clock.Now().Sub(began)
		_ = a.rest(ctx, max(a.cfg.Interval/10, a.cfg.Interval-took)) // the loop sees the end of ctx
	}
	return nil
}

func (a *Auditor) tellPass(ctx context.Context, began time.Time) error {
	if err := a.onePass(ctx); err != nil {
		return err
	}
	now := a.w.Ledgers.Clock.Now()
	if a.deaf {
		a.report.Differences = append(a.report.Differences, a.ofTopic()...)
	}
	a.tell(a.report.Differences, now)
	different := map[string]int{}
	for _, d := range a.report.Differences {
		different[d.Kind]++
	}
	a.observe(ports.Audited{At: now, Took: now.Sub(began), Reads: a.reads, Different: different})
	if a.deaf {
		return nil
	}
	return a.republish(ctx, a.report.Differences)
}

// ofTopic gives what the last pass found of the topic: nothing newer is known.
func (a *Auditor) ofTopic() (found []Difference) {
	present, _ := a.Present()
	for _, d := range present {
		if d.Kind == ports.DifferentTopic {
			found = append(found, d)
		}
	}
	return found
}

// tell tells what is new and what is gone.
func (a *Auditor) tell(found []Difference, now time.Time) {
	found = found[:min(len(found), mostTold)]
	a.mu.Lock()
	before := a.present
	a.present, a.ended = slices.Clone(found), now
	a.mu.Unlock()
	for _, d := range found {
		if !has(before, d) {
			a.observe(ports.DifferenceFound{Kind: d.Kind, Ledger: d.Ledger, Subject: d.Subject, What: d.What, Journal: d.Journal, Found: d.Found})
		}
	}
	for _, d := range before {
		if !has(found, d) && slices.Contains(a.ids, d.Ledger) {
			a.observe(ports.DifferenceGone{Kind: d.Kind, Ledger: d.Ledger, Subject: d.Subject, What: d.What})
		}
	}
}

func has(list []Difference, d Difference) bool {
	return slices.ContainsFunc(list, func(o Difference) bool { return o.identity() == d.identity() })
}

// stop forgets what was followed: whoever owns the ledgers next audits them.
func (a *Auditor) stop() {
	clear(a.followers)
	a.mu.Lock()
	a.present, a.ended = nil, time.Time{}
	a.mu.Unlock()
	a.observe(ports.AuditStopped{})
}

func (a *Auditor) observe(e ports.Event) { a.w.Ledgers.Observer.Observe(e) }

// Present gives the differences that the last pass of Run found, and when it ended; zero
// where there was none, or this process does not audit.
func (a *Auditor) Present() (found []Difference, ended time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.present), a.ended
}
