package app

import (
	"slices"

	"inventory/domain/letter"
)

// LetterClass says whose matter a dead letter is.
type LetterClass string

// The classes of dead letters.
const (
	// TransientLetter: the reason was elsewhere. The letter is well, and does what it asks for once
	// the reason is gone.
	TransientLetter LetterClass = "transient"
	// PoisonousLetter: the record's bytes, its schema or its fields, or this program, which can't
	// take them. It fails again until one of them is another.
	PoisonousLetter LetterClass = "poisonous"
	// BusinessLetter: well written, and contradicted by what happened before. A person decides.
	BusinessLetter LetterClass = "business"
)

// LetterCode is what is known of a code that dead letters have.
type LetterCode struct {
	Code  string
	Class LetterClass
	Means string // for people, as the others
	Do    string
}

// Runbook is the page of what to do, from the repository's root.
func (c LetterCode) Runbook() string { return "docs/runbooks/dlq-" + c.Code + ".md" }

// after is what to do about a letter whose reason was elsewhere.
const after = "see that the reason is gone, then replay"

// letterCodes are all codes that dead letters have, by class. docs/dead-letters.md is made of
// it, and each has a page in docs/runbooks.
var letterCodes = []LetterCode{
	{"UNAVAILABLE", TransientLetter, "the store, the registry or a broker could not be reached, for as long as `--retry-for`", after},
	{"TIMEOUT", TransientLetter, "nothing decided it in time, for as long as `--retry-for`", after},
	{"STORE_UNKNOWN", TransientLetter, "the store did not say whether it took a write, for as long as `--retry-for`: it may have taken effect", after + ": what took effect is a duplicate"},
	{"UNSETTLED", TransientLetter, "its ledger did not find out what became of a write, for as long as `--retry-for`: it may have taken effect", after + ": what took effect is a duplicate"},
	{"NOT_OWNER", TransientLetter, "its ledger had no owner that could be reached, for as long as `--retry-for`", "see that `inventory ledgers` shows an owner for each, then replay"},
	{"OVERLOADED", TransientLetter, "its ledger had more to do than it could, for as long as `--retry-for`", "replay with a `--rate`"},
	{"BUSY", TransientLetter, "an earlier command of its order did not end, for as long as `--retry-for`", after},
	{"NEWER_VERSION", TransientLetter, "it came to a process of an older version that does not know what a newer one sent", "end the rollout, then replay"},
	{"ENDED", TransientLetter, "whatever was asked ended before it answered, for as long as `--retry-for`", after},
	{"STORE_REFUSED", TransientLetter, "the store refused a write for good, for as long as `--retry-for`: permissions, a missing table, an entry too large", "repair what the text names, then replay"},
	{"STORE_CONFLICT", TransientLetter, "another process wrote to its ledger, for as long as `--retry-for`", "see that `inventory ledgers` shows one owner for each, then replay"},
	{"CORRUPT", TransientLetter, "the journal of its ledger can't be read", "repair the ledger, then replay"},

	{"UNREADABLE", PoisonousLetter, "not Avro in the Confluent wire format, not what its schema says, or of more values than are read: the text says which", "edit it, or have it sent again and discard it"},
	{"UNKNOWN_SCHEMA", PoisonousLetter, "the registry has no such schema for this topic", "register the schema, then replay"},
	{"INCOMPATIBLE_SCHEMA", PoisonousLetter, "its writer's schema lacks a field, has one of another type, or is out of bounds: the text names it", "have it sent again with a schema that fits, and discard it"},
	{"INVALID", PoisonousLetter, "an id, a SKU or a quantity that can't be one, or none: the text names the field", "edit it, or have it sent again and discard it"},
	{letter.CodePanic, PoisonousLetter, "a bug: the handler panicked with it, three times", "report it, and replay with the version that repairs it"},
	{"DEFECT", PoisonousLetter, "a bug: acting on it would have broken an invariant, so it was not decided", "report it, and replay with the version that repairs it"},
	{Internal, PoisonousLetter, "a bug: an error that nobody foresaw, for half a minute", "report it, and replay with the version that repairs it"},
	{letter.CodeUnlabelled, PoisonousLetter, "it has no headers that say why it died: another program wrote it to the topic", "look at what it would do now, then replay or discard"},

	{"UNKNOWN_ORDER", BusinessLetter, "picked, but the order did not come: the pick waited in the journal for `--park-picks` (15 minutes by default), or too many waited already (100 of one order, 10,000 orders of a ledger) or its record is over 64 KiB", "find the order's event, then replay; discard it where there is no such order"},
	{"NOT_HELD", BusinessLetter, "picked, but the order was rejected, or was cancelled before it was created", "adjust for what left, then discard"},
	{"OVER_PICK", BusinessLetter, "more was picked than is held, or other units of what was picked before: the text has the numbers. Nothing was done", "edit it to what is held, and adjust for what else left"},
	{"AMBIGUOUS_PICK", BusinessLetter, "a picked item names no warehouse, and the order has its SKU in several: the text names them. Nothing was done", "edit it: name the warehouse"},
	{"SHORTAGE", BusinessLetter, "picked after the hold had ended, and the stock is gone: somebody has goods in their hands that the books don't have", "count them and adjust, then replay"},
	{"ORDER_MISMATCH", BusinessLetter, "the order was there before with other items; the first ones stay", "discard it, or have the order sent under another id"},
	{"TOO_OLD", BusinessLetter, "older than what is remembered of orders (29 days): nobody can tell whether it was here before", "see to it by hand, then discard"},
}

// LetterCodes gives all codes that dead letters have, by class.
func LetterCodes() []LetterCode { return slices.Clone(letterCodes) }

// LetterCodeOf finds a code.
func LetterCodeOf(code string) (LetterCode, bool) {
	i := slices.IndexFunc(letterCodes, func(c LetterCode) bool { return c.Code == code })
	if i < 0 {
		return LetterCode{}, false
	}
	return letterCodes[i], true
}
