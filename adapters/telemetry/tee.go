package telemetry

import "inventory/ports"

// Tee returns an Observer that tells each of observers, in their order.
func Tee(observers ...ports.Observer) ports.Observer { return tee(observers) }

type tee []ports.Observer

// Observe implements ports.Observer.
func (t tee) Observe(e ports.Event) {
	for _, o := range t {
		o.Observe(e)
	}
}
