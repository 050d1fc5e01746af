// Package scan works at what machines of warehouses scan, which may be hours of it at once: each
// scan is asked of a ledger, and asked again where that may help, while no more of them are under
// way than leaves live orders their room. It is the same for a bulk and for a stream.
//
// It knows neither what is scanned nor how it was sent: app's Scan does the one, adapters the
// other. app, adapters and cmd import it.
package scan
