package app

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var updatePages = flag.Bool("update", false, "write docs/dead-letters.md anew")

const lettersPage = "../docs/dead-letters.md"

const lettersHead = `# What dead letters say

An order event that can't be acted on is a letter in ` + "`<topic>.dlq`" + `: its key, bytes and headers as they came, and headers
` + "`dlq_…`" + ` that say where it was, why it died, and when. The log line ` + "`dead letter`" + ` and ` + "`inventory_dead_letters_total{topic, code}`" + `
tell of each; README.md, "The engineer on call", goes from there to a proven replay. Each code has a page of what to do.

**transient**: the reason was elsewhere. The event was tried again in its lane, with growing pauses, while others went on:
` + "`inventory_record_retries_total{topic, code}`" + ` counts that, and ` + "`/readyz`" + ` names what waits, why and for how long. After ` + "`--retry-for`" + ` (an hour)
it is a letter, so that orders behind it go on; the hour begins anew when another process takes the partition over. In an outage that
is longer, each lane buries one event an hour, and what was not taken up yet waits in its topic. Nothing is lost: replay the letters after
it. With ` + "`--retry-for 0`" + ` an event is tried for as long as it takes.

**poisonous**: the bytes, the schema or a field, or a bug of this program. It is a letter at once, but for ` + "`PANIC`" + ` (three tries) and
` + "`INTERNAL`" + ` (half a minute), and fails again until something is changed.

**business**: well written, and contradicted by what happened before. A person decides.

This page is made from the code: ` + "`go test ./app -run LetterCodes -update`" + `.

| code | class | it means | do |
|---|---|---|---|
`

const lettersFoot = `
A pick that comes before its order waits without holding up others, also while processes end and start; ` + "`dlq_first_failure`" + `
says since when it had waited, ` + "`dlq_last_failure`" + ` when it was given up. ` + "`inventory_order_commands_total{outcome=\"parked\"}`" + ` counts
such picks: some are normal, since topics are consumed independently. A letter is published from the journal then, like an
outcome: it may be there twice, with one ` + "`dlq_letter_id`" + `.

An order that can be read but not served (an unknown warehouse, an impossible quantity, too little stock) is no dead
letter: it is ` + "`inventory.rejected.v1`" + `.
`

func TestLetterCodesAreDocumented(t *testing.T) {
	var page strings.Builder
	page.WriteString(lettersHead)
	for _, c := range LetterCodes() {
		fmt.Fprintf(&page, "| [`%s`](%s) | %s | %s | %s |\n", c.Code, strings.TrimPrefix(c.Runbook(), "docs/"), c.Class, c.Means, c.Do)
	}
	page.WriteString(lettersFoot)
	if *updatePages {
		if err := os.WriteFile(lettersPage, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(lettersPage); err != nil || string(got) != page.String() {
		t.Errorf("docs/dead-letters.md is not what the code says: go test ./app -run LetterCodes -update (%v)", err)
	}
}

func TestLetterCodesAreThereOnceAndSayAll(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range LetterCodes() {
		if seen[c.Code] || c.Class == "" || c.Means == "" || c.Do == "" {
			t.Errorf("%s: twice (%t), or not whole: %+v", c.Code, seen[c.Code], c)
		}
		seen[c.Code] = true
		if found, ok := LetterCodeOf(c.Code); !ok || found != c {
			t.Errorf("%s: found %+v", c.Code, found)
		}
	}
	if _, ok := LetterCodeOf("NEWS"); ok {
		t.Error("a code that nobody has is known")
	}
}
