package console

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

//go:embed pages
var pages embed.FS

// view is a page to be shown.
type view struct {
	page   string // its template
	title  string
	active string // the part of the console that it belongs to
	status int    // 0: 200
	data   any
	// refresh is how often it is to be fetched again; 0: it stays.
	refresh time.Duration
	// elsewhere is the path of a page to go to instead.
	elsewhere string
}

// frame is what templates see.
type frame struct {
	Title, Active string
	Parts         []part
	Now           time.Time
	Version       string
	Acts          bool
	Refresh       int // seconds; 0: never
	Query         string
	Data          any
}

// part is a part of the console, with the key that leads there after g.
type part struct{ Name, Path, Key string }

var parts = []part{
	{"Overview", Root + "/", "h"},
	{"Holds", Root + "/holds", "e"},
	{"Ledgers", Root + "/ledgers", "l"},
	{"Dead letters", Root + "/letters", "d"},
	{"Reconcile", Root + "/reconcile", "r"},
}

var templates = parse()

// parse reads the templates: each page fills the layout.
func parse() map[string]*template.Template {
	layout := template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"time": timeOf, "number": number, "signed": signed, "since": since, "path": pathOf, "percent": percent, "letters": lettersOf, "lower": strings.ToLower,
	}).ParseFS(pages, "pages/layout.html", "pages/parts.html"))
	all := map[string]*template.Template{}
	for _, name := range []string{"overview", "search", "sku", "order", "holds", "ledgers", "letters", "group", "letter", "job", "reconcile", "fault"} {
		all[name] = template.Must(template.Must(layout.Clone()).ParseFS(pages, "pages/"+name+".html"))
	}
	return all
}

// render writes a page.
func (c *Console) render(w io.Writer, r *http.Request, v view) error {
	t, ok := templates[v.page]
	if !ok {
		return fmt.Errorf("there is no page %q", v.page)
	}
	return t.ExecuteTemplate(w, "layout.html", frame{
		Title: v.title, Active: v.active, Parts: parts, Now: c.options.Now().UTC(), Version: c.options.Version, Acts: c.options.Acts,
		Refresh: int(v.refresh.Seconds()), Query: r.URL.Query().Get("q"), Data: v.data,
	})
}

// pathOf makes a path of the console of its steps, each escaped.
func pathOf(steps ...any) string {
	p := Root
	for _, step := range steps {
		p += "/" + url.PathEscape(fmt.Sprint(step))
	}
	return p
}

// timeOf writes a moment as the CLI does; machines read the attribute.
func timeOf(t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	t = t.UTC()
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339Nano) + `">` + t.Format("2006-01-02 15:04:05.000Z") + `</time>`) //nolint:gosec // digits alone
}

// number groups digits by thousands.
func number(n any) string {
	s := fmt.Sprint(n)
	digits := strings.TrimPrefix(s, "-")
	if _, err := strconv.ParseUint(digits, 10, 64); err != nil {
		return s
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "\u202f" + digits[at:] // a narrow space that does not break
	}
	return s[:len(s)-len(strings.TrimPrefix(s, "-"))] + digits
}

func lettersOf(n int) string {
	if n == 1 {
		return "1 letter"
	}
	return number(n) + " letters"
}

func signed(n int64) string {
	if n > 0 {
		return "+" + number(n)
	}
	return number(n)
}

// since says how long something is ago, or away, in the unit that suits it.
func since(now, at time.Time) string {
	d, form := now.Sub(at), "%s ago"
	if d < 0 {
		d, form = -d, "in %s"
	}
	switch {
	case at.IsZero():
		return "–"
	case d < time.Second:
		return "now"
	case d < 2*time.Minute:
		return fmt.Sprintf(form, strconv.Itoa(int(d.Seconds()))+" s")
	case d < 2*time.Hour:
		return fmt.Sprintf(form, strconv.Itoa(int(d.Minutes()))+" min")
	case d < 48*time.Hour:
		return fmt.Sprintf(form, strconv.Itoa(int(d.Hours()))+" h")
	}
	return fmt.Sprintf(form, strconv.Itoa(int(d.Hours()/24))+" days")
}

// percent is a share in whole percents, rounded down: 100 means all.
func percent(n, of int) int {
	if of == 0 {
		return 0
	}
	return 100 * n / of
}
