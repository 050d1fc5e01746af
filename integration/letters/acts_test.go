package letters

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"inventory/domain/letter"
	"inventory/integration/service"
	"inventory/ports"
)

func TestALetterIsEditedAndPutAwayAndTakenElsewhere(t *testing.T) { everywhere(t, actOnLetters) }

func actOnLetters(t *testing.T, s *service.Site) {
	o := open(t, s, "SKU-A")
	o.send(ports.OrderCreatedTopic, created("o-odd", "SKU-A", 3))
	o.awaitStatus("o-odd", "HELD")
	o.send(ports.FulfilmentPickedTopic, pickedOf("o-odd", "SKU-A", -1)) // poisonous by its value
	died := o.awaitLetters("order_id=o-odd", 1)[0]
	if died.Code != "INVALID" {
		t.Fatalf("a pick of less than nothing died of %s", died.Code)
	}
	editAndReplay(o, died)
	putAway(o)
	takeElsewhere(o)
	mustAudit(o)
	o.reconcile()
	s.Stop(o.p)
}

// editAndReplay writes the letter anew with two units, and replays that.
func editAndReplay(o *office, died entry) {
	o.t.Helper()
	bytes := o.valueOf(died.ID)
	o.dlq("edit", died.ID, "--set=items[0].quantity=2", "--reason=typo upstream")
	made := o.awaitLetters("order_id=o-odd", 1)[0]
	if made.EditOf != died.ID || o.valueOf(made.ID) == bytes {
		o.t.Errorf("the edited letter is %+v", made)
	}
	o.replay(tally{Letters: 1, Applied: 1}, "--order=o-odd")
	o.awaitStatus("o-odd", "CONFIRMED")
	o.awaitHeld("SKU-A", 0)
	if l := o.level("SKU-A"); l.OnHand != filled-2 {
		o.t.Errorf("two units of three were picked, and there are %+v", l)
	}
	was := o.entries("id=" + died.ID + "&state=edited")
	if len(was) != 1 || was[0].Code != "INVALID" || o.valueOf(died.ID) != bytes {
		o.t.Errorf("the letter did not stay as it was: %+v", was)
	}
}

// valueOf gives a letter's bytes, in base 64.
func (o *office) valueOf(id string) string {
	o.t.Helper()
	var told struct {
		Value string `json:"value_base64"`
	}
	o.ask(http.MethodGet, "/admin/dlq/letters/"+id, nil, &told)
	return told.Value
}

// putAway discards a letter, which no job takes then, and takes it back.
func putAway(o *office) {
	o.t.Helper()
	o.append(o.bury("UNAVAILABLE", ports.OrderCreatedTopic, created("o-away", "SKU-A", 5)))
	o.awaitLetters("order_id=o-away", 1)
	o.dlq("discard", "--order=o-away", "--reason=test data")
	if e := o.entry("o-away"); e.State != letter.Discarded {
		o.t.Errorf("a letter that was discarded: %+v", e)
	}
	o.says(o.dlq("replay", "--dry-run"), "nothing to do")
	o.mustHold(0)
	o.dlq("restore", "--order=o-away", "--reason=it was no test data")
	o.replay(tally{Letters: 1, Applied: 1}, "--order=o-away")
	o.mustHold(5)
}

// takeElsewhere takes letters to a service of its own, and replays them there, where its registry
// gives schemas the same ids.
func takeElsewhere(o *office) {
	o.t.Helper()
	o.buryOrders("o-moved", 3)
	o.awaitLetters("", 3)
	lines := o.dlq("export", "--code=UNAVAILABLE")
	if n := strings.Count(lines, "\n"); n != 3 {
		o.t.Fatalf("3 letters were exported in %d lines:\n%s", n, lines)
	}
	site := suite.Embedded(o.t)
	other := open(o.t, site, "SKU-A")
	for range 2 { // the second time they are there
		out, err := site.TryWith(strings.NewReader(lines), "dlq", "import", "--reason=moved", "--server="+other.p.Client().Base())
		if err != nil {
			o.t.Fatalf("import: %v\n%s", err, out)
		}
		other.awaitLetters("", 3)
	}
	mustKnow(other, "import")
	if o.site.Name == site.Name {
		other.replay(tally{Letters: 3, Applied: 3})
		other.mustHold(3)
	}
	site.Stop(other.p)
}

func mustKnow(o *office, kind string) {
	o.t.Helper()
	if !slices.ContainsFunc(o.audits(), func(a audit) bool { return a.Kind == kind && a.Reason == "moved" && a.By != "" }) {
		o.t.Errorf("no %s is in the audit: %+v", kind, o.audits())
	}
}

// audit is the record of an act. Source: the API's description.
type audit struct{ Kind, By, Reason, What string }

func (o *office) audits() []audit {
	o.t.Helper()
	var told struct{ Audits []audit }
	o.ask(http.MethodGet, "/admin/dlq/audit", nil, &told)
	return told.Audits
}

// mustAudit fails where an act of this test is not in the audit, with who and why.
func mustAudit(o *office) {
	o.t.Helper()
	said, found := o.dlq("audit"), o.audits()
	for kind, why := range map[string]string{
		"edit": "typo upstream", "replay": "the store is back", "discard": "test data", "restore": "it was no test data",
	} {
		told := func(a audit) bool { return a.Kind == kind && a.Reason == why && a.By == "tester" }
		if !slices.ContainsFunc(found, told) {
			o.t.Errorf("no %s by tester, as %q, is in the audit: %+v", kind, why, found)
		}
		o.says(said, kind, why)
	}
}
