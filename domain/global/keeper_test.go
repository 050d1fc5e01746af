package global

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

const bound = 10 * time.Second

// world is a topic of levels, a topic of totals, and the time.
type world struct {
	*testing.T
	now    time.Duration
	levels []Level
	totals []written
}

type written struct {
	Total
	by string
}

// keeper is a Keeper, and how far it read.
type keeper struct {
	*Keeper
	id             string
	w              *world
	levels, totals int
}

func (w *world) keeper(id string) *keeper {
	return &keeper{Keeper: NewKeeper(id, bound), id: id, w: w}
}

func (w *world) level(sku string, version int64) {
	w.levels = append(w.levels, Level{SKU: sku, WarehouseID: "W", Region: "south", OnHand: version, Available: version, Version: version, At: version})
}

func (w *world) total(by, sku string, version int64) {
	w.totals = append(w.totals, written{Total{Key{sku, "south"}, version, 0, version, version, version}, by})
}

// round has a keeper read all there is and publish what is due, and tells what that was.
func (k *keeper) round() (due []string, change Change) {
	for _, l := range k.w.levels[k.levels:] {
		k.Take(l, k.w.now)
	}
	for _, r := range k.w.totals[k.totals:] {
		k.See(Record{r.Key, r.Version, r.by}, k.w.now)
	}
	k.levels, k.totals = len(k.w.levels), len(k.w.totals)
	k.Ready()
	all, change := k.Due(k.w.now)
	for _, t := range all {
		k.w.totals = append(k.w.totals, written{t, k.id})
		due = append(due, fmt.Sprintf("%s=%d", t.SKU, t.Version))
	}
	k.Published(all, k.w.now)
	return due, change
}

func (k *keeper) expect(change Change, due ...string) {
	k.w.Helper()
	if got, c := k.round(); !slices.Equal(got, due) || c != change {
		k.w.Fatalf("at %s aggregator %q published %v and changed %d, expected %v and %d", k.w.now, k.id, got, c, due, change)
	}
}

func TestAnAggregatorAloneNeverWaits(t *testing.T) {
	w := &world{T: t}
	k := w.keeper("a")
	w.level("A", 1)
	w.level("B", 2)
	k.expect(Unchanged, "A=1", "B=2")
	for i := range 50 {
		w.now += bound / 4
		w.level("A", int64(3+i))
		k.expect(Unchanged, fmt.Sprintf("A=%d", 3+i))
		k.expect(Unchanged)
	}
	if !k.Active() || k.Lag(w.now) != 0 || k.Late() != 0 {
		t.Errorf("active %t, lag %s, late %d", k.Active(), k.Lag(w.now), k.Late())
	}
}

func TestOneThatStartsAnewPublishesOnlyWhatIsMissing(t *testing.T) {
	w := &world{T: t}
	w.level("A", 1)
	w.level("B", 2)
	w.level("C", 3)
	w.total("before", "A", 1)
	w.total("", "B", 1)
	k := w.keeper("a")
	k.expect(Unchanged, "B=2", "C=3")
	k.expect(Unchanged)
}

func TestWhatWasPublishedBeforeTheStartIsOwedByNobody(t *testing.T) {
	w := &world{T: t}
	w.level("A", 1)
	w.level("B", 2)
	w.total("z", "A", 1) // by an aggregator of before
	w.total("", "B", 2)
	k := w.keeper("a")
	k.expect(Unchanged)
	w.now += 2 * bound
	w.level("B", 3)
	k.expect(Unchanged, "B=3")
	w.total("", "B", 3)
	k.expect(SteppedBack)
}

func TestItStepsBackForAJobThatKeepsUpAndTakesOverWhenThatFallsSilent(t *testing.T) {
	w := &world{T: t}
	k := w.keeper("a")
	w.level("A", 1)
	k.expect(Unchanged, "A=1")
	w.now += time.Second
	w.total("", "A", 1) // the job is as far, a little later
	k.expect(SteppedBack)
	for i := range 20 {
		w.now += time.Second
		w.level("A", int64(2+i))
		k.expect(Unchanged)
		w.now += bound / 2
		w.total("", "A", int64(2+i))
		k.expect(Unchanged)
	}
	w.level("A", 50)
	w.level("B", 51)
	k.expect(Unchanged)
	w.now += bound - 1
	k.expect(Unchanged)
	w.now++
	k.expect(TookOver, "A=50", "B=51")
	w.level("A", 60)
	k.expect(Unchanged, "A=60")
}

// A job that comes back has to do first what it left undone.
func TestItStaysWhileAJobThatCameBackIsBehind(t *testing.T) {
	w := &world{T: t}
	k := w.keeper("a")
	w.level("A", 1)
	w.level("B", 2)
	k.expect(Unchanged, "A=1", "B=2")
	w.now += 10 * bound
	w.total("", "A", 1)
	w.level("C", 3)
	k.expect(Unchanged, "C=3") // B is owed for long
	w.total("", "B", 1)        // of before
	k.expect(Unchanged)
	w.now += bound
	w.level("C", 4)
	k.expect(Unchanged, "B=2", "C=4")
	w.total("", "B", 2)
	w.total("", "C", 4)
	k.expect(SteppedBack)
}

func TestWhatAJobOverwritesWithSomethingOlderIsMendedAfterTheBoundAndNotFoughtOver(t *testing.T) {
	w := &world{T: t}
	k := w.keeper("a")
	w.level("A", 5)
	k.expect(Unchanged, "A=5")
	w.now += bound // it owes A: this one stays
	for range 8 {  // the job starts from nothing, and says all again
		w.now += time.Second
		w.total("", "A", 3)
		k.expect(Unchanged)
	}
	w.now += bound - 7*time.Second - 1
	k.expect(Unchanged)
	w.now++
	k.expect(Unchanged, "A=5")
	k.expect(Unchanged)
}

func TestADeletedTotalIsPublishedAgain(t *testing.T) {
	w := &world{T: t}
	k := w.keeper("a")
	w.level("A", 5)
	k.expect(Unchanged, "A=5")
	w.totals = append(w.totals, written{Total{Key: Key{"A", "south"}}, "z"})
	k.expect(Unchanged)
	if k.Late() != 1 {
		t.Errorf("%d late, expected the one that was deleted", k.Late())
	}
	w.now += bound
	k.expect(Unchanged, "A=5")
}

func TestOfTwoAggregatorsOneStandsByAndTakesOverWhenTheOtherDies(t *testing.T) {
	w := &world{T: t}
	a, b := w.keeper("a"), w.keeper("b")
	w.level("A", 1)
	a.expect(Unchanged, "A=1")
	b.expect(Unchanged)
	w.level("A", 2)
	b.expect(Unchanged, "A=2") // it does not know of the other yet
	a.expect(Unchanged)
	w.level("A", 3)
	a.expect(Unchanged, "A=3")
	b.expect(SteppedBack)
	for i := range 5 {
		w.now += bound
		w.level("A", int64(4+i))
		b.expect(Unchanged)
		a.expect(Unchanged, fmt.Sprintf("A=%d", 4+i))
		b.expect(Unchanged)
	}
	w.level("A", 20) // a is dead
	b.expect(Unchanged)
	w.now += bound
	b.expect(TookOver, "A=20")
}

// Whoever publishes, is silent, comes back or starts anew: when all are done and have rested for
// a while the topic has the newest of every key, and nothing lacked it for much longer than the
// bound while an aggregator lived.
func TestWhateverHappensTheTopicGetsTheNewest(t *testing.T) {
	dice := seeded(t)
	for range 300 {
		w := &world{T: t}
		w.now = time.Duration(dice.IntN(1000)) * time.Hour
		keepers := []*keeper{w.keeper("b"), w.keeper("c")}
		job, jobReads := NewFold(), 0
		const step = time.Second
		for i := range 200 {
			w.now += step
			for range dice.IntN(3) {
				w.level(fmt.Sprint("S", dice.IntN(4)), int64(len(w.levels)+1))
			}
			if i%40 == 0 && dice.IntN(2) == 0 {
				keepers[dice.IntN(2)] = w.keeper([]string{"a", "b", "c", "d"}[dice.IntN(4)])
			}
			if phase := i / 50; phase%2 == 1 { // the job lives in every other phase
				if i%50 == 0 && dice.IntN(2) == 0 {
					job, jobReads = NewFold(), 0
				}
				for n := dice.IntN(8); n > 0 && jobReads < len(w.levels); n-- {
					l := w.levels[jobReads]
					job.Take(l)
					jobReads++
					total, _ := job.Total(Key{l.SKU, l.Region})
					w.totals = append(w.totals, written{total, ""})
				}
			}
			for _, k := range keepers {
				k.round()
				if lag := k.Lag(w.now); lag > bound+2*step {
					t.Fatalf("at step %d the topic lacks something for %s", i, lag)
				}
			}
		}
		for range 15 {
			w.now += step
			for _, k := range keepers {
				k.round()
			}
		}
		last := map[Key]Total{}
		for _, r := range w.totals {
			last[r.Key] = r.Total
		}
		for _, want := range naive(w.levels) {
			if last[want.Key] != want {
				t.Fatalf("%s: the topic has %+v, expected %+v", want.Key, last[want.Key], want)
			}
		}
	}
}
