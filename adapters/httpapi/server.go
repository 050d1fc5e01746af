package httpapi

import (
	"net/http"
	"time"
)

// Bounds of a connection. A client that is slower than these is cut off.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second // of a whole request
	writeTimeout      = 30 * time.Second // from the headers of a request to the end of its answer, where that has no longer deadline
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 16 << 10
)

// NewServer makes a server on addr with bounds on all that a client can hold up. handler
// is an API, perhaps with others around it that pass http.ResponseController through.
func NewServer(addr string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr: addr, Handler: handler,
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
	}
}
