package stock

import (
	"testing"
	"time"

	"inventory/domain/ledger"
)

// levelOf is a level of the week of noon, with nothing moved yet.
func levelOf(onHand, held int64) Level {
	return Level{onHand: onHand, held: held, week: Week{ISO: 202648, Opening: onHand}}
}

// noon is a moment of 2026-W48.
var noon = time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC).UnixMilli()

func TestMovementsOfALevel(t *testing.T) {
	tests := []struct {
		name         string
		onHand, held int64
		m            Movement
		q            int64
		wantOn       int64
		wantHeld     int64
		ok           bool
	}{
		{"hold some", 10, 2, Held, 3, 10, 5, true},
		{"hold the last unit", 10, 9, Held, 1, 10, 10, true},
		{"hold more than there is", 10, 9, Held, 2, 0, 0, false},
		{"hold nothing", 10, 0, Held, 0, 0, 0, false},
		{"hold less than nothing", 10, 5, Held, -1, 0, 0, false},
		{"hold so much that it overflows", 10, 5, Held, 1<<63 - 1, 0, 0, false},
		{"release some", 10, 5, Released, 3, 10, 2, true},
		{"release while short", 1, 5, Released, 3, 1, 2, true},
		{"release more than is held", 10, 5, Released, 6, 0, 0, false},
		{"release nothing", 10, 5, Released, 0, 0, 0, false},
		{"confirm some", 10, 5, Confirmed, 5, 5, 0, true},
		{"confirm more than is held", 10, 5, Confirmed, 6, 0, 0, false},
		{"confirm more than is on hand", 3, 5, Confirmed, 4, 0, 0, false},
		{"confirm while short", 3, 5, Confirmed, 3, 0, 2, true},
		{"adjust up", 10, 5, Adjusted, 5, 15, 5, true},
		{"adjust up to the limit", 10, 5, Adjusted, MaxQuantity - 10, MaxQuantity, 5, true},
		{"adjust above the limit", 10, 5, Adjusted, MaxQuantity - 9, 0, 0, false},
		{"adjust down to nothing", 10, 0, Adjusted, -10, 0, 0, true},
		{"adjust below what is held", 10, 5, Adjusted, -7, 3, 5, true},
		{"adjust below zero", 10, 5, Adjusted, -11, 0, 0, false},
		{"adjust by nothing, as a count may", 10, 5, Adjusted, 0, 10, 5, true},
		{"a movement that there isn't", 10, 5, Movement(5), 1, 0, 0, false},
		{"no movement", 10, 5, Movement(0), 1, 0, 0, false},
	}
	for _, tt := range tests {
		before := levelOf(tt.onHand, tt.held)
		after, err := before.moved(tt.m, Receipt, tt.q, ledger.Stamp{Version: 7, At: noon})
		if (err == nil) != tt.ok {
			t.Errorf("%s: got error %v", tt.name, err)
		}
		if tt.ok && (after.OnHand() != tt.wantOn || after.Held() != tt.wantHeld || after.Seq() != 1 || after.Version() != 7) {
			t.Errorf("%s: got %+v, want on hand %d, held %d, seq 1, version 7", tt.name, after, tt.wantOn, tt.wantHeld)
		}
	}
}

func TestAvailableAndShortAreNeverNegative(t *testing.T) {
	for _, tt := range []struct{ onHand, held, available, short int64 }{
		{0, 0, 0, 0}, {10, 0, 10, 0}, {10, 4, 6, 0}, {10, 10, 0, 0}, {4, 10, 0, 6}, {0, 1, 0, 1},
	} {
		l := levelOf(tt.onHand, tt.held)
		if l.Available() != tt.available || l.Short() != tt.short {
			t.Errorf("on hand %d, held %d: got available %d, short %d", tt.onHand, tt.held, l.Available(), l.Short())
		}
	}
}

func TestAWeekSumsUpWhatMovedByWhy(t *testing.T) {
	at := ledger.Stamp{Version: 1, At: noon}
	l := Level{}
	for _, step := range []struct {
		m    Movement
		kind AdjustmentType
		q    int64
	}{
		{Adjusted, Receipt, 100},
		{Adjusted, Return, 5},
		{Adjusted, Damage, -3},
		{Adjusted, Loss, -2},
		{Adjusted, Correction, 4},
		{Adjusted, Count, -1},
		{Held, "", 20},
		{Released, "", 5},
		{Confirmed, "", 15},
	} {
		var err error
		if l, err = l.moved(step.m, step.kind, step.q, at); err != nil {
			t.Fatal(err)
		}
	}
	if want := (Week{ISO: 202648, Opening: 0, Received: 105, Adjusted: -2, Picked: 15}); l.Week() != want {
		t.Errorf("got %+v, want %+v", l.Week(), want)
	}
	if l.OnHand() != 88 || l.Held() != 0 || l.Seq() != 9 {
		t.Errorf("got %+v", l)
	}
}

func TestANewISOWeekOpensWithWhatIsOnHand(t *testing.T) {
	date := func(y int, m time.Month, d, h int) int64 { return time.Date(y, m, d, h, 0, 0, 0, time.UTC).UnixMilli() }
	tests := []struct {
		name          string
		before, after int64
		week          string
		rolls         bool
	}{
		{"Sunday to Monday", date(2026, 11, 29, 23), date(2026, 11, 30, 0), "2026-W49", true},
		{"Monday to Sunday", date(2026, 11, 23, 0), date(2026, 11, 29, 23), "2026-W48", false},
		{"New Year within week 53", date(2020, 12, 31, 23), date(2021, 1, 1, 0), "2020-W53", false},
		{"week 53 to week 1", date(2021, 1, 3, 23), date(2021, 1, 4, 0), "2021-W01", true},
		{"week 1 starts in the old year", date(2024, 12, 29, 23), date(2024, 12, 30, 0), "2025-W01", true},
		{"a year of 53 weeks ends in the next", date(2026, 12, 31, 12), date(2027, 1, 3, 23), "2026-W53", false},
		{"a year later, the same week number", date(2025, 11, 25, 12), date(2026, 11, 25, 12), "2026-W48", true},
	}
	for _, tt := range tests {
		l, err := Level{}.moved(Adjusted, Receipt, 10, ledger.Stamp{Version: 1, At: tt.before})
		if err != nil {
			t.Fatal(err)
		}
		if l, err = l.moved(Adjusted, Receipt, 5, ledger.Stamp{Version: 2, At: tt.after}); err != nil {
			t.Fatal(err)
		}
		want := Week{ISO: l.week.ISO, Opening: 0, Received: 15}
		if tt.rolls {
			want.Opening, want.Received = 10, 5
		}
		if l.Week() != want || l.Week().String() != tt.week {
			t.Errorf("%s: got %s %+v, want %s %+v", tt.name, l.Week(), l.Week(), tt.week, want)
		}
	}
}

func TestMovementsAreNamedAsTheEventsTableNamesThem(t *testing.T) {
	for m, want := range map[Movement]string{Held: "HELD", Released: "RELEASED", Confirmed: "CONFIRMED", Adjusted: "ADJUSTED", 9: "Movement(9)"} {
		if m.String() != want {
			t.Errorf("got %s, want %s", m, want)
		}
	}
}
