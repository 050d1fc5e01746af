package letters

import (
	"time"

	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/letter"
)

// The bounds of answers: letters of one page, by default and at most.
const (
	DefaultPage = 100
	MostPage    = 10_000
)

// Page is a part of a list. After is the id of the last letter of the part before; Limit 0 is
// DefaultPage.
type Page struct {
	After ledger.UUID
	Limit int
}

// Who says who asks for an act, and why.
type Who struct {
	By  string // as Inventory-Actor
	Why string // for people; required to discard
}

// Listed is a part of a list of letters.
type Listed struct {
	Letters []letter.Entry
	More    bool // there are others behind
	Total   int  // that are chosen, on all pages
}

// Shown is all that is known of one letter.
type Shown struct {
	letter.Entry
	Letter    letter.Letter
	Event     []byte        // its value as JSON; nil where it can't be decoded
	Undecoded error         // why not
	Story     app.Why       // of the order that it is about; zero where there is none
	NoStory   error         // why not
	Would     Verdict       // what it would do now
	Fates     []letter.Fate // of all jobs, oldest first
}

// Verdict is what a letter would do now, or did.
type Verdict struct {
	Outcome string // letter.Applied, Duplicate, Superseded or Failed
	Code    string // of a failure
	Says    string // for people
	Order   string
	Status  string     // of the order after it; empty where there is none
	Moves   []app.Move // of a rehearsal: how stock would change, in units
}

// Rehearsed is what letters would do now, one after the other.
type Rehearsed struct {
	Letters []RehearsedLetter // of the page
	More    bool
	Sums    []Sum      // of all chosen letters, the largest first
	Moves   []app.Move // of all together, by SKU and warehouse
	Total   int
	Taken   map[ledger.UUID]int // letters that running jobs have, and that are left out, by job
	Bounds  []letter.Place      // below which they lie: a replay with them has no others
	At      time.Time
}

// RehearsedLetter is one of them.
type RehearsedLetter struct {
	letter.Entry
	Would Verdict
}

// Sum is how many letters have an outcome.
type Sum struct {
	Topic   string
	Code    string // that they died of
	Outcome string
	Again   string // code of the failure, where Outcome is Failed
	Letters int
}

// ReplayRequest asks for a job.
type ReplayRequest struct {
	Who
	Filter    letter.Filter
	Bounds    []letter.Place // as a rehearsal had them; none: all letters that there are now
	Rate      float64        // letters a second at most; 0: no limit
	StopAfter int            // failures; 0: never
}

// EditRequest asks for a letter that stands for another one.
type EditRequest struct {
	Who
	Letter ledger.UUID
	Event  []byte // JSON, as Shown.Event
}

// Imported says what became of letters that were imported.
type Imported struct {
	Letters int // that were written
	Known   int // that were there before
}
