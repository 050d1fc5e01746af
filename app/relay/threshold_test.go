package relay_test

import (
	"fmt"
	"slices"
	"testing"

	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// shelf is a stock ledger whose commands are decided as its owner does: those of a call share
// an entry.
type shelf struct {
	t       *testing.T
	s       *stock.State
	at      ledger.Stamp
	keys    int
	entries []*ledger.Entry
}

func newShelf(t *testing.T, version int64) *shelf {
	return &shelf{t: t, s: stock.New(id), at: ledger.Stamp{Version: version, At: 1_800_000_000_000 + version}}
}

func (s *shelf) entry(cmds ...ledger.Command) {
	s.t.Helper()
	s.at = ledger.Stamp{Version: s.at.Version + 1, At: s.at.At + 1}
	e := &ledger.Entry{Stamp: s.at}
	for _, cmd := range cmds {
		d := s.s.Decide(cmd, ledger.Recalled{}, s.at)
		if d.Err != nil {
			s.t.Fatal(d.Err)
		}
		for _, c := range d.Changes {
			if err := s.s.Apply(c, s.at); err != nil {
				s.t.Fatal(err)
			}
		}
		e.Changes = append(e.Changes, d.Changes...)
	}
	s.entries = append(s.entries, e)
}

func (s *shelf) count(sku stock.SKU, n int64) ledger.Command {
	s.keys++
	return stock.Adjust{Ledger: id, Actor: "a", Key: fmt.Sprint("c", s.keys), SKU: sku, Type: stock.Count, Quantity: n, Trace: fmt.Sprint("trace-", s.keys)}
}

func lowMark(sku stock.SKU, low int64) ledger.Command {
	return stock.SetMark{SKU: sku, Low: low, Actor: "anna", Origin: stock.Origin{Source: "http", Trace: "trace-mark"}}
}

// crossings makes entries after a version, of which the second tells of a hold that crosses.
func crossings(t *testing.T, version int64) []*ledger.Entry {
	s := newShelf(t, version)
	s.entry(s.count("A", 10), s.count("B", 3), lowMark("A", 4), lowMark("B", 9))
	s.entry(s.count("A", 4))
	s.entry(s.count("B", 20), s.count("A", 0))
	s.entry(lowMark("B", 20), s.count("C", 1))
	return s.entries
}

// thresholds lists what entries tell of marks.
func thresholds(entries ...*ledger.Entry) (told []string) {
	for _, e := range relay.PublicEvents(id, "south", entries) {
		if e, ok := e.(ports.Threshold); ok {
			told = append(told, fmt.Sprintf("%d %s %s of %s in %s: mark %d, %d of %d held, %d left, %s",
				e.Version, e.Threshold, e.SKU, e.WarehouseID, e.Region, e.LowMark, e.Held, e.OnHand, e.Available, e.Trace))
		}
	}
	return told
}

func expectThresholds(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("told\n %q, expected\n %q", got, want)
	}
}

func TestACrossingIsToldWithTheLevelAfterItsEntry(t *testing.T) {
	expectThresholds(t, thresholds(crossings(t, 0)...),
		"1 LOW B of W1 in south: mark 9, 0 of 3 held, 3 left, trace-2",
		"2 LOW A of W1 in south: mark 4, 0 of 4 held, 4 left, trace-3",
		"3 BACK B of W1 in south: mark 9, 0 of 20 held, 20 left, trace-4",
		"3 OUT A of W1 in south: mark 4, 0 of 0 held, 0 left, trace-5",
		"4 LOW B of W1 in south: mark 20, 0 of 20 held, 20 left, trace-mark",
	)
}

// Nobody ever saw what was between two commands of one entry.
func TestAnEntryTellsOfASKUOnceAndOnlyWhatIsSoAfterIt(t *testing.T) {
	s := newShelf(t, 0)
	s.entry(s.count("A", 10), lowMark("A", 4))
	s.entry(s.count("A", 4), s.count("A", 0), s.count("A", 2), s.count("A", 1))
	s.entry(s.count("A", 9), s.count("A", 0), s.count("A", 3))
	s.entry(s.count("A", 0), s.count("A", 5), s.count("A", 7), lowMark("A", 6))
	expectThresholds(t, thresholds(s.entries...),
		"2 LOW A of W1 in south: mark 4, 0 of 1 held, 1 left, trace-5",
		"4 BACK A of W1 in south: mark 6, 0 of 7 held, 7 left, trace-11",
	)
}

func TestWhatIsToldOfAMarkHasOneIDHoweverOftenAndByWhomItIsPublished(t *testing.T) {
	es, ids := crossings(t, 0), map[ledger.UUID]bool{}
	for _, some := range [][]*ledger.Entry{es, es[2:], es[:3], es} {
		for _, e := range relay.PublicEvents(id, "south", some) {
			if _, ok := e.(ports.Threshold); ok {
				ids[e.Header().ID] = true
			}
		}
	}
	if len(ids) != 5 {
		t.Errorf("5 events have %d ids", len(ids))
	}
}

func TestARowSaysThatItsChangeMadeTheSKUCross(t *testing.T) {
	for how, rows := range map[string][]ports.EventRow{"published directly": derived(t, crossings(t, 0)), "left to capture": appended(t, id, crossings(t, 0)).all().Events} {
		got := map[string]bool{}
		for _, r := range rows {
			m, err := relay.ReadMetadata(r)
			if err != nil {
				t.Fatal(err)
			}
			low := "none"
			if m.LowMark != nil {
				low = fmt.Sprint(*m.LowMark)
			}
			if m.Threshold != "" || r.EventType == relay.MarkedEvent {
				got[fmt.Sprintf("%d.%d %s %s %d, seq %d: %s at %s", m.Version, m.Ordinal, r.EventType, r.SKU, r.Quantity, m.Seq, m.Threshold, low)] = true
			}
		}
		for _, want := range []string{
			"1.2 MARKED A 4, seq 0:  at 4", "1.3 MARKED B 9, seq 0: LOW at 9", "2.0 ADJUSTED A -6, seq 2: LOW at 4",
			"3.0 ADJUSTED B 17, seq 2: BACK at 9", "3.1 ADJUSTED A -4, seq 3: OUT at 4", "4.0 MARKED B 20, seq 0: LOW at 20",
		} {
			if !got[want] {
				t.Errorf("%s: no row %q in %v", how, want, got)
			}
			delete(got, want)
		}
		if len(got) > 0 {
			t.Errorf("%s: rows %v as well", how, got)
		}
	}
}

func derived(t *testing.T, entries []*ledger.Entry) []ports.EventRow {
	t.Helper()
	rows, err := relay.Derive(id, entries)
	if err != nil {
		t.Fatal(err)
	}
	return rows.Events
}

func TestAMarkThatIsTakenAwayHasARowAndTellsNobody(t *testing.T) {
	s := newShelf(t, 0)
	s.entry(s.count("A", 1), lowMark("A", 4))
	s.entry(lowMark("A", stock.NoMark))
	rows := derived(t, s.entries[1:])
	if len(rows) != 1 || rows[0].EventType != relay.MarkedEvent || rows[0].Quantity != 0 || len(thresholds(s.entries[1])) > 0 {
		t.Errorf("rows %+v, told %q", rows, thresholds(s.entries[1]))
	}
}
