package letters

import (
	"net/http"
	"strings"
	"testing"

	"inventory/domain/letter"
	"inventory/integration/service"
)

func TestNoTwoJobsHaveTheSameLetters(t *testing.T) { everywhere(t, takeTurns) }

// takeTurns has a second job asked for while one runs, and ends that one early.
func takeTurns(t *testing.T, s *service.Site) {
	o := open(t, s, "SKU-A")
	o.buryOrders("o-first", 200)
	o.awaitLetters("", 200)
	first := startSlow(o, 20)
	mustBeTaken(o, first.ID)
	o.buryOrders("o-later", 5)
	o.await("some letters have an outcome", func() bool { return o.job(first.ID).Tally.Done >= 10 })
	o.dlq("cancel", first.ID)
	j := o.awaitEnd(first.ID)
	if j.State != letter.Cancelled || j.Tally.Letters > 200 || j.Tally.Failed > 0 || j.Tally.Done >= 200 {
		t.Errorf("a job that was cancelled early: %+v", j)
	}
	if open := o.entries(""); len(open) != 205-j.Tally.Done {
		t.Errorf("%d letters are open, of 205, when %d have an outcome", len(open), j.Tally.Done)
	}
	o.mustHold(int64(j.Tally.Applied))

	second := startSlow(o, 200)
	left := 205 - j.Tally.Done
	o.buryOrders("o-last", 5)
	o.awaitLetters("key=o-last-0004", 1)
	want := tally{Letters: left, Done: left, Applied: left}
	if j := o.awaitEnd(second.ID); j.State != letter.Completed || j.Tally != want {
		t.Errorf("the second job: %+v, expected %+v: what came after its start is not its", j, want)
	}
	for _, e := range o.awaitLetters("", 5) {
		if !strings.HasPrefix(e.Key, "o-last-") || e.Fate != nil {
			t.Errorf("open is %+v", e)
		}
	}
	o.mustHold(205)
	o.reconcile()
	s.Stop(o.p)
}

// startSlow starts a job of all letters of one code, so many a second.
func startSlow(o *office, rate int) standing {
	o.t.Helper()
	var made standing
	o.ask(http.MethodPost, "/admin/dlq/jobs", map[string]any{"filter": map[string]any{"code": "UNAVAILABLE"}, "rate": rate}, &made)
	return made
}

func mustBeTaken(o *office, job string) {
	o.t.Helper()
	a, err := o.p.Client().Ask(o.t.Context(), http.MethodPost, "/admin/dlq/jobs", service.Header{"Inventory-Actor": "clerk"}, map[string]any{"filter": map[string]any{"code": "UNAVAILABLE"}})
	if err != nil || a.Status != http.StatusConflict || a.Code() != "LETTERS_TAKEN" {
		o.t.Errorf("a second job of the same letters: %s %v", a, err)
	}
	o.says(o.dlq("replay", "--yes", "--code=UNAVAILABLE", "--reason=twice"), "nothing to do", job)
	if j := o.lastJob(); j.ID != job {
		o.t.Errorf("there is a second job: %+v", j)
	}
}
