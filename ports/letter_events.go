package ports

import (
	"time"

	"inventory/domain/ledger"
)

// LettersStand says how dead letters stand, as this process sees it.
type LettersStand struct {
	Open []OpenLetters // each topic and code once, in any order
	Jobs int           // that have not ended, of all processes
}

// OpenLetters is how many letters of a topic wait for somebody that died of one code.
type OpenLetters struct {
	Topic   string
	Code    string
	Letters int
	Oldest  time.Time // when the first of them was buried
}

// LettersReplayed says that letters have an outcome in a job of this process, which is noted.
type LettersReplayed struct {
	Topic   string
	Outcome string // letter.Applied, Duplicate, Superseded or Failed
	Letters int
}

// LetterJobChanged says that this process works at a job from now on, or no longer.
type LetterJobChanged struct {
	Job    ledger.UUID
	Change string // one of the constants below
	Says   string // for people
	// Letters in all, and those with an outcome, of which some may have failed.
	Letters, Done, Failed int
	Err                   error // why it is left
}

// How jobs change.
const (
	LetterJobBegun = "begun"
	LetterJobTaken = "taken_over" // from a process that fell silent
	LetterJobLeft  = "left"       // to another process
	LetterJobEnded = "ended"
)

// LetterJobChanges lists how jobs change.
func LetterJobChanges() []string {
	return []string{LetterJobBegun, LetterJobTaken, LetterJobLeft, LetterJobEnded}
}

// LetterTrouble says that letters or what was done with them could not be read or noted; it
// will be tried again.
type LetterTrouble struct{ Err error }

func (LettersStand) event()     {}
func (LettersReplayed) event()  {}
func (LetterJobChanged) event() {}
func (LetterTrouble) event()    {}
