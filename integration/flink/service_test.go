package flink

import (
	"testing"

	"inventory/integration/global"
	"inventory/integration/service"
	"inventory/integration/stack"
)

// From orders to the table, with the suite that the service's own aggregator passes. The job stays, so that other tests have a
// neighbour whose state is not theirs.
func TestTheJobsTotalsAreThoseOfTheLedgers(t *testing.T) {
	st := cluster(t)
	site := suite.OnServers(t, st, st, "--lease=1s", "--reservation-ledgers=2")
	global.Suite(t, site, func(site *service.Site) global.Producer { return &producer{t: t, stack: st, prefix: site.Prefix} })
}

// producer is a global.Producer: the job, on a cluster that is killed as a whole.
type producer struct {
	t      *testing.T
	stack  *stack.Stack
	prefix string
	killed bool
}

// Start implements global.Producer.
func (p *producer) Start() {
	p.t.Helper()
	if p.killed {
		must(p.t, p.stack.Restart(p.t.Context(), stack.Flink))
		must(p.t, p.stack.Restart(p.t.Context(), stack.FlinkWorker))
	}
	id, err := p.stack.SubmitJob(p.t.Context(), stack.Job{TopicPrefix: p.prefix, From: "zero"})
	must(p.t, err)
	awaitJob(p.t, id, "RUNNING")
}

// Kill implements global.Producer.
func (p *producer) Kill() {
	p.t.Helper()
	must(p.t, p.stack.Kill(stack.FlinkWorker))
	must(p.t, p.stack.Kill(stack.Flink))
	p.killed = true
}
