// Package httpapi serves the inventory over HTTP: JSON bodies, problem+json (RFC 9457)
// for whatever is refused, and an OpenAPI 3.1 document made of the same declarations that
// serve the requests. It decides nothing: it reads a request strictly, names all of its
// faults, calls one use case and writes the answer.
//
// huma gives the schemas, the document and the routes on the standard mux. Requests are
// read here rather than by huma, which decodes each body twice, takes duplicate keys and
// stops at the first fault of some kinds.
//
// It is the one adapter that imports app, since it drives the use cases rather than
// serving a port. Only cmd and tests import it.
package httpapi
