package porttest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/ports"
)

// NoteStore is a log of notes of a test's own, empty at first.
type NoteStore struct {
	// Open gives a reader that begins with what is oldest.
	Open func(t *testing.T) ports.LetterNotes
	// Compact leaves the newest note of each key; nil: the store can't be made to.
	Compact func() error
}

// LetterNotes proves that a store keeps the contract of ports.LetterNotes.
func LetterNotes(t *testing.T, open func(t *testing.T) NoteStore) {
	tests := map[string]func(*notesTest){
		"a note of each kind comes as it was written":          notesAsWritten,
		"a reader is given all there is, and then the news":    notesNews,
		"notes of many writers have one order for all readers": notesOneOrder,
		"reading that was cut off goes on where it was":        notesCutOff,
		"thousands come in the order in which they were given": notesMany,
		"compaction leaves the newest of each key":             notesCompacted,
		"a cancelled call is an error":                         notesCancelled,
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
			defer cancel()
			s := open(t)
			tests[name](&notesTest{T: t, ctx: ctx, store: s, log: s.Open(t)})
		})
	}
}

// notesTest is one test of the suite, with one reader of its store.
type notesTest struct {
	*testing.T
	ctx   context.Context
	store NoteStore
	log   ports.LetterNotes
}

func (t *notesTest) append(notes ...letter.Note) {
	t.Helper()
	if err := t.log.Append(t.ctx, notes); err != nil {
		t.Fatalf("Append: %v", err)
	}
}

func (t *notesTest) read(log ports.LetterNotes) []letter.Note {
	t.Helper()
	var all []letter.Note
	if err := log.Read(t.ctx, func(n letter.Note) { all = append(all, n) }); err != nil {
		t.Fatalf("Read: %v", err)
	}
	return all
}

func (t *notesTest) expect(got, want []letter.Note) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d notes came, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("note %d is\n%+v, want\n%+v", i, got[i], want[i])
		}
	}
}

// audits makes notes of which each has a key of its own.
func audits(n int) []letter.Note {
	all := make([]letter.Note, n)
	for i := range all {
		all[i] = letter.Audit{ID: newUUID(), Kind: "discard", By: "ann", Letters: i}
	}
	return all
}

func notesAsWritten(t *notesTest) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	tally := letter.Tally{Letters: 10, Applied: 1, Duplicate: 2, Superseded: 3, Failed: 4}
	schema, partition, first, last := int64(7), int32(0), int64(0), int64(math.MaxInt64)
	all := []letter.Note{
		letter.Fate{Letter: newUUID(), Job: newUUID(), Outcome: letter.Failed, Code: "NOT_HELD", Says: "\"why\" <é>\n", Order: "order-1", At: at},
		letter.Fate{Letter: newUUID(), Job: newUUID(), Outcome: letter.Applied},
		letter.Act{Letter: newUUID(), Kind: letter.Edited, By: "ann", Why: "typo", At: at, Edit: newUUID()},
		letter.Act{Letter: newUUID(), Kind: letter.Discarded},
		letter.Job{
			ID: newUUID(), Rate: 12.5, StopAfter: 3, By: "ann", Why: "fixed", At: at,
			Bounds: []letter.Place{{Topic: ports.OrderCreatedTopic, Partition: 0, Offset: 0}, {Topic: ports.OrderCreatedTopic, Partition: 11, Offset: math.MaxInt64}},
			Filter: letter.Filter{
				IDs: []ledger.UUID{newUUID(), {}}, Topic: ports.OrderCreatedTopic, Group: "0a1b2c3d", Code: "NOT_HELD", Key: "\xff\x00key", Order: "order-é", Schema: &schema,
				From: at, Until: at.Add(time.Hour), Partition: &partition, FirstAt: &first, LastAt: &last, States: []string{letter.Open, letter.Discarded},
			},
		},
		letter.Job{ID: newUUID(), Filter: letter.Filter{Key: "key", Order: "\xfe"}},
		letter.Claim{Job: newUUID(), Epoch: math.MaxInt64, Runner: "runner/1", At: at},
		letter.Progress{Job: newUUID(), Epoch: 2, Runner: "runner/1", Tally: tally, At: at},
		letter.Cancel{Job: newUUID(), By: "ann", Why: "enough", At: at},
		letter.JobEnd{Job: newUUID(), Ending: letter.Stopped, Says: "too many failed", Tally: tally, At: at},
		letter.Audit{ID: newUUID(), Kind: "replay", By: "ann", Why: "fixed", What: "all", Job: newUUID(), Letters: 4711, At: at},
	}
	t.append(all...)
	t.expect(t.read(t.log), all)
}

func notesNews(t *notesTest) {
	t.expect(t.read(t.log), nil)
	t.append()
	first, second := audits(30), audits(20)
	t.append(first...)
	t.expect(t.read(t.log), first)
	t.expect(t.read(t.log), nil)
	t.append(second...)
	t.append(first[3]) // once more
	t.expect(t.read(t.log), append(second, first[3]))
	if t.store.Compact == nil { // it may have been, or not
		return
	}
	t.expect(t.read(t.store.Open(t.T)), slices.Concat(first, second, first[3:4]))
}

func notesOneOrder(t *notesTest) {
	const writers, each = 6, 40
	written := make([][]letter.Note, writers)
	logs := make([]ports.LetterNotes, writers)
	for i := range writers {
		written[i], logs[i] = audits(each), t.store.Open(t.T)
	}
	for i, err := range race(writers, func(i int) error {
		for n := range each {
			if err := logs[i].Append(t.ctx, written[i][n:n+1]); err != nil {
				return err
			}
		}
		return nil
	}) {
		if err != nil {
			t.Fatalf("writer %d: %v", i, err)
		}
	}
	all := t.read(t.log)
	for _, log := range logs[:2] {
		t.expect(t.read(log), all)
	}
	at := map[string]int{}
	for i, n := range all {
		at[n.Key()] = i
	}
	if len(all) != writers*each || len(at) != len(all) {
		t.Fatalf("%d notes came, %d of them once, want %d", len(all), len(at), writers*each)
	}
	for i := range writers {
		if !slices.IsSortedFunc(written[i], func(a, b letter.Note) int { return at[a.Key()] - at[b.Key()] }) {
			t.Errorf("writer %d: its notes are out of order", i)
		}
	}
}

func notesCutOff(t *notesTest) {
	all := audits(100)
	t.append(all...)
	var got []letter.Note
	for tries := 0; len(got) < len(all) && tries < len(all); tries++ {
		ctx, cancel := context.WithCancel(t.ctx)
		left := 7
		err := t.log.Read(ctx, func(n letter.Note) {
			got = append(got, n)
			if left--; left == 0 {
				cancel()
			}
		})
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("Read: %v", err)
		}
		if tries == 0 && err == nil {
			t.Fatalf("not cut off: %d notes", len(got))
		}
	}
	t.expect(got, all)
}

func notesMany(t *notesTest) {
	all := audits(12_000)
	t.append(all...)
	t.expect(t.read(t.log), all)
}

func notesCompacted(t *notesTest) {
	if t.store.Compact == nil {
		t.Skip("this store can't be made to")
	}
	job := newUUID()
	var all []letter.Note
	for i := range 200 {
		all = append(all, letter.Progress{Job: job, Epoch: int64(i % 3), Runner: "r", Tally: letter.Tally{Applied: i}})
		if i%50 == 0 {
			all = append(all, letter.Fate{Letter: newUUID(), Job: job, Outcome: letter.Applied, Says: fmt.Sprint(i)})
		}
		if i%20 == 19 { // some at a time, as a log has them
			t.append(all[len(all)-20:]...)
		}
	}
	t.read(t.log)
	newest := map[string]letter.Note{}
	for _, n := range t.read(t.store.Open(t.T)) {
		newest[n.Key()] = n
	}
	if err := t.store.Compact(); err != nil {
		t.Fatal(err)
	}
	after := t.read(t.store.Open(t.T))
	got := map[string]letter.Note{}
	for _, n := range after {
		got[n.Key()] = n
	}
	if !reflect.DeepEqual(got, newest) || len(after) >= len(all)/2 {
		t.Errorf("of %d notes %d are left, of %d keys, want few of %d", len(all), len(after), len(got), len(newest))
	}
	news := audits(3)
	t.append(news...)
	t.expect(t.read(t.log), news)
}

func notesCancelled(t *notesTest) {
	all := audits(3)
	t.append(all...)
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	for call, err := range map[string]error{
		"Read":   t.log.Read(ctx, func(letter.Note) { t.Error("handed over") }),
		"Append": t.log.Append(ctx, all),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a cancelled context: got error %v", call, err)
		}
	}
}
