package console

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"inventory/app"
	"inventory/app/fleet"
	"inventory/app/letters"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/stock"
)

// Root is what all paths of the console begin with.
const Root = "/console"

// UseCases is what the console shows of an app.Inventory, whose methods say what they do and
// which errors they give.
type UseCases interface {
	Stock(ctx context.Context, sku, region string) (app.Stock, error)
	Trends(ctx context.Context, sku string, weeks int) ([]app.Trend, error)
	Why(context.Context, app.WhyRequest) (app.Why, error)
	Lapsing(ctx context.Context, within time.Duration, most int) (app.Lapsing, error)
	Warehouses(context.Context) ([]stock.Warehouse, error)
	Everywhere(context.Context) ([]fleet.Standing, error)
	Reconcile(context.Context) (app.Reconciliation, error)
}

var _ UseCases = (*app.Inventory)(nil)

// Letters is what the console shows and does of dead letters.
type Letters interface {
	Groups(context.Context, letter.Filter) ([]letter.GroupStanding, error)
	List(context.Context, letter.Filter, letters.Page) (letters.Listed, error)
	Show(context.Context, ledger.UUID) (letters.Shown, error)
	Audits(context.Context) ([]letter.Audit, error)
	Rehearse(context.Context, letter.Filter, letters.Page) (letters.Rehearsed, error)
	Jobs(context.Context) ([]letter.JobStanding, error)
	Job(context.Context, ledger.UUID) (letter.JobStanding, error)
	Report(context.Context, ledger.UUID, letters.Page) ([]letter.Fate, bool, error)
	Replay(context.Context, letters.ReplayRequest) (letter.JobStanding, error)
	Cancel(context.Context, ledger.UUID, letters.Who) (letter.JobStanding, error)
	Discard(context.Context, letter.Filter, letters.Who) (int, error)
	Restore(context.Context, letter.Filter, letters.Who) (int, error)
}

var _ Letters = (*letters.Desk)(nil)

// Options are what a deployment sets. All functions must be set.
type Options struct {
	Ready   func(context.Context) error // why this process is not ready; nil: it is
	Log     func(route string, err error)
	Now     func() time.Time
	Status  func(app.FailureKind) int // of HTTP, for a failure
	Version string                    // of the program
	// Acts lets people replay, discard and restore letters; else the console reads only.
	Acts bool
}

// Bounds of what people, and programs that act like them, can hold up.
const (
	timeout     = 10 * time.Second
	longTimeout = 5 * time.Minute // of a reconciliation, which reads all that is stored
	mostAtOnce  = 32
	maxForm     = 64 << 10 // bytes
)

//go:embed static
var static embed.FS

// Console serves the pages. It is safe for concurrent use.
type Console struct {
	in      UseCases
	desk    Letters
	options Options
	mux     *http.ServeMux
	sameWay *http.CrossOriginProtection // other sites can't have people's browsers act here
	room    chan struct{}
}

// New makes the console of in and desk.
func New(in UseCases, desk Letters, o Options) *Console {
	c := &Console{
		in: in, desk: desk, options: o, mux: http.NewServeMux(), sameWay: http.NewCrossOriginProtection(), room: make(chan struct{}, mostAtOnce),
	}
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // of what is embedded
	}
	c.mux.Handle("GET "+Root+"/static/", http.StripPrefix(Root+"/static/", http.FileServerFS(files)))
	for route, show := range map[string]func(*http.Request) (view, error){
		"GET /{$}":                             c.overview,
		"GET /search":                          c.search,
		"GET /skus/{sku}":                      c.sku,
		"GET /orders/{order}":                  c.order,
		"GET /holds":                           c.holds,
		"GET /ledgers":                         c.ledgers,
		"GET /letters":                         c.letters,
		"GET /letters/{letter}":                c.letter,
		"GET /letters/groups/{group}":          c.group,
		"POST /letters/groups/{group}/replay":  c.acting(c.replay),
		"POST /letters/groups/{group}/discard": c.acting(c.discard),
		"POST /letters/{letter}/restore":       c.acting(c.restore),
		"GET /letters/jobs/{job}":              c.job,
		"POST /letters/jobs/{job}/cancel":      c.acting(c.cancel),
		"GET /reconcile":                       c.reconcileForm,
		"POST /reconcile":                      c.reconcile,
		"/":                                    c.nothing,
	} {
		method, path, _ := strings.Cut(route, " ")
		if path == "" {
			method, path = "", method
		}
		c.mux.HandleFunc(strings.TrimSpace(method+" "+Root+path), func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, show) })
	}
	return c
}

// Attach has a server answer the console's paths beside its handler's.
func (c *Console) Attach(s *http.Server) {
	next := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == Root:
			http.Redirect(w, r, Root+"/", http.StatusPermanentRedirect)
		case strings.HasPrefix(r.URL.Path, Root+"/"):
			c.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ServeHTTP implements http.Handler.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	c.mux.ServeHTTP(w, r)
}

// serve shows one page.
func (c *Console) serve(w http.ResponseWriter, r *http.Request, show func(*http.Request) (view, error)) {
	patience := timeout
	if r.Method == http.MethodPost && r.URL.Path == Root+"/reconcile" {
		patience = longTimeout
		// A writer without deadlines has none to extend.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience + timeout))
	}
	ctx, stop := context.WithTimeout(r.Context(), patience)
	defer stop()
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, err := c.make(r.WithContext(ctx), show)
	if err != nil {
		v = c.fault(r, err)
	}
	if v.elsewhere != "" {
		http.Redirect(w, r, v.elsewhere, http.StatusSeeOther)
		return
	}
	var page bytes.Buffer
	if err := c.render(&page, r, v); err != nil {
		c.options.Log(r.Pattern, err)
		http.Error(w, "the page could not be made: the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(cmp.Or(v.status, http.StatusOK))
	_, _ = page.WriteTo(w) // who has gone needs no page
}

var (
	errBusy  = errors.New("the console is asked for much at once: try again in a moment")
	errPanic = errors.New("a fault of the program: the log says which")
)

// make has a page made, unless too many are, or another site asked for it.
func (c *Console) make(r *http.Request, show func(*http.Request) (view, error)) (v view, err error) {
	select {
	case c.room <- struct{}{}:
		defer func() { <-c.room }()
	default:
		return view{}, errBusy
	}
	if err := c.sameWay.Check(r); err != nil {
		return view{}, &refusal{http.StatusForbidden, "this was asked by another site: open the console itself, and do it there"}
	}
	defer func() {
		if p := recover(); p != nil {
			c.options.Log(r.Pattern, fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack()))
			v, err = view{}, errPanic
		}
	}()
	return show(r)
}
