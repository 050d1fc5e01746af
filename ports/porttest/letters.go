package porttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/domain/letter"
	"inventory/ports"
)

// LetterStore is a log of dead letters of a test's own, empty at first.
type LetterStore struct {
	// Open gives a reader that begins with what is oldest.
	Open func(t *testing.T) ports.LetterLog
	// Forget drops what lies before a place of a partition, as a retention does.
	Forget func(before letter.Place) error
}

// Letters proves that a store keeps the contract of ports.LetterLog.
func Letters(t *testing.T, open func(t *testing.T) LetterStore) {
	tests := map[string]func(*lettersTest){
		"a letter comes as it was appended":                   lettersAsAppended,
		"a reader is given all there is, and then the news":   lettersNews,
		"letters of a key stay in order, large ones and all":  lettersInOrder,
		"reading that was cut off goes on where it was":       lettersCutOff,
		"what is there no more is passed over":                lettersForgotten,
		"letters are fetched in any order, some twice":        lettersFetched,
		"letters far apart are fetched":                       lettersFarApart,
		"a letter that is there no more is named":             lettersMissing,
		"fetching, reading and appending go on at once":       lettersAtOnce,
		"a topic that has no dead letters is refused":         lettersElsewhere,
		"nothing is appended, nothing is fetched: no trouble": lettersNone,
		"a cancelled call is an error":                        lettersCancelled,
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
			defer cancel()
			s := open(t)
			tests[name](&lettersTest{T: t, ctx: ctx, store: s, log: s.Open(t)})
		})
	}
}

// lettersTest is one test of the suite, with one reader of its store.
type lettersTest struct {
	*testing.T
	ctx   context.Context
	store LetterStore
	log   ports.LetterLog
	n     int // letters made
}

// make makes a letter that is like no other.
func (t *lettersTest) make(key string) letter.Letter {
	t.n++
	value := fmt.Appendf([]byte{0, 0, 0, 0, 7}, "value %d", t.n)
	return letter.Letter{HasKey: true, Value: value, Meta: letter.Meta{
		ID: newUUID(), Place: letter.Place{Topic: ports.OrderEventTopics()[t.n%3]}, Key: key,
		Code: "NOT_HELD", Error: fmt.Sprint("error ", t.n), Origin: letter.Origin{Offset: -1},
	}}
}

func (t *lettersTest) many(n int) []letter.Letter {
	all := make([]letter.Letter, n)
	for i := range all {
		all[i] = t.make(fmt.Sprint("order-", i%17))
	}
	return all
}

func (t *lettersTest) append(letters ...letter.Letter) {
	t.Helper()
	if err := t.log.Append(t.ctx, letters); err != nil {
		t.Fatalf("Append: %v", err)
	}
}

// read gives what a reader is given, with bytes of its own.
func (t *lettersTest) read(log ports.LetterLog) []letter.Letter {
	t.Helper()
	var all []letter.Letter
	if err := log.Read(t.ctx, func(l letter.Letter) { all = append(all, withOwnBytes(l)) }); err != nil {
		t.Fatalf("Read: %v", err)
	}
	return all
}

func withOwnBytes(l letter.Letter) letter.Letter {
	l.Value = bytes.Clone(l.Value)
	l.Headers = slices.Clone(l.Headers)
	for i, h := range l.Headers {
		l.Headers[i].Value = bytes.Clone(h.Value)
	}
	return l
}

// expect fails the test unless just these letters came, each once, those of a partition in
// order.
func (t *lettersTest) expect(got, want []letter.Letter) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d letters came, want %d", len(got), len(want))
	}
	is := map[string]letter.Letter{}
	next := map[letter.Place]int64{}
	for _, l := range got {
		is[l.ID.String()] = l
		partition := letter.Place{Topic: l.Topic, Partition: l.Partition}
		if l.Offset < next[partition] {
			t.Errorf("%s[%d]: %d came after %d", l.Topic, l.Partition, l.Offset, next[partition]-1)
		}
		next[partition] = l.Offset + 1
	}
	for _, w := range want {
		l, ok := is[w.ID.String()]
		if !ok {
			t.Fatalf("letter %s did not come", w.ID)
		}
		sameLetter(t.T, l, w)
	}
}

// sameLetter compares all but the place, when it was buried, and what follows from the value.
func sameLetter(t *testing.T, got, want letter.Letter) {
	t.Helper()
	if got.BuriedAt.IsZero() || got.Size != len(want.Value) {
		t.Errorf("letter %s: buried at %v, size %d, want some time and %d", got.ID, got.BuriedAt, got.Size, len(want.Value))
	}
	topic := want.Topic
	got.Place, got.BuriedAt, got.Size, got.Schema = want.Place, want.BuriedAt, want.Size, want.Schema
	got.Topic = topic
	if (got.Value == nil) != (want.Value == nil) {
		t.Errorf("letter %s: value %v, want %v: nothing is not the same as empty", got.ID, got.Value, want.Value)
	}
	for i := range min(len(got.Headers), len(want.Headers)) {
		if g, w := &got.Headers[i], want.Headers[i]; len(g.Value)+len(w.Value) == 0 {
			g.Value = w.Value
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("letter %s came as\n%+v, want\n%+v", got.ID, short(got), short(want))
	}
}

func short(l letter.Letter) letter.Letter {
	l.Value = l.Value[:min(len(l.Value), 50)]
	return l
}

func lettersAsAppended(t *lettersTest) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	whole := t.make("order-1")
	whole.Origin = letter.Origin{Partition: 3, Offset: 1 << 40, Timestamp: at, Group: "inventory", Handler: "order.created.v1"}
	whole.Attempts, whole.FirstFailure, whole.LastFailure = 4, at.Add(time.Second), at.Add(time.Minute)
	whole.Trace, whole.Version, whole.EditOf = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "v1.2.3", newUUID()
	whole.Error = "text with \"quotes\", é and\nlines"
	whole.Headers = []letter.Header{{Key: "b", Value: []byte{0, 255}}, {Key: "a", Value: []byte{}}, {Key: "b", Value: []byte("2")}, {Key: "\xff\xfe", Value: []byte("not text")}}
	none := t.make("")
	none.HasKey, none.Value = false, nil
	empty := t.make("")
	empty.Value = []byte{}
	again := t.make("order-2")
	again.Headers = []letter.Header{{Key: "dlq_letter_id", Value: []byte(newUUID().String())}, {Key: "dlq_code", Value: []byte("OTHER")}, {Key: "dlq_edit_of", Value: []byte(newUUID().String())}}
	bytesKey := t.make("\xff\x00key")
	edit := t.make("order-3")
	edit.Origin = letter.Origin{Partition: 5, Offset: -1, Timestamp: at}
	all := []letter.Letter{whole, none, empty, again, bytesKey, edit}
	t.append(all...)
	got := t.read(t.log)
	t.expect(got, all)
	for _, l := range got {
		if want := map[bool]int64{true: 7, false: letter.NoSchema}[len(l.Value) > 5]; l.Schema != want {
			t.Errorf("letter %s: schema %d, want %d", l.ID, l.Schema, want)
		}
	}
	unlabelled := t.make("order-4")
	unlabelled.Code = ""
	t.append(unlabelled)
	unlabelled.Code = "UNLABELLED"
	t.expect(t.read(t.log), []letter.Letter{unlabelled})
}

func lettersNews(t *lettersTest) {
	t.expect(t.read(t.log), nil)
	first, second := t.many(60), t.many(25)
	t.append(first...)
	t.expect(t.read(t.log), first)
	t.expect(t.read(t.log), nil)
	t.append(second...)
	t.expect(t.read(t.log), second)
	t.expect(t.read(t.store.Open(t.T)), slices.Concat(first, second))
}

func lettersInOrder(t *lettersTest) {
	var all []letter.Letter
	for i := range 40 {
		l := t.make("the one order")
		l.Topic = ports.OrderCreatedTopic
		if i%10 == 5 {
			l.Value = bytes.Repeat([]byte("v"), 900<<10)
		}
		if i == 25 { // with its headers it is larger than what most topics take
			l.Value = bytes.Repeat([]byte("v"), 1_048_000)
		}
		all = append(all, l)
	}
	t.append(all...)
	got := t.read(t.log)
	t.expect(got, all)
	for i, l := range got {
		if l.ID != all[i].ID {
			t.Fatalf("letter %d is %s, want %s", i, l.ID, all[i].ID)
		}
	}
}

func lettersCutOff(t *lettersTest) {
	all := t.many(200)
	t.append(all...)
	var got []letter.Letter
	for tries := 0; len(got) < len(all) && tries < 2*len(all); tries++ {
		ctx, cancel := context.WithCancel(t.ctx)
		left := 7
		err := t.log.Read(ctx, func(l letter.Letter) {
			got = append(got, withOwnBytes(l))
			if left--; left == 0 {
				cancel()
			}
		})
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("Read: %v", err)
		}
		if tries == 0 && (err == nil || len(got) == len(all)) {
			t.Fatalf("not cut off: %d letters, %v", len(got), err)
		}
	}
	t.expect(got, all)
	t.expect(t.read(t.log), nil)
}

func lettersForgotten(t *lettersTest) {
	first := t.make("order-1")
	t.append(first)
	t.expect(t.read(t.log), []letter.Letter{first})
	var more []letter.Letter
	for range 4 {
		l := t.make("order-1")
		l.Topic = first.Topic
		more = append(more, l)
	}
	t.append(more...)
	lie := t.read(t.store.Open(t.T))
	if err := t.store.Forget(lie[3].Place); err != nil {
		t.Fatal(err)
	}
	t.expect(t.read(t.log), more[2:])
	t.expect(t.read(t.store.Open(t.T)), more[2:])
}

// fetch gives what is fetched, by index.
func (t *lettersTest) fetch(places []letter.Place) (map[int]letter.Letter, error) {
	got := map[int]letter.Letter{}
	err := t.log.Fetch(t.ctx, places, func(i int, l letter.Letter) {
		if _, twice := got[i]; twice {
			t.Errorf("place %d is handed over twice", i)
		}
		got[i] = l
	})
	return got, err
}

func (t *lettersTest) expectFetched(from []letter.Letter, order []int) {
	t.Helper()
	var places []letter.Place
	for _, i := range order {
		places = append(places, from[i].Place)
	}
	got, err := t.fetch(places)
	if err != nil || len(got) != len(places) {
		t.Fatalf("Fetch: %d of %d letters, %v", len(got), len(places), err)
	}
	for n, i := range order {
		if !reflect.DeepEqual(got[n], from[i]) {
			t.Fatalf("place %d: got %+v, want %+v", n, got[n], from[i])
		}
	}
}

func lettersFetched(t *lettersTest) {
	t.append(t.many(300)...)
	all := t.read(t.log)
	var order []int
	for i := range all {
		order = append(order, (i*131)%len(all))
	}
	t.expectFetched(all, order)
	t.expectFetched(all, append(order, order[:40]...))
	t.expectFetched(all, []int{3, 3, 299, 3})
	t.expect(t.read(t.log), nil) // that has nothing to do with reading
}

func lettersFarApart(t *lettersTest) {
	var some []letter.Letter
	for range 2500 {
		l := t.make("the one order")
		l.Topic = ports.OrderCreatedTopic
		some = append(some, l)
	}
	t.append(some...)
	all := t.read(t.log)
	t.expectFetched(all, []int{2499, 0, 1250, 1251, 700, 830, 2000})
}

func lettersMissing(t *lettersTest) {
	t.append(t.many(100)...)
	all := t.read(t.log)
	behind := all[0].Place
	behind.Offset += 1_000_000
	nowhere := all[0].Place
	nowhere.Partition = 1000
	for _, missing := range []letter.Place{behind, nowhere} {
		got, err := t.fetch([]letter.Place{all[5].Place, missing, all[9].Place})
		where := fmt.Sprintf("%s.dlq[%d]@%d", missing.Topic, missing.Partition, missing.Offset)
		if !errors.Is(err, ports.ErrPermanent) || !strings.Contains(err.Error(), where) || len(got) != 2 {
			t.Errorf("%d letters, error %v, want the other two and a permanent one that names %s", len(got), err, where)
		}
	}
	last := slices.MaxFunc(all, func(a, b letter.Letter) int { return int(a.Offset - b.Offset) })
	if err := t.store.Forget(last.Place); err != nil {
		t.Fatal(err)
	}
	gone := last.Place
	gone.Offset--
	if got, err := t.fetch([]letter.Place{gone, last.Place}); !errors.Is(err, ports.ErrPermanent) || !reflect.DeepEqual(got, map[int]letter.Letter{1: last}) {
		t.Errorf("%d letters, %v, want one and a permanent error", len(got), err)
	}
}

func lettersAtOnce(t *lettersTest) {
	t.append(t.many(100)...)
	there := t.read(t.log)
	writers := 5
	var more [][]letter.Letter
	for range writers {
		more = append(more, t.many(200))
	}
	var news []letter.Letter
	errs := race(2*writers, func(i int) error {
		if i < writers {
			return t.log.Append(t.ctx, more[i])
		}
		return t.log.Fetch(t.ctx, []letter.Place{there[i].Place, there[2*i].Place}, func(n int, l letter.Letter) {
			if want := there[i*(n+1)].ID; l.ID != want {
				t.Errorf("fetched %s, want %s", l.ID, want)
			}
		})
	})
	for range 3 {
		news = append(news, t.read(t.log)...)
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	t.expect(news, slices.Concat(more...))
}

func lettersElsewhere(t *lettersTest) {
	l := t.make("order-1")
	l.Topic = "nowhere.v1"
	if err := t.log.Append(t.ctx, []letter.Letter{t.make("order-1"), l}); !errors.Is(err, ports.ErrPermanent) {
		t.Errorf("Append: %v", err)
	}
	if _, err := t.fetch([]letter.Place{{Topic: "nowhere.v1"}}); !errors.Is(err, ports.ErrPermanent) {
		t.Errorf("Fetch: %v", err)
	}
	t.expect(t.read(t.log), nil)
}

func lettersNone(t *lettersTest) {
	t.append()
	if got, err := t.fetch(nil); err != nil || len(got) > 0 {
		t.Errorf("fetched %v, %v", got, err)
	}
}

func lettersCancelled(t *lettersTest) {
	all := t.many(3)
	t.append(all...)
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	never := func(letter.Letter) { t.Error("handed over") }
	for call, err := range map[string]error{
		"Read":   t.log.Read(ctx, never),
		"Fetch":  t.log.Fetch(ctx, []letter.Place{{Topic: all[0].Topic}}, func(_ int, l letter.Letter) { never(l) }),
		"Append": t.log.Append(ctx, all),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a cancelled context: got error %v", call, err)
		}
	}
}
