package fleet

import (
	"testing"
	"time"
)

// steady is how long load is measured before anything happens.
const steady = 8 * time.Second

// unhurried is a lease that no member loses because the machine is busy: whoever leaves in good
// order leaves nobody waiting for it.
const unhurried = 6 * time.Second

// One process after the other is restarted, as platforms do it: a client sees nothing of it but
// answers that ask to be asked again, and a moment later the answer. A connection that a member
// refuses or closes while it is leaving is counted beside: a load balancer has sent there
// within 50 ms of its last word that it is ready.
func TestARollingRestartLosesNothingAndFailsNoRequest(t *testing.T) {
	f := newFleet(t, unhurried)
	for _, m := range f.members {
		m.site.AsDelivered()
	}
	f.start()
	l := f.newLoad(newSeed(t), pace{requests: 80, orders: 30}, steady+14*time.Second)
	l.balancer.crossing = 300 * time.Millisecond
	before := time.Now()
	l.start()
	wait(f.ctx, steady)
	during := time.Now()
	for _, m := range f.members {
		drained := m.terminate()
		m.launch()
		m.awaitReady(f.ctx)
		t.Logf("%s: ended %s after SIGTERM", m.name, ms(drained))
		f.awaitShared()
	}
	after := time.Now()
	l.stop()
	calm, restart := l.balancer.tally.between(before, during), l.balancer.tally.between(during, after)
	t.Logf("before the restart: %s", calm)
	t.Logf("through the restart, in %s: %s", after.Sub(during).Round(time.Millisecond), restart)
	t.Logf("p99 before %s, through the restart %s", ms(calm.p99), ms(restart.p99))
	f.mustSucceedWithin(l, 2*time.Second)
	for _, one := range calm.samples {
		if !one.first.IsZero() && one.first.Before(during) {
			t.Errorf("before the restart %s was asked again after %s", one.what, one.firstWhy)
		}
	}
	if restart.tries[silent] > 0 || len(restart.samples) < 100 {
		t.Errorf("%d times no answer came, of %d requests", restart.tries[silent], len(restart.samples))
	}
	l.audit(time.Second)
}

// mustSucceedWithin fails where a request failed, or was decided later than so long after the
// first answer that was none.
func (f *fleet) mustSucceedWithin(l *load, most time.Duration) {
	f.t.Helper()
	all := l.balancer.tally.between(time.Time{}, time.Now())
	if all.longest.again > most {
		f.t.Errorf("%s was decided %s after %s", all.longest.what, all.longest.again, all.longest.firstWhy)
	}
	for _, failure := range l.balancer.tally.failures[:min(5, len(l.balancer.tally.failures))] {
		f.t.Errorf("of %d failures: %s", len(l.balancer.tally.failures), failure)
	}
}
