// Package grpcapi serves what warehouses watch, as schemas/proto defines it: the same handlers
// speak gRPC, gRPC-Web and Connect (JSON or protobuf over HTTP/1.1 and HTTP/2), beside the
// HTTP API on the same port. gRPC's services for health and reflection are there too.
//
// It decides nothing: it reads a request, calls one use case and writes what that tells, each
// error with a stable code. Like httpapi it imports app, since it drives the use cases rather
// than serving a port. Only cmd and tests import it.
package grpcapi
