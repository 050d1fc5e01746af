// Package orders tests the main job with the real binary, on the real servers and on the
// embedded ones: another team's client, which shares no code with the service, sends order
// events and hears outcomes, while processes and servers are killed.
//
// The client and its books (Market) also serve the tests of a fleet.
package orders
