package letters

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"inventory/domain/letter"
	"inventory/ports"
)

// many letters are in a job that is under way when its process is killed.
const many = 2000

// takeover is short, so that nobody waits long for a job whose process died.
const takeover = "--dlq-takeover=2s"

func TestAJobOutlivesItsProcessOnTheEmbeddedDefault(t *testing.T) {
	s := suite.Embedded(t, takeover)
	o := open(t, s, crashed()...)
	letters, id := startMany(o)
	o.p.Kill()
	s.Check(o.p)
	o.p = s.Start()
	mustComplete(o, id, letters)
	s.Stop(o.p)
}

func TestAnotherMemberGoesOnWithAJob(t *testing.T) {
	st := suite.Stack(t)
	s := suite.OnServers(t, st, st, "--lease=1s", takeover)
	o := open(t, s, crashed()...)
	other := s.Beside().Start() // knows the warehouse from the start
	letters, id := startMany(o)
	o.p.Kill()
	s.Check(o.p)
	o.p = other
	mustComplete(o, id, letters)
	s.Stop(other)
}

// crashed are the SKUs that the letters are about.
func crashed() []string {
	var skus []string
	for i := range 10 {
		skus = append(skus, fmt.Sprintf("SKU-%d", i))
	}
	return skus
}

// unitsOf is how much the nth letter asks for.
func unitsOf(n int) int64 { return int64(1 + n%3) }

// startMany starts a job of many letters, and returns when it has done some of them.
func startMany(o *office) (letters []letter.Letter, id string) {
	o.t.Helper()
	skus := crashed()
	for i := range many {
		e := created(fmt.Sprintf("o-many-%04d", i), skus[i%len(skus)], unitsOf(i))
		letters = append(letters, o.bury("UNAVAILABLE", ports.OrderCreatedTopic, e))
	}
	o.append(letters...)
	var made standing
	o.ask(http.MethodPost, "/admin/dlq/jobs", map[string]any{"filter": map[string]any{"code": "UNAVAILABLE"}, "rate": 500}, &made)
	if made.Tally.Letters != many {
		o.t.Fatalf("a job of %d letters, expected %d", made.Tally.Letters, many)
	}
	o.await("some letters have an outcome", func() bool { return o.job(made.ID).Tally.Done >= many/5 })
	if j := o.job(made.ID); j.EndedAt != "" {
		o.t.Fatalf("the job ended too early: %+v", j)
	}
	return letters, made.ID
}

// mustComplete waits until the job has ended in another process, and proves that each letter
// took effect once.
func mustComplete(o *office, id string, letters []letter.Letter) {
	o.t.Helper()
	j := o.awaitEnd(id)
	if j.State != letter.Completed || j.Epoch < 2 || j.Tally.Done != many || j.Tally.Applied != many {
		o.t.Errorf("the job is %+v, expected it completed by a second process, all applied", j)
	}
	o.mustReport(id, letter.Applied, letters)
	for _, f := range o.report(id) {
		if !strings.HasPrefix(f.Says, "held in HCM") {
			o.t.Errorf("order %s: %s", f.OrderID, f.Says)
		}
	}
	if open := o.entries(""); len(open) > 0 {
		o.t.Errorf("%d letters are open still", len(open))
	}
	o.reconcile()
	held := map[string]int64{}
	for i, sku := range crashed() {
		for n := i; n < many; n += len(crashed()) {
			held[sku] += unitsOf(n)
		}
	}
	for sku, units := range held {
		o.awaitHeld(sku, units)
	}
}
