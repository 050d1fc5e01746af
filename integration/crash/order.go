package crash

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"inventory/integration/service"
)

// verbs of an order.
const (
	reserves = "reserve"
	releases = "release"
	confirms = "confirm"
	extends  = "extend"
	looks    = "orders"
)

// deed is what is asked about an order.
type deed struct {
	verb  string
	of    string        // of a confirm: the warehouse that picked; empty: all
	items []item        // of a confirm: what was picked; nil: all
	ttl   time.Duration // of an extend
	asked time.Time     // before it was answered
}

// whole is a deed about all of an order.
func whole(verb string) deed { return deed{verb: verb} }

func (o *order) request(d deed) Request {
	body := map[string]any{"order_id": o.id}
	switch d.verb {
	case looks:
		return get("/inventory/orders/" + o.id)
	case reserves:
		body = o.wants
	case extends:
		body["ttl_seconds"] = int(d.ttl.Seconds())
	case confirms:
		if d.of != "" {
			body["warehouse_id"] = d.of
		}
		if d.items != nil {
			body["items"] = d.items
		}
	}
	return post("/inventory/"+d.verb, body)
}

// told is an order as it is answered.
type told struct {
	Status    string
	Items     []line
	ExpiresAt time.Time `json:"expires_at"`
}

// answer enters an answer to a request about an order.
func (b *books) answer(o *order, d deed, a service.Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.dirty = true
	before := *o
	wrong := o.take(d, a)
	for _, ghost := range before.ghosts {
		if wrong != "" && d.verb == looks {
			*o = before
			wrong = o.take(ghost, a)
		}
	}
	if wrong != "" {
		b.fault("%s: %+v of order %s, which was %q with %+v until %s, was answered %s", wrong, d, o.id, before.status, before.lines, before.ends, a)
	}
}

// take enters an answer. It tells what it can't be.
func (o *order) take(d deed, a service.Answer) (wrong string) {
	if a.Status >= http.StatusBadRequest {
		return o.refused(d, a.Code())
	}
	var is told
	if err := a.Into(&is); err != nil {
		return err.Error()
	}
	return o.becomes(d, is)
}

// becomes enters what an order is said to be. It tells what can't be.
func (o *order) becomes(d deed, is told) (wrong string) {
	switch {
	case !o.follows(d, is.Status):
		wrong = fmt.Sprintf("it can't be %s now", is.Status)
	case is.Status == releasedLine && !o.held: // before it was created: nothing is known of it
	case is.Status != statusOfLines(is.Items) && !(is.Status == expiredLine && hasLine(is.Items, expiredLine)):
		wrong = fmt.Sprintf("it can't be %s with these lines", is.Status)
	default:
		wrong = o.movesTo(d, is)
	}
	o.held = o.held || is.Status == heldLine || is.Status == confirmedLine || is.Status == expiredLine
	o.status, o.lines, o.ends = is.Status, is.Items, is.ExpiresAt
	return wrong
}

// follows tells whether a request can have led from what was answered last to status.
func (o *order) follows(d deed, status string) bool {
	before := o.status
	lapsed := o.fleeting && (before == "" || before == heldLine)
	switch {
	case d.verb == extends:
		return before == heldLine && status == heldLine
	case d.verb == confirms && before == "":
		return false
	case status == before, lapsed && status == expiredLine:
		return true
	case lapsed && status == confirmedLine: // of what was not picked before
		return hasLine(o.lines, confirmedLine) || d.verb == confirms
	case d.verb == reserves:
		return before == "" && status == heldLine
	case d.verb == releases:
		return (before == "" || before == heldLine) && (status == releasedLine || status == confirmedLine && hasLine(o.lines, confirmedLine))
	}
	return d.verb == confirms && (status == confirmedLine || before == heldLine && status == releasedLine && d.items != nil)
}

// movesTo tells what an order's lines and its end can't have come to by a deed.
func (o *order) movesTo(d deed, is told) (wrong string) {
	for i, l := range is.Items {
		was := line{}
		if o.held {
			if len(o.lines) != len(is.Items) || l.at() != o.lines[i].at() || l.Quantity != o.lines[i].Quantity {
				return "its lines are others"
			}
			was = o.lines[i]
		}
		if !was.mayBecome(l, d, o.fleeting) {
			return fmt.Sprintf("line %d can't be %+v", i, l)
		}
	}
	switch {
	case d.verb == releases && is.Status == heldLine:
		return "it is held"
	case d.verb == confirms && !d.showsIn(is.Items):
		return "it does not show the pick"
	case d.verb == extends:
		return o.extended(d, is.ExpiresAt)
	case o.held && !is.ExpiresAt.Equal(o.ends):
		return "the end of its hold has moved"
	}
	return ""
}

// slack is how far the service's time may be ahead of this process's.
const slack = 2 * time.Second

// extended tells what is wrong with the end of a hold that was extended: it is the later of
// the one before and of one counted from when it was asked.
func (o *order) extended(d deed, end time.Time) (wrong string) {
	least, most := d.asked.Add(d.ttl).Truncate(time.Millisecond), time.Now().Add(d.ttl+slack)
	if end.Before(o.ends) || end.Before(least) || end.After(most) && !end.Equal(o.ends) {
		return fmt.Sprintf("its hold should end at %s to %s", least, most)
	}
	return ""
}

// refused enters a refusal, which is an answer. It tells what it can't be.
func (o *order) refused(d deed, code string) (wrong string) {
	lapsed := o.fleeting && o.status == heldLine
	switch confirm := d.verb == confirms; {
	case code == "UNKNOWN_ORDER" && o.status == "" && d.verb == releases:
		o.status = releasedLine // remembered, so that it holds nothing when it comes
	case code == "UNKNOWN_ORDER" && o.status == "" && d.verb != reserves:
	case code == "INSUFFICIENT_STOCK" && o.status == "" && d.verb == reserves:
	case code == "NOT_HELD" && confirm && o.status == releasedLine && !o.held:
	case code == "HOLD_ENDED" && d.verb == extends && (lapsed || o.status != "" && o.status != heldLine):
	case code == "OVER_PICK" && confirm && o.held && d.tooMuchFor(o):
	case code == "AMBIGUOUS_PICK" && confirm && o.held && d.ambiguousFor(o):
	case code == "SHORTAGE" && confirm && o.held && (lapsed || o.status != heldLine):
		o.lapse()
	default:
		return code
	}
	return ""
}

// lapse enters that what was held has lapsed.
func (o *order) lapse() {
	o.lines = slices.Clone(o.lines)
	for i := range o.lines {
		if o.lines[i].Status == heldLine {
			o.lines[i].Status, o.status = expiredLine, expiredLine
		}
	}
	if hasLine(o.lines, confirmedLine) {
		o.status = confirmedLine
	}
}
