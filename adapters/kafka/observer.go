package kafka

import "time"

// Outcomes that Observer.Consumed is told.
const (
	Handled = "handled" // the handler took it
	Dead    = "buried"  // it is in the dead letters
)

// Observer is told what a Router does. Its methods return at once and may be called from many
// goroutines. Topics are without the deployment's prefix.
type Observer interface {
	// Consumed: a record is done with, took long after it was taken up.
	Consumed(topic string, took time.Duration, outcome string)
	// Buried: a record is in the dead letters.
	Buried(topic, code string, rec Record, err error)
	// Retrying: the handler failed for the attempt'th time, from 1, and will be tried again. code
	// is what it would be buried with.
	Retrying(topic, code string, err error, attempt int)
	// LanesInUse: so many lanes more, or fewer, have records.
	LanesInUse(delta int)
	// Trouble: something else failed, and will be tried again.
	Trouble(err error)
}
