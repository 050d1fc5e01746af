package letters

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"inventory/app"
	"inventory/domain/letter"
	"inventory/domain/stock"
	"inventory/ports"
)

func TestDiscardedLettersAreOutOfTheWayUntilTheyAreRestored(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		ids := o.bury(many(2500)...)
		if _, err := d.Discard(t.Context(), letter.Filter{}, Who{By: "anna"}); !errors.Is(err, stock.ErrInvalid) {
			t.Errorf("without a reason: expected %v, found %v", stock.ErrInvalid, err)
		}
		n, err := d.Discard(t.Context(), letter.Filter{IDs: ids[:2400]}, someone)
		if err != nil || n != 2400 {
			t.Fatalf("discarded: %d, %v", n, err)
		}
		other := o.desk("p-2")
		open, err := other.List(t.Context(), letter.Filter{}, Page{Limit: 40})
		o.must(err)
		if open.Total != 100 || len(open.Letters) != 40 || !open.More {
			t.Errorf("open: %d of %d, more %v", len(open.Letters), open.Total, open.More)
		}
		if _, err := other.Discard(t.Context(), letter.Filter{IDs: ids[:5]}, someone); !errors.Is(err, letter.ErrNoLetters) {
			t.Errorf("again: expected %v, found %v", letter.ErrNoLetters, err)
		}
		o.wait(time.Second)
		n, err = other.Restore(t.Context(), letter.Filter{IDs: ids[:5]}, someone)
		if err != nil || n != 5 {
			t.Errorf("restored: %d, %v", n, err)
		}
		groups, err := d.Groups(t.Context(), letter.Filter{})
		o.must(err)
		if len(groups) != 1 || groups[0].Letters != 105 {
			t.Errorf("groups: %+v", groups)
		}
		audits, err := d.Audits(t.Context())
		o.must(err)
		if len(audits) != 2 || audits[0].Kind != "discard" || audits[0].Letters != 2400 || audits[1].Kind != "restore" || audits[1].Why != "ticket 7" {
			t.Errorf("audits: %+v", audits)
		}
	})
}

func TestAnEditedLetterStandsForTheOneThatItWasMadeOf(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		o.run(d)
		bad := o.buryValue("o-1", []byte("no json"))
		req := EditRequest{Who: someone, Letter: bad, Event: []byte(`{"Event":"e","Order":"o-1"}`)}
		e, err := d.Edit(t.Context(), req)
		o.must(err)
		if e.ID == bad || e.EditOf != bad || e.Key != "o-1" || e.State != letter.Open || e.Origin.Offset != -1 {
			t.Errorf("the letter: %+v", e)
		}
		again, err := o.desk("p-2").Edit(t.Context(), req)
		if err != nil || again.ID != e.ID || again.Times != 1 {
			t.Errorf("again: %+v, %v", again, err)
		}
		s, err := d.Show(t.Context(), e.ID)
		o.must(err)
		if string(s.Event) != string(req.Event) || len(s.Letter.Headers) != 1 || !s.Letter.HasKey || s.Would.Outcome != letter.Failed {
			t.Errorf("it shows %s, %+v, %+v", s.Event, s.Letter, s.Would)
		}
		was, err := d.Show(t.Context(), bad)
		o.must(err)
		if was.State != letter.Edited || was.Act.Edit != e.ID || was.Undecoded == nil {
			t.Errorf("the one before: %+v", was.Entry)
		}
		req.Event = []byte(`{"Event":"other"}`)
		if _, err := d.Edit(t.Context(), req); !errors.Is(err, letter.ErrSettled) {
			t.Errorf("another edit: expected %v, found %v", letter.ErrSettled, err)
		}
		req.Event, req.Letter = []byte("}"), e.ID
		if _, err := d.Edit(t.Context(), req); !errors.Is(err, ports.ErrUnreadable) {
			t.Errorf("nonsense: expected %v, found %v", ports.ErrUnreadable, err)
		}
		o.wait(time.Second)
		j := o.ended(d, o.replay(d, ReplayRequest{}).ID, 3*time.Second)
		o.expectTally(j, letter.Tally{Letters: 1, Applied: 1})
		if audits, err := d.Audits(t.Context()); err != nil || audits[0].Kind != "edit" || len(audits) != 3 {
			t.Errorf("audits: %+v, %v", audits, err)
		}
	})
}

func TestWhatIsExportedIsImportedOnce(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		o.bury(many(1200)...)
		var all []letter.Letter
		o.must(o.desk("p-1").Export(t.Context(), letter.Filter{}, func(e letter.Entry, l letter.Letter) error {
			if e.ID != l.ID || e.Key != l.Key {
				return fmt.Errorf("%s: found %s", e.ID, l.ID)
			}
			all = append(all, l)
			return nil
		}))
		if len(all) != 1200 || !slices.IsSortedFunc(all, func(a, b letter.Letter) int { return int(a.Origin.Offset - b.Origin.Offset) }) {
			t.Fatalf("exported: %d letters, or not in order", len(all))
		}
		inOtherOffice(o, func(there *office) {
			there.bury("o-000")
			d := there.desk("p-1")
			for _, want := range []Imported{{Letters: 1200}, {Known: 1200}} {
				found, err := d.Import(t.Context(), someone, reading(all))
				if err != nil || found != want {
					t.Errorf("imported: expected %+v, found %+v, %v", want, found, err)
				}
			}
			list, err := d.List(t.Context(), letter.Filter{}, Page{Limit: 1})
			if err != nil || list.Total != 1201 {
				t.Errorf("letters: %d, %v", list.Total, err)
			}
			o.wait(time.Second)
			all[0].ID, all[1].Topic = d.world.NewID(), "elsewhere"
			found, err := d.Import(t.Context(), someone, reading(all))
			if !errors.Is(err, stock.ErrInvalid) || found.Letters != 1 {
				t.Errorf("a letter of another topic: %+v, %v", found, err)
			}
			expectText(t, err, "letter 2", "elsewhere")
			audits, err := d.Audits(t.Context())
			if err != nil || len(audits) != 2 || audits[0].Letters != 1200 {
				t.Errorf("audits: %+v, %v", audits, err)
			}
		})
	})
}

// inOtherOffice has logs of their own.
func inOtherOffice(o *office, test func(*office)) {
	there := *o
	there.letters, there.notes = newLogs()
	there.n = 1_000_000
	test(&there)
}

func reading(all []letter.Letter) func() (letter.Letter, error) {
	return func() (letter.Letter, error) {
		if len(all) == 0 {
			return letter.Letter{}, io.EOF
		}
		l := all[0]
		all = all[1:]
		return l, nil
	}
}

func TestARehearsalSaysWhatAReplayWouldDo(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		o.bury(many(40)...)
		o.n -= 40 // the same events again
		for i := range 3 {
			o.buryValue(fmt.Sprint("twice-", i), fmt.Appendf(nil, `{"Event":"e-%d","Order":"o"}`, i+1))
		}
		o.n = 100
		broken := o.buryValue("x", []byte("no json"))
		gone := o.buryValue("gone", []byte("{}"))
		e, err := o.desk("p-2").Show(t.Context(), gone)
		o.must(err)
		o.letters.Forget(letter.Place{Topic: e.Topic, Partition: e.Place.Partition, Offset: e.Place.Offset})
		_ = broken
		r, err := d.Rehearse(t.Context(), letter.Filter{}, Page{Limit: 4})
		o.must(err)
		if len(r.Letters) != 4 || !r.More || r.At.IsZero() {
			t.Errorf("the page: %d of %d", len(r.Letters), r.Total)
		}
		total := 0
		for _, s := range r.Sums {
			total += s.Letters
			t.Logf("%+v", s)
		}
		if total != r.Total || r.Sums[0].Outcome != letter.Applied {
			t.Errorf("sums: %+v of %d", r.Sums, r.Total)
		}
		want := app.Move{SKU: "A", WarehouseID: "W", HeldBefore: 0, HeldAfter: -int64(r.Sums[0].Letters)}
		if !slices.Equal(r.Moves, []app.Move{want}) {
			t.Errorf("moves: expected %+v, found %+v", want, r.Moves)
		}
		if n := len(o.handler.orders()); n != 0 {
			t.Errorf("%d events were acted on", n)
		}
		next, err := d.Rehearse(t.Context(), letter.Filter{}, Page{After: r.Letters[3].ID, Limit: MostPage})
		o.must(err)
		if len(next.Letters) != r.Total-4 || next.More {
			t.Errorf("the next page: %d of %d", len(next.Letters), next.Total)
		}
	})
}

func TestALetterThatItsLogHasLostIsReadWhereItWasBuriedAgainOrFails(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		o.run(d)
		first := o.bury("o-1", "o-1", "o-1")
		var again []letter.Letter
		o.must(d.Export(t.Context(), letter.Filter{IDs: first[:1]}, func(_ letter.Entry, l letter.Letter) error {
			again = append(again, l)
			return nil
		}))
		o.must(o.letters.Reader().Append(t.Context(), again))
		e, err := d.Show(t.Context(), first[1])
		o.must(err)
		o.letters.Forget(letter.Place{Topic: e.Topic, Partition: e.Place.Partition, Offset: 2}) // the first two
		j := o.ended(d, o.replay(d, ReplayRequest{}).ID, 3*time.Second)
		o.expectTally(j, letter.Tally{Letters: 3, Applied: 2, Failed: 1})
		fates, _, err := d.Report(t.Context(), j.ID, Page{})
		o.must(err)
		for _, f := range fates {
			if (f.Outcome == letter.Failed) != (f.Letter == first[1]) {
				t.Errorf("fate: %+v", f)
			}
		}
	})
}

func TestHowLettersStandIsToldAgainAndAgain(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		o.run(d)
		at := time.Now()
		o.wait(time.Second)
		o.bury("o-1", "o-2")
		o.wait(20 * time.Second)
		h := d.world.Observer.(*heard)
		h.mu.Lock()
		defer h.mu.Unlock()
		last, ok := h.events[len(h.events)-1].(ports.LettersStand)
		if !ok || len(h.events) != 2 || len(last.Open) != 1 || last.Open[0].Letters != 2 || !last.Open[0].Oldest.Equal(at.Add(time.Second)) {
			t.Errorf("told: %+v", h.events)
		}
	})
}

func TestAnEditedLetterIsTakenBackWhereItsStateIsNamed(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		d := o.desk("p-1")
		bad := o.buryValue("o-1", []byte("no json"))
		_, err := d.Edit(t.Context(), EditRequest{Who: someone, Letter: bad, Event: []byte(`{"Event":"e","Order":"o-1"}`)})
		o.must(err)
		o.wait(time.Second)
		f := letter.Filter{Order: "o-1"}
		if _, err := d.Restore(t.Context(), f, someone); !errors.Is(err, letter.ErrNoLetters) {
			t.Errorf("without a state: expected %v, found %v", letter.ErrNoLetters, err)
		}
		f.States = []string{letter.Edited}
		if n, err := d.Restore(t.Context(), f, someone); err != nil || n != 1 {
			t.Errorf("restored: %d, %v", n, err)
		}
		open, err := d.List(t.Context(), letter.Filter{Order: "o-1"}, Page{})
		o.must(err)
		if open.Total != 2 {
			t.Errorf("%d are open, expected the letter and the one made of it", open.Total)
		}
		f.States = []string{letter.Open}
		if _, err := d.Restore(t.Context(), f, someone); !errors.Is(err, stock.ErrInvalid) {
			t.Errorf("open ones: expected %v, found %v", stock.ErrInvalid, err)
		}
	})
}
