package kafka

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/letter"
)

var update = flag.Bool("update", false, "write testdata/notes.ndjson anew")

const goldenNotes = "testdata/notes.ndjson"

// everyNote has a note of each kind, with all fields, and one with as few as there can be.
func everyNote() []letter.Note {
	id := func(s string) ledger.UUID { return ledger.NewUUIDv5(ledger.Namespace, s) }
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_912_345, time.UTC)
	tally := letter.Tally{Letters: 15, Applied: 1, Duplicate: 2, Superseded: 3, Failed: 4}
	schema, partition, first, last := int64(letter.NoSchema), int32(0), int64(0), int64(4711)
	return []letter.Note{
		letter.Fate{Letter: id("letter"), Job: id("job"), Outcome: letter.Failed, Code: "NOT_HELD", Says: "order <1> & \"2\"", Order: "order-1", At: at},
		letter.Act{Letter: id("letter"), Kind: letter.Edited, By: "ann", Why: "typo", At: at, Edit: id("edit")},
		letter.Job{
			ID: id("job"), Rate: 12.5, StopAfter: 3, By: "ann", Why: "fixed", At: at,
			Bounds: []letter.Place{{Topic: "order.created.v1", Partition: 11, Offset: 1 << 40}},
			Filter: letter.Filter{
				IDs: []ledger.UUID{id("letter")}, Topic: "order.created.v1", Group: "0a1b2c3d", Code: "NOT_HELD", Key: "key", Order: "\xff\x00", Schema: &schema,
				From: at, Until: at.Add(time.Hour), Partition: &partition, FirstAt: &first, LastAt: &last, States: []string{letter.Open, letter.Discarded},
			},
		},
		letter.Job{ID: id("job"), Filter: letter.Filter{Key: "\xfe"}},
		letter.Claim{Job: id("job"), Epoch: 2, Runner: "runner", At: at},
		letter.Progress{Job: id("job"), Epoch: 2, Runner: "runner", Tally: tally, At: at},
		letter.Cancel{Job: id("job"), By: "ann", Why: "enough", At: at},
		letter.JobEnd{Job: id("job"), Ending: letter.Stopped, Says: "too many failed", Tally: tally, At: at},
		letter.Audit{ID: id("audit"), Kind: "replay", By: "ann", Why: "fixed", What: "all", Job: id("job"), Letters: 15, At: at},
		letter.Fate{}, letter.Act{}, letter.Job{}, letter.Claim{}, letter.Progress{}, letter.Cancel{}, letter.JobEnd{}, letter.Audit{},
	}
}

// What is in a log stays there: a line of the file may be added, none may change.
func TestNotesAreWrittenAsTheyAlwaysWere(t *testing.T) {
	var now bytes.Buffer
	for _, n := range everyNote() {
		text, err := writeNote(n)
		if err != nil {
			t.Fatal(err)
		}
		now.Write(append(text, '\n'))
	}
	if *update {
		if err := os.WriteFile(goldenNotes, now.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(goldenNotes)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(now.Bytes(), golden) {
		t.Errorf("%s is not what is written now:\n%s", goldenNotes, &now)
	}
	lines := strings.Split(strings.TrimSpace(string(golden)), "\n")
	for i, want := range everyNote() {
		if got, known := readNote([]byte(lines[i])); !known || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\nis read as %+v, want %+v", lines[i], got, want)
		}
	}
}

func TestFieldsOfLaterVersionsArePassedOver(t *testing.T) {
	for _, want := range everyNote() {
		text, err := writeNote(want)
		if err != nil {
			t.Fatal(err)
		}
		later := append(bytes.TrimSuffix(text, []byte("}")), []byte(`,"of_later":{"a":[1]},"Of_Later":null}`)...)
		if got, known := readNote(later); !known || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %+v", later, got)
		}
	}
}

// FuzzNote reads any bytes as a note. What is read is written so that it is read as the same.
func FuzzNote(f *testing.F) {
	for _, n := range everyNote() {
		text, err := writeNote(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"type":"job","filter":null,"bounds":[null]}`))
	f.Add(bytes.Repeat([]byte(`{"type":`), 5000))
	f.Fuzz(func(t *testing.T, b []byte) {
		var n letter.Note
		var known bool
		lean(t, len(b), func() { n, known = readNote(b) })
		if !known {
			return
		}
		text, err := writeNote(n)
		if err != nil { // a time of a year that JSON has not
			return
		}
		again, known := readNote(text)
		if !known || again.Key() != n.Key() {
			t.Errorf("%s is read as %+v, and that written as %s", b, n, text)
		}
		if twice, err := writeNote(again); err != nil || !bytes.Equal(twice, text) {
			t.Errorf("%s becomes %s, %v", text, twice, err)
		}
		if !json.Valid(text) {
			t.Errorf("%s is no JSON", text)
		}
	})
}
