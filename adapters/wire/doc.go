// Package wire carries requests and messages between the members of a fleet: Client
// implements ports.Wire, Server hands what comes in to a ports.WireHandler. What the bytes
// say is the application's.
//
// A client has one connection to each member that it talks to, and on it one gRPC stream
// both ways. gRPC does connecting, TLS, flow control and the end of connections. A message
// of the stream is a batch of frames, whatever waits when the writer gets to it, because a
// gRPC call for each request costs ten times as much (docs/adr/0014-the-wire.md).
//
// A connection that is broken is made again when something is to be sent. Only cmd and
// tests import this package.
package wire
