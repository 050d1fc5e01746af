package main

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser reads the console's pages as a person's does.
type browser struct {
	*testing.T
	server string
	site   string // that its requests come from; empty: the console's own
}

func (r *running) browser(t *testing.T) *browser {
	return &browser{T: t, server: "http://" + r.flag(t, "http-addr")}
}

// do asks for a page and gives its text, where it was found, and its status. Redirects are followed.
func (b *browser) do(method, path string, form url.Values) (page, at string, status int) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, b.server+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", b.server)
	if b.site != "" {
		req.Header.Set("Origin", b.site)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
		b.Errorf("%s: policy %q", path, csp)
	}
	return html.UnescapeString(string(text)), res.Request.URL.Path, res.StatusCode
}

// shows fails the test unless a page has a status and all texts.
func (b *browser) shows(path string, status int, texts ...string) string {
	b.Helper()
	page, _, got := b.do(http.MethodGet, path, nil)
	b.has(path, page, got, status, texts...)
	return page
}

func (b *browser) has(what, page string, got, status int, texts ...string) {
	b.Helper()
	if got != status {
		b.Errorf("%s: status %d, want %d\n%s", what, got, status, page)
	}
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.Errorf("%s: %q expected in\n%s", what, text, page)
		}
	}
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// form fills a page's form that goes to an address in.
func (b *browser) form(page, action string) url.Values {
	b.Helper()
	_, rest, found := strings.Cut(page, `action="`+action+`"`)
	if !found {
		b.Fatalf("no form %s in\n%s", action, page)
	}
	rest, _, _ = strings.Cut(rest, "</form>")
	form := url.Values{"by": {"anna"}, "why": {"schema mended"}}
	for _, field := range hidden.FindAllStringSubmatch(rest, -1) {
		form.Add(field[1], field[2])
	}
	return form
}

func TestTheConsoleShowsWhatThereIsAndWhy(t *testing.T) {
	s := serving(t, t.TempDir())
	must(t, "warehouse", "put", "HCM", "south", s.server)
	must(t, "adjust", "HCM", "SKU-1", "RECEIPT", "1200", "--reference", "delivery-7", s.server)
	must(t, "reserve", "order-1", "SKU-1=3", s.server)
	must(t, "reserve", "SKU-1", "SKU-1=1", s.server) // an order that has a SKU's name
	b := s.browser(t)
	b.shows("/console", 200, "Ready.", "<span class=\"big\">2</span> orders hold stock", ">HCM</td><td>south<")
	waitFor(t, func() bool {
		page, _, _ := b.do(http.MethodGet, "/console/skus/SKU-1", nil)
		return strings.Contains(page, "<svg") // as soon as the tables have it
	})
	b.shows("/console/skus/SKU-1", 200, "1\u202f196</span> available", "delivery-7", `href="/console/orders/order-1"`, "<td class=\"n\">1\u202f200</td><td class=\"n\">4</td>", "3 → 4")
	b.shows("/console/orders/order-1", 200, `<span class="tag held">HELD</span>`, "until <time", `href="/console/skus/SKU-1"`, "ORDER_HELD")
	b.shows("/console/holds?within=24h", 200, "<strong>2</strong> orders hold", `href="/console/orders/order-1"`)
	b.shows("/console/holds?within=1s", 400, "within: expected 5m")
	b.shows("/console/ledgers", 200, "stock/HCM/0", "reservation/home/0")
	b.shows("/console/letters", 200, "No letter is open")
	b.shows("/console/search?q=SKU-1", 200, "the SKU SKU-1", "the order SKU-1")
	b.shows("/console/search?q=none", 404, "No SKU, order or reservation is named <strong>none</strong>")
	b.shows("/console/skus/none", 404, "UNKNOWN_SKU", "RECEIPT adjustment brings the first units in")
	b.shows("/console/nothing", 404, "no page at /console/nothing")
	if _, at, status := b.do(http.MethodGet, "/console/search?q=order-1", nil); at != "/console/orders/order-1" || status != 200 {
		t.Errorf("what is the name of one thing leads to %s, %d", at, status)
	}
	page, _, status := b.do(http.MethodPost, "/console/reconcile", nil)
	b.has("reconciling", page, status, 200, "No differences.", "Reconcile again")
}

func TestAReadOnlyConsoleDoesNothing(t *testing.T) {
	d := burying(t)
	d.bury("order-1", 3)
	d.letters("", 1)
	b := d.browser(t)
	group := regexp.MustCompile(`/console/letters/groups/\w+`).FindString(b.shows("/console/letters", 200, "UNLABELLED"))
	page := b.shows(group, 200, "What a replay would do now", "inventory dlq replay --group")
	if strings.Contains(page, "<form class=\"act") {
		t.Errorf("a form to act with in\n%s", page)
	}
	page, _, status := b.do(http.MethodPost, group+"/discard", url.Values{"by": {"anna"}, "why": {"no use"}, "letters": {"1"}})
	b.has("discarding", page, status, 403, "this console reads only", "--console-acts")
	d.letters("", 1)
}

func TestLettersAreReplayedAndDiscardedOnTheConsole(t *testing.T) {
	d := burying(t, "--console-acts")
	d.bury("order-1", 3)
	d.letters("", 1)
	b := d.browser(t)
	group := regexp.MustCompile(`/console/letters/groups/\w+`).FindString(b.shows("/console/letters", 200, "UNLABELLED"))
	page := b.shows(group, 200, `<span class="tag applied">applied</span>`, "10 → 10", "0 → 3", "Replay 1 letter")
	form := b.form(page, group+"/replay")
	d.bury("order-2", 3) // after the page was made
	d.letters("", 2)

	b.site = "https://elsewhere.example"
	page, _, status := b.do(http.MethodPost, group+"/replay", form)
	b.has("another site's form", page, status, 403, "asked by another site")
	b.site = ""
	page, _, status = b.do(http.MethodPost, group+"/replay", url.Values{"by": {"anna"}})
	b.has("a form without a reason", page, status, 400, "expected who you are and why")

	page, job, status := b.do(http.MethodPost, group+"/replay", form)
	b.has("replaying", page, status, 200, "By <strong>anna</strong>", "schema mended", "of 1 letter")
	waitFor(t, func() bool {
		page, _, _ = b.do(http.MethodGet, job, nil)
		return strings.Contains(page, `<span class="tag completed">completed</span>`)
	})
	b.has("the job", page, 200, 200, "100 % of 1 letter", `href="/console/orders/order-1"`)
	b.shows("/console/letters", 200, "<td>anna</td><td>replay</td>")

	page = b.shows(group, 200, "Discard 1 letter")
	form = b.form(page, group+"/discard")
	form.Set("letters", "7")
	page, _, status = b.do(http.MethodPost, group+"/discard", form)
	b.has("discarding others than the page showed", page, status, 409, "has 1 letters now")
	form.Set("letters", "1")
	page, at, status := b.do(http.MethodPost, group+"/discard", form)
	b.has("discarding", page, status, 200, "No letter is open", "<td>anna</td><td>discard</td>")
	if at != "/console/letters" {
		t.Errorf("discarding leads to %s", at)
	}
	letter := "/console/letters/" + d.letters("--state discarded", 1)[0]
	page = b.shows(letter, 200, `<span class="tag discarded">discarded</span>`, "order-2")
	if page, _, status = b.do(http.MethodPost, letter+"/restore", b.form(page, letter+"/restore")); status != 200 {
		t.Errorf("restoring: %d\n%s", status, page)
	}
	d.letters("", 1)
}
