package embedded

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"inventory/ports"
)

// DefaultRegistryAddr is where a registry listens by default.
const DefaultRegistryAddr = "127.0.0.1:8081"

// registryFile is what a registry keeps in its directory.
const registryFile = "registry.json"

// registryClose is how long requests under way may take when it closes.
const registryClose = 5 * time.Second

// RegistryConfig says how a registry runs. Its zero value keeps everything in memory.
type RegistryConfig struct {
	// Addr is HOST:PORT to listen on. Port 0 lets the system choose.
	Addr string
	// DataDir keeps schemas, versions and levels. One registry at a time may use it: hold
	// a lock. Empty keeps all in memory until Close.
	DataDir string
}

// Registry is a schema registry in this process that speaks the Confluent REST API, for
// Avro. Every change is on disk, power cut or not, before it is answered.
//
// It differs from Confluent's in this: schemas are always compared normalized; what an id
// stands for is never forgotten, even when all versions with it are deleted for good; a
// subject's level stays until the subject is deleted for good; references, other
// modes than READWRITE, contexts and rules are refused or absent.
type Registry struct {
	url    string
	server *http.Server
	served chan error
}

// StartRegistry starts a registry, which ctx bounds no longer than the start.
// ErrPermanent where the address or the directory can't be used; the message says what
// to do.
func StartRegistry(ctx context.Context, cfg RegistryConfig) (*Registry, error) {
	if cfg.Addr == "" {
		cfg.Addr = DefaultRegistryAddr
	}
	var file string
	if cfg.DataDir != "" {
		file = filepath.Join(cfg.DataDir, registryFile)
	}
	catalogue, err := openCatalogue(file)
	if err != nil {
		return nil, fmt.Errorf("%w: the embedded registry: %w", ports.ErrPermanent, err)
	}
	ln, err := listen(ctx, "registry", cfg.Addr, "--registry-addr")
	if err != nil {
		return nil, err
	}
	r := &Registry{url: "http://" + ln.Addr().String(), served: make(chan error, 1)}
	r.server = &http.Server{
		Handler:           (&api{catalogue}).routes(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	go func() { r.served <- r.server.Serve(ln) }()
	return r, nil
}

// URL is what clients are given, such as http://127.0.0.1:8081.
func (r *Registry) URL() string { return r.url }

// Close lets requests under way finish, within five seconds. Everything answered is safe
// whatever it returns. It may be called twice.
func (r *Registry) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), registryClose)
	defer cancel()
	err := r.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("embedded registry: requests under way were cut off: %w", err), r.server.Close())
	}
	served := <-r.served
	r.served <- served // for the next call
	if !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("embedded registry: %w", served))
	}
	return err
}
