package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"inventory/ports"
)

// eventRow is a row of the SKU A in W, whose time follows from its version.
func eventRow(kind string, quantity, version int64, ordinal int, seq, onHand, held int64, order string) ports.EventRow {
	return ports.EventRow{
		SKU: "A", WarehouseID: "W", EventType: kind, Quantity: quantity, OccurredAt: time.UnixMilli(version),
		Metadata: fmt.Sprintf(`{"v":1,"ledger":"stock/W/0","version":%d,"ordinal":%d,"seq":%d,"on_hand":%d,"held":%d,"order_id":%q}`,
			version, ordinal, seq, onHand, held, order),
	}
}

// unwound gives the lines of rows that come newest first.
func unwound(t *testing.T, rows ...ports.EventRow) (lines []StoryLine) {
	t.Helper()
	u := &unwinding{below: 100, take: func(l StoryLine) bool { lines = append(lines, l); return true }}
	for _, r := range rows {
		if err := u.row(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := u.end(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func wantLines(t *testing.T, lines []StoryLine, want ...string) {
	t.Helper()
	var found []string
	for _, l := range lines {
		found = append(found, fmt.Sprint(l.Seq, " ", l.What, " ", l.Before, " ", l.After, " ", l.Note))
	}
	if f, w := strings.Join(found, "\n"), strings.Join(want, "\n"); f != w {
		t.Errorf("expected\n%s\nfound\n%s", w, f)
	}
}

func TestTheChangesOfAnEntryAreToldInTheirOrder(t *testing.T) {
	lines := unwound(t,
		eventRow("HELD", 1, 101, 0, 6, 10, 1, "later"), // beyond what is looked at
		eventRow("CONFIRMED", 2, 9, 5, 5, 8, 0, "o"),
		eventRow("HELD", 2, 7, 2, 2, 10, 2, "p"),
		eventRow("HELD", 2, 7, 9, 4, 10, 2, "o"),
		eventRow("RELEASED", 2, 7, 3, 3, 10, 0, "p"),
		eventRow("inventory.reserved.v1", 2, 6, 0, 0, 0, 0, "p"), // changes no stock
		eventRow("ADJUSTED", 10, 1, 0, 1, 10, 0, ""),
	)
	wantLines(t, lines,
		"5 CONFIRMED {10 2} {8 0} ", "4 HELD {10 0} {10 2} ", "3 RELEASED {10 2} {10 0} ", "2 HELD {10 0} {10 2} ", "1 ADJUSTED {0 0} {10 0} ")
}

// A correction is what its metadata says, whatever its quantity is.
func TestACorrectionIsLabelledAndFolded(t *testing.T) {
	rows := []ports.EventRow{
		eventRow("HELD", 1, 4, 0, 4, 9, 2, "q"), eventRow("CORRECTED", -3, 3, 0, 3, 9, 1, "o"),
		eventRow("HELD", 4, 2, 0, 2, 10, 4, "o"), eventRow("ADJUSTED", 10, 1, 0, 1, 10, 0, ""),
	}
	lines := unwound(t, rows...)
	wantLines(t, lines, "4 HELD {9 1} {9 2} ", "3 CORRECTED {10 4} {9 1} ", "2 HELD {10 0} {10 4} ", "1 ADJUSTED {0 0} {10 0} ")
	wantHolds(t, lines, 2, "q 1, o 1", 0, false)
}

func TestWhatIsMissingOrDoesNotAddUpIsNoted(t *testing.T) {
	wantLines(t, unwound(t, eventRow("HELD", 1, 9, 0, 9, 10, 3, "o"), eventRow("HELD", 1, 5, 0, 5, 10, 2, "p"), eventRow("HELD", 1, 4, 0, 4, 10, 0, "q")),
		"9 HELD {10 2} {10 3} 3 changes before this one are not in inventory.events",
		"5 HELD {10 0} {10 2} does not add up: on_hand 10, held 1 follow",
		"4 HELD {10 -1} {10 0} 3 changes before this one are not in inventory.events")
	u := &unwinding{below: 100}
	if err := u.row(ports.EventRow{SKU: "A", Metadata: "{"}); err == nil || FailureOf(err).Code != "CORRUPT" {
		t.Errorf("metadata that can't be read: %v", err)
	}
}

func wantHolds(t *testing.T, lines []StoryLine, limit int, want string, missing int64, cut bool) {
	t.Helper()
	f := &holdFold{ended: map[string]int64{}, missing: lines[0].After.Held}
	for _, l := range lines {
		if !f.back(l, limit) {
			break
		}
	}
	var found []string
	for _, h := range f.holds {
		found = append(found, fmt.Sprint(h.OrderID, " ", h.Quantity))
	}
	if got := strings.Join(found, ", "); got != want || f.missing != missing || f.cut != cut {
		t.Errorf("expected holds %q, %d units missing, cut %t; found %q, %d, %t", want, missing, cut, got, f.missing, f.cut)
	}
}

func TestHoldsThatWereLiveAreFoundNewestFirst(t *testing.T) {
	lines := unwound(t,
		eventRow("HELD", 1, 9, 0, 8, 7, 6, "late"), eventRow("RELEASED", 2, 8, 1, 7, 7, 5, "short"), eventRow("CONFIRMED", 1, 8, 0, 6, 7, 7, "short"),
		eventRow("HELD", 3, 6, 0, 5, 8, 8, "short"), eventRow("HELD", 5, 5, 0, 4, 8, 5, "long"),
		eventRow("CONFIRMED", 2, 4, 0, 3, 8, 0, "late"), eventRow("HELD", 2, 3, 0, 2, 10, 2, "late"), eventRow("ADJUSTED", 10, 1, 0, 1, 10, 0, ""))
	wantHolds(t, lines, 9, "late 1, long 5", 0, false)
	wantHolds(t, lines, 1, "late 1", 5, true)
	lost := unwound(t, eventRow("HELD", 1, 9, 0, 8, 7, 6, "o"))
	wantHolds(t, lost, 9, "o 1", 5, false)
}

func TestAReaderThatHasEnoughReadsOneChangeMore(t *testing.T) {
	var lines []StoryLine
	u := &unwinding{below: 100, take: func(l StoryLine) bool { lines = append(lines, l); return len(lines) < 2 }}
	read := 0
	for version := int64(50); version > 0; version-- {
		read++
		if err := u.row(eventRow("HELD", 1, version, 0, version, 100, version, "o")); err != nil {
			if !errors.Is(err, errEnough) {
				t.Fatal(err)
			}
			break
		}
	}
	if len(lines) != 2 || read > 4 {
		t.Errorf("2 lines expected of few rows, found %d of %d", len(lines), read)
	}
}
