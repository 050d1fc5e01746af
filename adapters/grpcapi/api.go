package grpcapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"
	"connectrpc.com/grpcreflect"

	"inventory/app"
	"inventory/app/scan"
	"inventory/app/watch"
	"inventory/schemas/proto/inventory/v1/inventoryv1connect"
)

// UseCases is what the API needs of an app.Inventory, whose methods say what they do and
// which errors they give.
type UseCases interface {
	app.Scanning
	WatchStock(context.Context, app.WatchRequest) (*watch.Watcher, error)
	EndWatches()
}

var _ UseCases = (*app.Inventory)(nil)

// Options are what a deployment sets.
type Options struct {
	// Ready says why this process is not ready, nil where it is. Health is made of it.
	Ready func(context.Context) error
	// Scans is what streams of scans share with others who scan. The server's shutdown ends it.
	Scans *scan.Room
	// Log is told what a client is not: why something is broken. All must be set.
	Log func(procedure string, err error)
}

// Bounds of what clients can hold up.
const (
	// maxRequest bounds a request's message, in bytes.
	maxRequest = 256 << 10
	// requestPatience bounds how long a request's message may take to come.
	requestPatience = 15 * time.Second
	// writePatience bounds how long a client may take nothing while there is something to send. It
	// is longer than the time between two heartbeats.
	writePatience = 30 * time.Second
	// pingAfter is the silence of a connection after which its client is asked whether it lives,
	// and how long it may take to say so.
	pingAfter = 20 * time.Second
	// worthCompressing is the least size of a message that is compressed for those who accept
	// that: of snapshots. It would be done anew for each watch.
	worthCompressing = 16 << 10
)

// API serves the services. It is safe for concurrent use.
type API struct {
	in      UseCases
	options Options
	mux     *http.ServeMux
	paths   []string // what its paths begin with
	// patience is writePatience, but in tests.
	patience time.Duration
}

// New makes the services of in.
func New(in UseCases, o Options) *API {
	a := &API{in: in, options: o, mux: http.NewServeMux(), patience: writePatience}
	handling := []connect.HandlerOption{
		connect.WithReadMaxBytes(maxRequest), connect.WithCompressMinBytes(worthCompressing), connect.WithRecover(a.recovered),
	}
	short := connect.WithConditionalHandlerOptions(func(s connect.Spec) []connect.HandlerOption {
		if s.Procedure != inventoryv1connect.StockServiceScanProcedure {
			return nil
		}
		return []connect.HandlerOption{connect.WithReadMaxBytes(maxScan)}
	})
	a.handle(inventoryv1connect.NewStockServiceHandler(&stockService{a}, append(slices.Clone(handling), short)...))
	a.handle(grpchealth.NewHandler(&health{a}, handling...))
	reflector := grpcreflect.NewStaticReflector(inventoryv1connect.StockServiceName, grpchealth.HealthV1ServiceName)
	a.handle(grpcreflect.NewHandlerV1(reflector, handling...))
	a.handle(grpcreflect.NewHandlerV1Alpha(reflector, handling...))
	return a
}

func (a *API) handle(path string, h http.Handler) {
	a.mux.Handle(path, h)
	a.paths = append(a.paths, path)
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l := &line{ResponseController: http.NewResponseController(w), patience: a.patience, binary: isBinary(r.Header.Get("Content-Type"))}
	_ = l.SetReadDeadline(time.Now().Add(requestPatience)) // a writer without deadlines has none to set
	a.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), lineKey{}, l)))
}

// Attach has a server answer the services' paths beside its handler's, over HTTP/1.1 and over
// HTTP/2, with TLS or without. The server's shutdown ends all watches, and all who scan.
func (a *API) Attach(s *http.Server) {
	next := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, path := range a.paths {
			if strings.HasPrefix(r.URL.Path, path) {
				a.ServeHTTP(w, r)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
	s.Protocols = new(http.Protocols)
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetHTTP2(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	s.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter}
	s.RegisterOnShutdown(a.in.EndWatches)
	s.RegisterOnShutdown(a.options.Scans.End)
}

// recovered answers after a panic, which is told.
func (a *API) recovered(_ context.Context, spec connect.Spec, _ http.Header, cause any) error {
	a.options.Log(spec.Procedure, fmt.Errorf("panic: %v", cause))
	return connect.NewError(connect.CodeInternal, errors.New(broken))
}

// lineKey is the key of a request's line.
type lineKey struct{}

// line is the way back to a client.
type line struct {
	*http.ResponseController
	patience time.Duration
	until    time.Time // when the client must have taken what is sent
	binary   bool      // messages are sent as protobuf, not as JSON
}

// isBinary tells whether a media type of gRPC, gRPC-Web or Connect is of protobuf.
func isBinary(media string) bool {
	switch media {
	case "application/grpc", "application/grpc-web":
		return true
	}
	return strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+proto")
}

func lineOf(ctx context.Context) *line { return ctx.Value(lineKey{}).(*line) }

// open lets a stream last as long as it likes, now that its request was read.
func (l *line) open() { _ = l.SetReadDeadline(time.Time{}) }

// rest lets a stream have nothing to send for as long as it likes.
func (l *line) rest() {
	l.until = time.Time{}
	_ = l.SetWriteDeadline(l.until)
}

// interrupt has whoever reads from the client wait for no more.
func (l *line) interrupt() { _ = l.SetReadDeadline(time.Now()) }

// extend gives a client time to take what is sent next.
func (l *line) extend() {
	if now := time.Now(); l.until.Sub(now) < l.patience*3/4 {
		l.until = now.Add(l.patience)
		_ = l.SetWriteDeadline(l.until)
	}
}
