package reservation

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// What may happen to an order, in any order. Time comes too: the end of the hold, if there
// is one.
const (
	isCreated   = "created"
	isCancelled = "cancelled"
	isPicked    = "picked"
	isExpired   = "expired"
	isExtended  = "extended"
)

var happenings = []string{isCreated, isCancelled, isPicked, isExpired, isExtended}

// disorders lists every selection of one, two and three happenings, in every order.
func disorders() [][]string {
	var rows [][]string
	rows = append(rows, nil)
	var all [][]string
	for range 3 {
		var longer [][]string
		for _, row := range rows {
			for _, h := range happenings {
				if !slices.Contains(row, h) {
					longer = append(longer, append(slices.Clone(row), h))
				}
			}
		}
		all, rows = append(all, longer...), longer
	}
	return all
}

// consequence is what the world sees of a row: what is published, which picks are dead
// letters and which extensions are refused, and the status in the end, when all holds and
// all patience have ended.
type consequence struct {
	published, letters, refused []string
	status                      string
}

// row is a row of the page.
func (c consequence) row(happened []string) string {
	tell := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return "`" + strings.Join(list, "`, `") + "`"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", strings.Join(happened, ", "), tell(c.published), tell(c.letters), tell(c.refused), c.status)
}

// lived plays a row in an office: each happening so many times.
func lived(t *testing.T, happened []string, times int) consequence {
	t.Helper()
	o := newOffice(t).stocked("9 W1/A, 9 W2/B")
	var c consequence
	for _, h := range happened {
		for range times {
			o.happen(h, &c)
		}
	}
	o.happen(isExpired, &c)
	o.pass(24 * time.Hour)
	o.settleParked()
	for _, l := range o.buried() {
		code, _, _ := strings.Cut(l, " ")
		c.letters = append(c.letters, code)
	}
	for _, e := range o.published {
		c.published = append(c.published, wordsOf(e))
	}
	if c.status = "none"; o.archive[IDOf("order-1")] != nil {
		c.status = o.order().Status.String()
	}
	onHand := int64(9)
	if c.status == Confirmed.String() {
		onHand = 7
	}
	o.expectStock("W1/A", onHand, 0)
	o.expectStock("W2/B", onHand+(9-onHand)/2, 0)
	c.letters, c.refused = slices.Compact(c.letters), slices.Compact(c.refused)
	return c
}

func (o *office) happen(h string, c *consequence) {
	o.t.Helper()
	switch h {
	case isCreated:
		if r := o.do(created("2 A@W1, 1 B@W2")); r.err != nil && !errors.Is(r.err, ErrRejected) {
			o.t.Errorf("created: %v", r.err)
		}
	case isCancelled:
		if r := o.do(cancel()); r.err != nil && !errors.Is(r.err, ErrUnknownOrder) {
			o.t.Errorf("cancelled: %v", r.err)
		}
	case isPicked:
		if r := o.do(pick().with("letter")); r.err != nil {
			c.letters = append(c.letters, CodeOf(r.err))
		}
	case isExpired:
		if ord, ok := o.state().Order(IDOf("order-1")); ok && ord.Status == Held {
			o.pass(time.Duration(ord.Due-o.clock) * time.Millisecond) // the warning, if it is still to come
			o.pass(time.Duration(max(0, ord.ExpiresAt-o.clock)) * time.Millisecond)
		}
	case isExtended:
		switch r := o.do(extend(2 * time.Hour)); {
		case errors.Is(r.err, ErrHoldEnded):
			c.refused = append(c.refused, "HOLD_ENDED")
		case r.err != nil:
			c.refused = append(c.refused, "UNKNOWN_ORDER")
		}
	}
	o.settleParked()
}

func wordsOf(c Changed) string {
	words := map[Event]string{ReservedEvent: "reserved", RejectedEvent: "rejected", ConfirmedEvent: "confirmed", ReleasedEvent: "released", ExpiringEvent: "expiring"}[c.Event]
	if reason := c.Reason(); reason != "" && c.Event != ExpiringEvent {
		words += " " + reason
	}
	if c.Order.Late {
		words += " late"
	}
	return words
}

// ruled says what must follow, by the rules of the spec alone.
func ruled(happened []string) consequence {
	var c consequence
	status, parked := "none", false
	publish := func(what string) { c.published = append(c.published, what) }
	expire := func() {
		publish("expiring")
		publish("released " + TTLExpired)
		status = "EXPIRED"
	}
	for _, h := range happened {
		switch {
		case h == isCreated && status == "none" && parked:
			publish("reserved")
			publish("confirmed")
			status, parked = "CONFIRMED", false
		case h == isCreated && status == "none":
			publish("reserved")
			status = "HELD"
		case h == isCreated && status == "ENDED":
			publish("rejected " + AlreadyCancelled)
			status = "REJECTED"
		case h == isCancelled && status == "none":
			status = "ENDED"
			if parked {
				c.letters, parked = append(c.letters, "NOT_HELD"), false
			}
		case h == isCancelled && status == "HELD":
			publish("released " + OrderCancelled)
			status = "RELEASED"
		case h == isPicked && status == "none":
			parked = true
		case h == isPicked && (status == "ENDED" || status == "REJECTED"):
			c.letters = append(c.letters, "NOT_HELD")
		case h == isPicked && status == "HELD":
			publish("confirmed")
			status = "CONFIRMED"
		case h == isPicked && status != "CONFIRMED":
			publish("confirmed late")
			status = "CONFIRMED"
		case h == isExpired && status == "HELD":
			expire()
		case h == isExtended && status == "none":
			c.refused = append(c.refused, "UNKNOWN_ORDER")
		case h == isExtended && status != "HELD":
			c.refused = append(c.refused, "HOLD_ENDED")
		}
	}
	if status == "HELD" {
		expire()
	}
	if parked {
		c.letters = append(c.letters, "UNKNOWN_ORDER")
	}
	if c.status = status; status == "ENDED" {
		c.status = "RELEASED"
	}
	return c
}

func (c consequence) equal(d consequence) bool {
	return slices.Equal(c.published, d.published) && slices.Equal(c.letters, d.letters) && slices.Equal(c.refused, d.refused) && c.status == d.status
}

const disorderPage = "../../docs/disorder.md"

const disorderHead = `# What happens when events come in any order

Every order of one, two and three of: created, cancelled and picked (events), extended (HTTP), and expired (the end of the
hold comes, if there is one). Each row is a test, and so is each row with everything in it twice: that has the same
consequences. In the end all holds and all waiting are over: a pick whose order does not come is a dead letter after
` + "`--park-picks`" + `, and a hold that nobody ends expires, announced before by ` + "`expiring`" + `.

This page is made by ` + "`go test ./domain/reservation -run Disorder -update`" + `.

| happens | is published | dead letters | refused (HTTP) | in the end |
|---|---|---|---|---|
`

func TestDisorderHasTheConsequencesOfTheTable(t *testing.T) {
	page := disorderHead
	for _, happened := range disorders() {
		t.Run(strings.Join(happened, ","), func(t *testing.T) {
			want := ruled(happened)
			for times := 1; times <= 2; times++ {
				if got := lived(t, happened, times); !got.equal(want) {
					t.Errorf("each %d times:\ngot  %+v\nwant %+v", times, got, want)
				}
			}
		})
		page += ruled(happened).row(happened)
	}
	if *update {
		if err := os.WriteFile(disorderPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(disorderPage); err != nil || string(got) != page {
		t.Errorf("docs/disorder.md is not what the tests say: go test ./domain/reservation -run Disorder -update (%v)", err)
	}
}
