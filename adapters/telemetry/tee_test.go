package telemetry

import (
	"fmt"
	"slices"
	"testing"

	"inventory/ports"
)

type noted struct{ events *[]string }

func (n noted) Observe(e ports.Event) { *n.events = append(*n.events, fmt.Sprintf("%T", e)) }

func TestTeeTellsEverybody(t *testing.T) {
	var first, second []string
	o := Tee(noted{&first}, noted{&second})
	o.Observe(ports.Lost{})
	o.Observe(ports.Refused{})
	if want := []string{"ports.Lost", "ports.Refused"}; !slices.Equal(first, want) || !slices.Equal(second, want) {
		t.Errorf("told %q and %q", first, second)
	}
}
