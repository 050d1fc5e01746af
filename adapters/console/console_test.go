package console

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/app"
	"inventory/ports"
)

func TestAChartAddsWarehousesUpAndFillsWeeks(t *testing.T) {
	row := func(week string, onHand, held int64) ports.LevelRow {
		return ports.LevelRow{ISOWeek: week, OnHand: onHand, Held: held, Received: onHand}
	}
	c := chartOf([]app.Trend{
		{WarehouseID: "W1", Weeks: []ports.LevelRow{row("2026-W52", 10, 0), row("2027-W01", 4, 2)}},
		{WarehouseID: "W2", Weeks: []ports.LevelRow{row("2026-W53", 5, 1)}},
	})
	var seen []string
	for _, w := range c.Weeks {
		seen = append(seen, fmt.Sprint(w.Week, " ", w.OnHand, " ", w.Held, " +", w.Received))
	}
	if want := []string{"2026-W52 10 0 +10", "2026-W53 15 1 +5", "2027-W01 9 3 +4"}; !slices.Equal(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
	if want := "M8.0,70.0L360.0,10.0L712.0,82.0"; c.OnHandLine != want || c.Most != 15 {
		t.Errorf("drawn as %s of at most %d, want %s", c.OnHandLine, c.Most, want)
	}
	if c := chartOf(nil); c != nil {
		t.Errorf("nothing is drawn as %+v", c)
	}
	if all := weeksBetween("week one", "week two"); !slices.Equal(all, []string{"week one", "week two"}) {
		t.Errorf("weeks that can't be read: %v", all)
	}
}

func TestNumbersAndAgesAreEasyToRead(t *testing.T) {
	for n, want := range map[any]string{0: "0", int64(-1234567): "-1\u202f234\u202f567", 999: "999", 1000: "1\u202f000", "as it is": "as it is"} {
		if got := number(n); got != want {
			t.Errorf("%v: %q, want %q", n, got, want)
		}
	}
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{0: "now", 90 * time.Second: "90 s ago", -3 * time.Minute: "in 3 min", 5 * time.Hour: "5 h ago", 72 * time.Hour: "3 days ago"} {
		if got := since(now, now.Add(-d)); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	if got := pathOf("orders", "a/b?c"); got != "/console/orders/a%2Fb%3Fc" {
		t.Errorf("the path of an order with strange letters: %s", got)
	}
}

// failing is asked for everything, and breaks.
type failing struct{ UseCases }

func (failing) Stock(context.Context, string, string) (app.Stock, error) { panic("broken") }

func TestAFaultOfTheProgramIsToldAndLogged(t *testing.T) {
	var logged []string
	c := New(failing{}, nil, Options{Log: func(route string, err error) { logged = append(logged, route+": "+err.Error()) }, Now: time.Now, Status: func(app.FailureKind) int { return http.StatusInternalServerError }})
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/console/skus/A", nil))
	if w.Code != 500 || !strings.Contains(w.Body.String(), "a fault of the program: the log says which") || strings.Contains(w.Body.String(), "broken") {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	if len(logged) == 0 || !strings.Contains(logged[0], "console_test.go") || !strings.Contains(logged[0], "/console/skus/{sku}") {
		t.Errorf("logged %q", logged)
	}
}

// What a page shows in colour is written in console.css, and each page's markup is closed.
func TestPagesUseWhatThereIs(t *testing.T) {
	css, err := static.ReadFile("static/console.css")
	if err != nil {
		t.Fatal(err)
	}
	class := regexp.MustCompile(`class="([a-z -]+)"`)
	for name := range templates {
		page, err := pages.ReadFile("pages/" + name + ".html")
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range class.FindAllSubmatch(page, -1) {
			for one := range bytes.FieldsSeq(found[1]) {
				if !bytes.Contains(css, append([]byte("."), one...)) {
					t.Errorf("%s: the class %s is not in console.css", name, one)
				}
			}
		}
		for _, tag := range []string{"table", "tr", "td", "th", "ul", "li", "p", "form", "div", "dl"} {
			begun, ended := bytes.Count(page, []byte("<"+tag+">"))+bytes.Count(page, []byte("<"+tag+" ")), bytes.Count(page, []byte("</"+tag+">"))
			if begun != ended && name != "ledgers" { // which ends a row in either of two ways
				t.Errorf("%s: %d of %s begin, %d end", name, begun, tag, ended)
			}
		}
	}
}
