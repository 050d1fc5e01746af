package httpapi

import (
	"fmt"
	"net/http"
	"strings"
)

// registerFiles serves what is no operation: the document, the metrics and a first page.
func (a *API) registerFiles() {
	a.serveBytes("/openapi.yaml", "application/yaml", a.yaml)
	a.serveBytes("/openapi.json", jsonType, a.json)
	files := []string{"GET /openapi.yaml", "GET /openapi.json"}
	if a.options.Metrics != nil {
		a.handle("GET /metrics", a.options.Metrics)
		files = append(files, "GET /metrics")
	}
	a.serveBytes("/{$}", "text/plain; charset=utf-8", a.page(files))
}

func (a *API) serveBytes(path, mediaType string, body []byte) {
	a.handle("GET "+path, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		_, _ = w.Write(body) // a client that is gone is told nothing
	}))
}

// handle serves a route that writes its answer itself.
func (a *API) handle(route string, h http.Handler) {
	a.mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
		w.(*exchange).route = route
		h.ServeHTTP(w, r)
	})
}

// page lists what there is.
func (a *API) page(files []string) []byte {
	var b strings.Builder
	b.WriteString("inventory: how much of each SKU is in each warehouse, how much of it is promised, and to whom\n\n")
	for _, op := range a.operations {
		fmt.Fprintf(&b, "%-52s %s\n", op.route, op.summary)
	}
	b.WriteString("\n" + strings.Join(files, "\n") + "\n")
	return []byte(b.String())
}
