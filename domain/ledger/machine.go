package ledger

import "iter"

// Stamp is the place and time of an entry: the changes of one entry share it.
type Stamp struct {
	Version int64 // the entry's, gapless from 1
	At      int64 // Unix milliseconds, strictly greater than the last entry's
}

// Command is what a ledger is asked to decide: a type of domain/stock or
// domain/reservation, or one of Received, Due and Forget.
type Command any

// Received is the command that mail from another ledger brings. Mail reaches Decide in
// the order of its numbers, each once.
type Received struct {
	From   ID
	Number int64
	Body   []byte
}

// Due is the command that a deadline of the record Key has come. It is decided on the
// record as it then is, so one that comes too early or too late does nothing.
type Due struct{ Key UUID }

// Forget is the command to drop ended records, in full or those of them that have not
// changed since the entry Relayed, the newest that is written to the tables.
type Forget struct {
	Keys    []UUID
	Relayed int64
}

// Recalled is what a look-up in the archive gave for the record that a command is about.
type Recalled struct {
	Asked bool   // there was a look-up
	Body  []byte // the record, nil where the archive has none
}

// Decision is the answer of a ledger to one command.
type Decision struct {
	// Outcome is what the caller is told once Changes are durable.
	Outcome any
	// Err is a refusal; it too is an answer, given once Changes are durable.
	Err error
	// Changes are to be applied, in this order; none where there is nothing to do.
	Changes []Change
	// Recall, where not zero, says that nothing is decided before this record has been
	// looked up in the archive; all else is empty then.
	Recall UUID
	// Wait, where not nil, puts the answer off beyond Changes.
	Wait *Wait
	// After lists mail, of Changes or sent before, that must have been taken before a caller
	// who wants to see the effect elsewhere is answered.
	After []Receipt
}

// Wait puts an answer off until a later change settles the record Key.
type Wait struct {
	Key UUID
	// Answer gives Outcome, Err and After by the settling change; nil: decide the command
	// again.
	Answer func(Change) Decision
}

// Change is one fact of an entry. Its encoding is fixed for ever by its kind.
type Change interface {
	// ChangeKind is the code of the change in the encoding: below 16 for those of this
	// package, 16 to 63 for stock, 64 to 127 for reservations.
	ChangeKind() byte
	// Encode appends the body.
	Encode(*Writer)
}

// Progress is what a change means for what an owner keeps beside the state: callers that
// wait, deadlines, and records that have ended.
type Progress struct {
	Key     UUID
	Settled bool  // answers that wait for Key can be given
	Due     int64 // Unix milliseconds of Key's next deadline, 0 for none
	Ended   bool  // Key may be forgotten once the entry is relayed
	Version int64 // of the entry that changed Key last
}

// Progressing is a Change that moves a record on.
type Progressing interface {
	Change
	// Progress leaves Version zero: it is the entry's.
	Progress() Progress
}

// Machine is the state machine of one ledger. Decide never changes it: Apply does, in
// the same way on a draft, after a commit and on replay. It is used by one goroutine at
// a time; readers may share it while nothing is applied.
type Machine interface {
	// Decide answers a command that would be part of the entry at.
	Decide(cmd Command, recalled Recalled, at Stamp) Decision
	// Apply makes the change. An error says that an invariant would not hold any more: the
	// machine must not be used further.
	Apply(c Change, at Stamp) error
	// Draft returns a machine on top of this one whose changes can be thrown away.
	Draft() Machine
	// Merge brings a draft's changes into the machine below it, and returns that one.
	Merge() Machine
	// Post is the ledger's mail.
	Post() *Post
	// Progress yields each record that has a deadline or has ended.
	Progress() iter.Seq[Progress]
	// Check proves all invariants over the whole state: slow, for audits and tests.
	Check() error
	// Encode appends the whole state, as DecodeState of its package reads it.
	Encode(*Writer)
}
