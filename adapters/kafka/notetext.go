package kafka

import (
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"inventory/domain/ledger"
	"inventory/domain/letter"
)

// Notes are kept for ever, and read by processes of other versions: names and meanings of what
// is below stay as they are. What is new gets a field, or a type, of its own; readers pass over
// what they don't know.

// Types of notes.
const (
	noteFate     = "fate"
	noteAct      = "act"
	noteJob      = "job"
	noteClaim    = "claim"
	noteProgress = "progress"
	noteCancel   = "cancel"
	noteJobEnd   = "job_end"
	noteAudit    = "audit"
)

// writtenID is a UUID as text.
type writtenID ledger.UUID

// MarshalText implements encoding.TextMarshaler.
func (id writtenID) MarshalText() ([]byte, error) { return []byte(ledger.UUID(id).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *writtenID) UnmarshalText(text []byte) error {
	u, err := ledger.ParseUUID(string(text))
	*id = writtenID(u)
	return err
}

type writtenFate struct {
	Type    string    `json:"type"`
	Letter  writtenID `json:"letter"`
	Job     writtenID `json:"job"`
	Outcome string    `json:"outcome"`
	Code    string    `json:"code,omitempty"`
	Says    string    `json:"says,omitempty"`
	Order   string    `json:"order,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

type writtenAct struct {
	Type   string    `json:"type"`
	Letter writtenID `json:"letter"`
	Kind   string    `json:"kind"`
	By     string    `json:"by,omitempty"`
	Why    string    `json:"why,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Edit   writtenID `json:"edit,omitzero"`
}

type writtenJob struct {
	Type      string         `json:"type"`
	ID        writtenID      `json:"id"`
	Filter    writtenFilter  `json:"filter"`
	Bounds    []writtenPlace `json:"bounds,omitempty"`
	Rate      float64        `json:"rate,omitempty"`
	StopAfter int            `json:"stop_after,omitempty"`
	By        string         `json:"by,omitempty"`
	Why       string         `json:"why,omitempty"`
	At        time.Time      `json:"at,omitzero"`
}

type writtenPlace struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
}

// writtenFilter has keys that are not text as bytes.
type writtenFilter struct {
	IDs        []writtenID `json:"ids,omitempty"`
	Topic      string      `json:"topic,omitempty"`
	Group      string      `json:"group,omitempty"`
	Code       string      `json:"code,omitempty"`
	Key        string      `json:"key,omitempty"`
	KeyBytes   []byte      `json:"key_bytes,omitempty"`
	Order      string      `json:"order,omitempty"`
	OrderBytes []byte      `json:"order_bytes,omitempty"`
	Schema     *int64      `json:"schema,omitempty"`
	From       time.Time   `json:"from,omitzero"`
	Until      time.Time   `json:"until,omitzero"`
	Partition  *int32      `json:"partition,omitempty"`
	FirstAt    *int64      `json:"first_at,omitempty"`
	LastAt     *int64      `json:"last_at,omitempty"`
	States     []string    `json:"states,omitempty"`
}

type writtenClaim struct {
	Type   string    `json:"type"`
	Job    writtenID `json:"job"`
	Epoch  int64     `json:"epoch"`
	Runner string    `json:"runner"`
	At     time.Time `json:"at,omitzero"`
}

type writtenProgress struct {
	Type   string       `json:"type"`
	Job    writtenID    `json:"job"`
	Epoch  int64        `json:"epoch"`
	Runner string       `json:"runner"`
	Tally  writtenTally `json:"tally"`
	At     time.Time    `json:"at,omitzero"`
}

type writtenTally struct {
	Letters    int `json:"letters"`
	Applied    int `json:"applied"`
	Duplicate  int `json:"duplicate"`
	Superseded int `json:"superseded"`
	Failed     int `json:"failed"`
}

type writtenCancel struct {
	Type string    `json:"type"`
	Job  writtenID `json:"job"`
	By   string    `json:"by,omitempty"`
	Why  string    `json:"why,omitempty"`
	At   time.Time `json:"at,omitzero"`
}

type writtenJobEnd struct {
	Type   string       `json:"type"`
	Job    writtenID    `json:"job"`
	Ending string       `json:"ending"`
	Says   string       `json:"says,omitempty"`
	Tally  writtenTally `json:"tally"`
	At     time.Time    `json:"at,omitzero"`
}

type writtenAudit struct {
	Type    string    `json:"type"`
	ID      writtenID `json:"id"`
	Kind    string    `json:"kind"`
	By      string    `json:"by,omitempty"`
	Why     string    `json:"why,omitempty"`
	What    string    `json:"what,omitempty"`
	Job     writtenID `json:"job,omitzero"`
	Letters int       `json:"letters,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

// writeNote gives a note as JSON: the same note always gives the same.
func writeNote(n letter.Note) ([]byte, error) {
	w, err := writtenNote(n)
	if err != nil {
		return nil, err
	}
	return json.Marshal(w)
}

func writtenNote(n letter.Note) (any, error) {
	switch n := n.(type) {
	case letter.Fate:
		return writtenFate{noteFate, writtenID(n.Letter), writtenID(n.Job), n.Outcome, n.Code, n.Says, n.Order, n.At.UTC()}, nil
	case letter.Act:
		return writtenAct{noteAct, writtenID(n.Letter), n.Kind, n.By, n.Why, n.At.UTC(), writtenID(n.Edit)}, nil
	case letter.Job:
		return writeJob(n), nil
	case letter.Claim:
		return writtenClaim{noteClaim, writtenID(n.Job), n.Epoch, n.Runner, n.At.UTC()}, nil
	case letter.Progress:
		return writtenProgress{noteProgress, writtenID(n.Job), n.Epoch, n.Runner, writtenTally(n.Tally), n.At.UTC()}, nil
	case letter.Cancel:
		return writtenCancel{noteCancel, writtenID(n.Job), n.By, n.Why, n.At.UTC()}, nil
	case letter.JobEnd:
		return writtenJobEnd{noteJobEnd, writtenID(n.Job), n.Ending, n.Says, writtenTally(n.Tally), n.At.UTC()}, nil
	case letter.Audit:
		return writtenAudit{noteAudit, writtenID(n.ID), n.Kind, n.By, n.Why, n.What, writtenID(n.Job), n.Letters, n.At.UTC()}, nil
	}
	return nil, fmt.Errorf("a note of type %T has no text", n)
}

func writeJob(n letter.Job) writtenJob {
	f := n.Filter
	w := writtenJob{
		Type: noteJob, ID: writtenID(n.ID), Rate: n.Rate, StopAfter: n.StopAfter, By: n.By, Why: n.Why, At: n.At.UTC(),
		Filter: writtenFilter{
			Topic: f.Topic, Group: f.Group, Code: f.Code, Schema: f.Schema, From: f.From.UTC(), Until: f.Until.UTC(),
			Partition: f.Partition, FirstAt: f.FirstAt, LastAt: f.LastAt, States: f.States,
		},
	}
	w.Filter.Key, w.Filter.KeyBytes = textOrBytes(f.Key)
	w.Filter.Order, w.Filter.OrderBytes = textOrBytes(f.Order)
	for _, id := range f.IDs {
		w.Filter.IDs = append(w.Filter.IDs, writtenID(id))
	}
	for _, p := range n.Bounds {
		w.Bounds = append(w.Bounds, writtenPlace(p))
	}
	return w
}

// textOrBytes keeps what is not text from being mended on its way.
func textOrBytes(s string) (string, []byte) {
	if utf8.ValidString(s) {
		return s, nil
	}
	return "", []byte(s)
}

// readNote reads what writeNote wrote. False: it is none that this version knows.
func readNote(value []byte) (letter.Note, bool) {
	var head struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(value, &head) != nil {
		return nil, false
	}
	switch head.Type {
	case noteFate:
		return readAs(value, writtenFate.note)
	case noteAct:
		return readAs(value, writtenAct.note)
	case noteJob:
		return readAs(value, writtenJob.note)
	case noteClaim:
		return readAs(value, writtenClaim.note)
	case noteProgress:
		return readAs(value, writtenProgress.note)
	case noteCancel:
		return readAs(value, writtenCancel.note)
	case noteJobEnd:
		return readAs(value, writtenJobEnd.note)
	case noteAudit:
		return readAs(value, writtenAudit.note)
	}
	return nil, false
}

func readAs[W any](value []byte, note func(W) letter.Note) (letter.Note, bool) {
	var w W
	if json.Unmarshal(value, &w) != nil {
		return nil, false
	}
	return note(w), true
}

func (w writtenFate) note() letter.Note {
	return letter.Fate{Letter: ledger.UUID(w.Letter), Job: ledger.UUID(w.Job), Outcome: w.Outcome, Code: w.Code, Says: w.Says, Order: w.Order, At: w.At.UTC()}
}

func (w writtenAct) note() letter.Note {
	return letter.Act{Letter: ledger.UUID(w.Letter), Kind: w.Kind, By: w.By, Why: w.Why, At: w.At.UTC(), Edit: ledger.UUID(w.Edit)}
}

func (w writtenJob) note() letter.Note {
	f := w.Filter
	n := letter.Job{
		ID: ledger.UUID(w.ID), Rate: w.Rate, StopAfter: w.StopAfter, By: w.By, Why: w.Why, At: w.At.UTC(),
		Filter: letter.Filter{
			Topic: f.Topic, Group: f.Group, Code: f.Code, Key: f.Key + string(f.KeyBytes), Order: f.Order + string(f.OrderBytes), Schema: f.Schema,
			From: f.From.UTC(), Until: f.Until.UTC(), Partition: f.Partition, FirstAt: f.FirstAt, LastAt: f.LastAt, States: f.States,
		},
	}
	for _, id := range f.IDs {
		n.Filter.IDs = append(n.Filter.IDs, ledger.UUID(id))
	}
	for _, p := range w.Bounds {
		n.Bounds = append(n.Bounds, letter.Place(p))
	}
	return n
}

func (w writtenClaim) note() letter.Note {
	return letter.Claim{Job: ledger.UUID(w.Job), Epoch: w.Epoch, Runner: w.Runner, At: w.At.UTC()}
}

func (w writtenProgress) note() letter.Note {
	return letter.Progress{Job: ledger.UUID(w.Job), Epoch: w.Epoch, Runner: w.Runner, Tally: letter.Tally(w.Tally), At: w.At.UTC()}
}

func (w writtenCancel) note() letter.Note {
	return letter.Cancel{Job: ledger.UUID(w.Job), By: w.By, Why: w.Why, At: w.At.UTC()}
}

func (w writtenJobEnd) note() letter.Note {
	return letter.JobEnd{Job: ledger.UUID(w.Job), Ending: w.Ending, Says: w.Says, Tally: letter.Tally(w.Tally), At: w.At.UTC()}
}

func (w writtenAudit) note() letter.Note {
	return letter.Audit{ID: ledger.UUID(w.ID), Kind: w.Kind, By: w.By, Why: w.Why, What: w.What, Job: ledger.UUID(w.Job), Letters: w.Letters, At: w.At.UTC()}
}
