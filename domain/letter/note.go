package letter

import (
	"strconv"
	"time"

	"inventory/domain/ledger"
)

// Note is an entry of the log of notes: one of the types below. The log keeps the newest note
// of each Key for ever; older ones of the same key may be gone. So what a Book makes of notes
// must not hang on one that a newer one of its key has replaced.
type Note interface {
	// Key tells notes apart.
	Key() string
}

// Outcomes of a letter in a job.
const (
	Applied    = "applied"    // it did what it asks for
	Duplicate  = "duplicate"  // that was done before: nothing changed
	Superseded = "superseded" // it has stopped being true: nothing changed
	Failed     = "failed"     // as it died, or otherwise: it stays
)

// Fate is what a job found for a letter. Of several of one job the best counts, in the order
// of the outcomes above, and of those the newest: what is settled stays so, though it is tried
// again. They are notes apart, so that the log doesn't drop the better one.
type Fate struct {
	Letter  ledger.UUID
	Job     ledger.UUID
	Outcome string
	Code    string // of a failure
	Says    string // for people
	Order   string // that it is about, may be empty
	At      time.Time
}

// What people do with letters.
const (
	Discarded = "discarded" // it is not wanted any more
	Restored  = "restored"  // it is, after all
	Edited    = "edited"    // another letter stands for it
)

// Act is what a person did with a letter.
type Act struct {
	Letter ledger.UUID
	Kind   string
	By     string
	Why    string
	At     time.Time
	Edit   ledger.UUID // the letter that stands for it, where Kind is Edited
}

// Job is the order to replay letters: those that lay in the logs below Bounds, were open, and
// in no other job, when its note was written.
type Job struct {
	ID        ledger.UUID
	Filter    Filter
	Bounds    []Place // exclusive, one for each partition that has letters
	Rate      float64 // letters a second at most; 0: no limit
	StopAfter int     // failures at which it stops; 0: never
	By        string
	Why       string
	At        time.Time // as Book.Moment has it
}

// Claim says that a process works at a job. Of several with one epoch the first in the log
// counts, and the highest epoch counts. It is written once: a process that does not know
// whether its claim was taken writes one with another Attempt, as the log would keep only the
// last of two that are the same, and another process that came between them would win.
type Claim struct {
	Job     ledger.UUID
	Epoch   int64
	Runner  string      // the process's id
	Attempt ledger.UUID // of this claim alone
	At      time.Time
}

// Progress is how far the process with a claim has come; it is written again and again, so
// that a process that died is told from one that works.
type Progress struct {
	Job    ledger.UUID
	Epoch  int64
	Runner string
	Tally  Tally
	At     time.Time
}

// Tally counts letters of a job by outcome.
type Tally struct {
	Letters    int // in all
	Applied    int
	Duplicate  int
	Superseded int
	Failed     int
}

// Done is how many letters have an outcome.
func (t Tally) Done() int { return t.Applied + t.Duplicate + t.Superseded + t.Failed }

// Add counts one more letter with an outcome.
func (t *Tally) Add(outcome string) { t.count(outcome, 1) }

func (t *Tally) count(outcome string, letters int) {
	switch outcome {
	case Applied:
		t.Applied += letters
	case Duplicate:
		t.Duplicate += letters
	case Superseded:
		t.Superseded += letters
	case Failed:
		t.Failed += letters
	}
}

// Cancel is the wish that a job ends.
type Cancel struct {
	Job ledger.UUID
	By  string
	Why string
	At  time.Time
}

// How jobs end.
const (
	Completed = "completed" // each letter has an outcome
	Cancelled = "cancelled" // a person wanted it
	Stopped   = "stopped"   // too many failed
)

// JobEnd says that a job has ended, and how.
type JobEnd struct {
	Job    ledger.UUID
	Ending string
	Says   string // for people
	Tally  Tally
	At     time.Time
}

// Audit is the record of an act: it is never overwritten.
type Audit struct {
	ID      ledger.UUID
	Kind    string // "replay", "cancel", "discard", "restore", "edit", "import", "job ended"
	By      string
	Why     string
	What    string // the filter or the letter, for people
	Job     ledger.UUID
	Letters int
	At      time.Time
}

// Key implements Note.
func (n Fate) Key() string {
	return "letter/" + n.Letter.String() + "/fate/" + n.Job.String() + "/" + n.Outcome
}

// Key implements Note.
func (n Act) Key() string { return "letter/" + n.Letter.String() + "/act" }

// Key implements Note.
func (n Job) Key() string { return jobKey(n.ID, "") }

// Key implements Note.
func (n Claim) Key() string {
	return jobKey(n.Job, "/claim/"+decimal(n.Epoch)+"/"+n.Runner+"/"+n.Attempt.String())
}

// Key implements Note.
func (n Progress) Key() string { return jobKey(n.Job, "/progress/"+decimal(n.Epoch)+"/"+n.Runner) }

// Key implements Note.
func (n Cancel) Key() string { return jobKey(n.Job, "/cancel") }

// Key implements Note.
func (n JobEnd) Key() string { return jobKey(n.Job, "/end") }

// Key implements Note.
func (n Audit) Key() string { return "audit/" + n.ID.String() }

func jobKey(id ledger.UUID, rest string) string { return "job/" + id.String() + rest }

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
