package global

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"inventory/integration/service"
	"inventory/integration/stack"
)

// job is the Flink job of a cluster that runs.
type job struct {
	t       *testing.T
	cluster *stack.Stack
	prefix  string
	id      string
}

// start submits it.
func (j *job) start() {
	j.t.Helper()
	var err error
	if j.id, err = j.cluster.SubmitJob(j.t.Context(), stack.Job{TopicPrefix: j.prefix, From: "zero"}); err != nil {
		j.t.Fatal(err)
	}
}

// cancel ends it, so that it leaves nothing to go on from.
func (j *job) cancel() {
	j.t.Helper()
	request, err := http.NewRequestWithContext(j.t.Context(), http.MethodPatch, j.cluster.FlinkURL()+"/jobs/"+j.id+"?mode=cancel", http.NoBody)
	if err != nil {
		j.t.Fatal(err)
	}
	request.Close = true
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		j.t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode/100 != 2 {
		j.t.Fatalf("cancelling job %s: %s %v", j.id, answer.Status, err)
	}
}

// That its totals are those of the ledgers is tested where the job is.
func TestAnAggregatorStandsByForTheJob(t *testing.T) {
	tables := suite.Stack(t)
	events := suite.StartStack(t, stack.Kafka, stack.Registry, stack.Flink, stack.FlinkWorker)
	site := suite.OnServers(t, tables, events, hurried...)
	s := Open(t, site, site.Beside("--role=core,projector").Start(), 3)
	j, a := &job{t: t, cluster: events, prefix: site.Prefix}, Aggregators(site).(*aggregators)
	a.Start()
	s.Orders(10)
	s.AwaitTable("with an aggregator alone")
	j.start()
	s.awaitSaid(a.p, "stepped back", func() { s.Orders(5) })
	s.AwaitTable("while the aggregator stands by")
	j.cancel()
	s.awaitSaid(a.p, "took over", func() { s.Orders(5) })
	s.AwaitTopic(s.AwaitTable("after the job was cancelled"))
}

// awaitSaid waits until a process has said something, and does something meanwhile.
func (s *Shop) awaitSaid(p *service.Process, what string, do func()) {
	s.t.Helper()
	for deadline := time.Now().Add(2 * patience); !strings.Contains(p.Said(), what); do() {
		if time.Now().After(deadline) {
			s.t.Fatalf("never said %q:\n%s", what, p.Said())
		}
	}
}
