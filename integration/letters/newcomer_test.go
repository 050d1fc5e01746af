package letters

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/domain/letter"
	"inventory/integration/service"
	"inventory/ports"
)

func TestFromAnAlertToAProvenReplay(t *testing.T) { everywhere(t, alertAndReplay) }

// alertAndReplay goes the way of README.md: three letters that stay dead, and ten whose cause is
// gone.
func alertAndReplay(t *testing.T, s *service.Site) {
	o := open(t, s, "SKU-A")
	dieForReal(o)
	letters := o.buryOrders("o-away", 10)
	o.awaitLetters("", 13)

	said := o.dlq("groups")
	for _, code := range []string{"UNREADABLE", "ORDER_MISMATCH", "NOT_HELD", "UNAVAILABLE"} {
		o.says(said, code, "docs/runbooks/dlq-"+code+".md")
	}
	mustGroup(o, "UNAVAILABLE", 10)
	o.says(o.dlq("list", "--code=UNAVAILABLE"), letters[0].ID.String(), letters[9].Key)
	o.says(o.dlq("show", letters[3].ID.String()), "o-away-0003", "UNAVAILABLE", "SKU-A", "applied")

	before, entries := o.level("SKU-A"), awaitQuiet(o)
	said = o.dlq("replay", "--dry-run")
	o.says(said, "applied", "failed", "UNREADABLE", "ORDER_MISMATCH", "NOT_HELD", "SKU-A")
	mustRehearse(o, before)
	if after, now := o.level("SKU-A"), awaitQuiet(o); after != before || now != entries {
		t.Fatalf("a rehearsal changed %+v into %+v, and journals of %d entries have %d", before, after, entries, now)
	}

	j := o.replay(tally{Letters: 10, Applied: 10}, "--code=UNAVAILABLE")
	o.mustReport(j.ID, letter.Applied, letters)
	said = o.dlq("report", j.ID)
	for i := range letters {
		o.says(said, letters[i].ID.String())
	}
	o.mustHold(before.Held + 10)
	mustTell(o, letters)

	after := o.level("SKU-A")
	o.says(o.dlq("replay", "--yes", "--code=UNAVAILABLE", "--reason=again"), "nothing to do")
	if again := o.level("SKU-A"); again != after {
		t.Errorf("a second replay changed %+v into %+v", after, again)
	}
	o.replay(tally{Letters: 3, Failed: 3})
	o.awaitLetters("", 3)
	o.mustHold(after.Held)
	o.reconcile()
	s.Stop(o.p)
}

// dieForReal sends an event that can't be read, an order again with other items, and a pick of
// an order that was rejected. The first order holds a unit.
func dieForReal(o *office) {
	o.t.Helper()
	o.sendRaw(ports.OrderCreatedTopic, "o-poison", []byte("no Avro"))
	o.send(ports.OrderCreatedTopic, created("o-twice", "SKU-A", 1))
	o.send(ports.OrderCreatedTopic, created("o-large", "SKU-A", filled+1))
	o.awaitStatus("o-twice", "HELD")
	o.awaitStatus("o-large", "REJECTED")
	other := created("o-twice", "SKU-A", 2)
	other["event_id"] = "o-twice-again"
	o.send(ports.OrderCreatedTopic, other)
	o.send(ports.FulfilmentPickedTopic, newEvent("p-large", "o-large", nil))
}

// awaitQuiet waits until the journals have not grown for a second, and tells how long they are.
func awaitQuiet(o *office) (entries int64) {
	o.t.Helper()
	last := time.Now()
	o.await("the journals are quiet", func() bool {
		now, relayed := o.journals()
		if now != entries || !relayed {
			entries, last = now, time.Now()
		}
		return time.Since(last) > time.Second
	})
	return entries
}

func mustGroup(o *office, code string, letters int) {
	o.t.Helper()
	var told struct {
		Groups []struct {
			Code    string
			Letters int
		}
	}
	o.ask(http.MethodGet, "/admin/dlq/groups", nil, &told)
	for _, g := range told.Groups {
		if g.Code == code && g.Letters == letters {
			return
		}
	}
	o.t.Errorf("no group of %d letters %s: %+v", letters, code, told)
}

// mustRehearse fails where the letters would not do what they do then.
func mustRehearse(o *office, before level) {
	o.t.Helper()
	type units struct {
		OnHand int64 `json:"on_hand"`
		Held   int64
	}
	type move struct {
		SKU           string
		Before, After units
	}
	var told struct {
		Total   int
		Moves   []move
		Letters []struct {
			Letter entry
			Would  struct {
				Outcome, Code string
				Moves         []move
			}
		}
	}
	o.ask(http.MethodPost, "/admin/dlq/rehearsal", map[string]any{"filter": map[string]any{}}, &told)
	all := move{"SKU-A", units{before.OnHand, before.Held}, units{before.OnHand, before.Held + 10}}
	if told.Total != 13 || len(told.Letters) != 13 || !slices.Equal(told.Moves, []move{all}) {
		o.t.Errorf("a rehearsal of 13 letters: %+v, expected moves %+v", told, all)
	}
	for _, l := range told.Letters {
		applied := l.Would.Outcome == letter.Applied && len(l.Would.Moves) == 1
		failed := l.Would.Outcome == letter.Failed && l.Would.Code == l.Letter.Code && len(l.Would.Moves) == 0
		if applied != (l.Letter.Code == "UNAVAILABLE") || failed == applied {
			o.t.Errorf("letter %s of %s would: %+v", l.Letter.Code, l.Letter.Key, l.Would)
		}
	}
}

// mustTell waits until each letter's order was told to be reserved, under one event id.
func mustTell(o *office, letters []letter.Letter) {
	o.t.Helper()
	topic := o.site.Prefix + ports.ReservedTopic
	hears, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(o.site.Brokers, ",")...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		o.t.Fatal(err)
	}
	defer hears.Close()
	told := map[string]int{}
	o.await(fmt.Sprintf("%d orders are told to be reserved", len(letters)), func() bool {
		ctx, cancel := context.WithTimeout(o.t.Context(), 200*time.Millisecond)
		defer cancel()
		for _, r := range hears.PollRecords(ctx, 0).Records() {
			told[string(r.Key)]++
		}
		return !slices.ContainsFunc(letters, func(l letter.Letter) bool { return told[l.Key] == 0 })
	})
	for i := range letters {
		if n := told[letters[i].Key]; n != 1 {
			o.t.Errorf("order %s was told to be reserved %d times", letters[i].Key, n)
		}
	}
}
