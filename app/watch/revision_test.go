package watch

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"inventory/domain/stock"
)

func FuzzParseRevision(f *testing.F) {
	for _, s := range []string{"", "0", "17", "17.0.4", "1.", ".", "-1", "01", "9223372036854775808", strings.Repeat("1.", 70) + "1"} {
		f.Add(s, 1+strings.Count(s, "."))
	}
	f.Fuzz(func(t *testing.T, s string, ledgers int) {
		r, err := ParseRevision(s, ledgers)
		switch {
		case err != nil && !errors.Is(err, stock.ErrInvalid):
			t.Errorf("%q: %v", s, err)
		case err == nil && r.String() != s:
			t.Errorf("%q was read as %q", s, r)
		case err == nil && s != "" && (len(r) != ledgers || slices.Min(r) < 0):
			t.Errorf("%q, of %d ledgers: %v", s, ledgers, r)
		}
	})
}

func TestARingKeepsTheNewestAndSaysWhatItLacks(t *testing.T) {
	r := ring{from: 10}
	for v := int64(11); v <= 30; v++ {
		r.add([]Change{{After: Level{Version: v}}}, 10) // room for five such entries
	}
	if r.from != 25 || r.upto() != 30 || r.weight != 10 {
		t.Fatalf("it has the entries after %d to %d, which weigh %d", r.from, r.upto(), r.weight)
	}
	for _, after := range []int64{24, 31} {
		if s, ok := r.since(after, 100); ok {
			t.Errorf("after %d there is %+v", after, s)
		}
	}
	for _, c := range []struct {
		after       int64
		most        int
		first, last int64
	}{{25, 100, 26, 30}, {28, 100, 29, 30}, {25, 2, 26, 27}, {25, 0, 26, 26}} {
		s, ok := r.since(c.after, c.most)
		if !ok || s.From != c.after || s.To != c.last || s.Changes[0].After.Version != c.first || len(s.Changes) != int(c.last-c.first)+1 {
			t.Errorf("%+v: %+v, %t", c, s, ok)
		}
	}
	if s, ok := r.since(30, 100); !ok || s.To != 30 || len(s.Changes) > 0 {
		t.Errorf("after the newest: %+v, %t", s, ok)
	}
	r.add(make([]Change, 100), 10) // one that is larger than the room
	if r.from != 30 || r.upto() != 31 {
		t.Errorf("it has the entries after %d to %d", r.from, r.upto())
	}
}
