// Package client is what programs in Go use the service by: it watches stock, sends scans, reads
// and adjusts, and does again what a network, or a process that ends, has cut.
//
// It needs nothing of the service but the definitions in schemas/proto. What may have been done is
// asked again under the same id, which does nothing twice. Tests of the service use it as other
// programs do.
package client
