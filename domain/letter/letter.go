package letter

import (
	"time"

	"inventory/domain/ledger"
)

// Letter is a record that could not be handled, with its bytes as they came.
type Letter struct {
	Meta
	Value   []byte // nil: none
	HasKey  bool   // Meta.Key is empty where there is none
	Headers []Header
}

// Header is one of a record's headers, which keep their order and may repeat; those that say
// why the record died are not among a Letter's.
type Header struct {
	Key   string
	Value []byte
}

// Place is where a letter lies in the log of a topic of dead letters.
type Place struct {
	Topic     string // of the records that died, without prefix and suffix
	Partition int32
	Offset    int64
}

// Meta is what is known of a letter without its bytes.
type Meta struct {
	ID ledger.UUID // the same wherever and however often it was buried
	Place
	BuriedAt time.Time // when the broker took it, or its writer said
	Origin   Origin
	Key      string // bytes, mostly an order's id
	Size     int    // of the value, in bytes

	Code         string // stable, why it died
	Error        string // for people, may be cut
	Attempts     int    // 0: not known
	FirstFailure time.Time
	LastFailure  time.Time
	Trace        string      // W3C traceparent, may be empty
	Version      string      // of the service that buried it
	Schema       int64       // id in its value's first bytes; NoSchema where those are something else
	EditOf       ledger.UUID // the letter that this one is an edited copy of; zero: none
}

// Codes that no failure of a use case has.
const (
	CodePanic      = "PANIC"      // the handler panicked
	CodeUnlabelled = "UNLABELLED" // nothing says why it died: another program wrote it
)

// NoSchema is the Schema of a letter whose value is not in the wire format.
const NoSchema = -1

// Origin is where a letter's record was before it died. Offset is -1 where it was nowhere: it
// was imported, or made by an edit.
type Origin struct {
	Partition int32
	Offset    int64
	Timestamp time.Time
	Group     string
	Handler   string
}
