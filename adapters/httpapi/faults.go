package httpapi

import (
	"fmt"
	"strings"

	"inventory/domain/stock"
)

// maxFaults bounds what is told of one request.
const maxFaults = 100

// fault is one thing that is wrong with a request.
type fault struct {
	Location string `json:"location" doc:"Where: body.items[2].sku, query.region, header.Idempotency-Key, path.sku." example:"body.items[0].quantity"`
	Message  string `json:"message" doc:"What is wrong, for people." example:"invalid quantity 0: expected 1 to 1000000000 units"`
}

// faults collects all that is wrong with a request, so that it is told at once.
type faults struct {
	list    []fault
	dropped int
}

func (f *faults) add(location, message string) {
	if len(f.list) == maxFaults {
		f.dropped++
		return
	}
	f.list = append(f.list, fault{location, message})
}

// check notes what the domain says of a value, unless something was wrong with it, or
// with what it is part of, before: a value that is missing is not badly written too. Nor
// where there are so many faults that this can't be told.
func (f *faults) check(location string, err error) {
	if err == nil || f.dropped > 0 || f.at(location) {
		return
	}
	for _, message := range messagesOf(err) {
		f.add(location, message)
	}
}

// at tells whether something is wrong at a location, or with what it is part of.
func (f *faults) at(location string) bool {
	for _, known := range f.list {
		rest, within := strings.CutPrefix(location, known.Location)
		if within && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// err is nil, or all faults as one error.
func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	if f.dropped > 0 {
		f.list = append(f.list, fault{"request", fmt.Sprintf("%d more faults", f.dropped)})
	}
	return &malformed{f.list}
}

// malformed is a request that must be written otherwise.
type malformed struct{ faults []fault }

// Error implements error.
func (m *malformed) Error() string {
	first := m.faults[0].Location + ": " + m.faults[0].Message
	if n := len(m.faults); n > 1 {
		return fmt.Sprintf("%d faults, the first: %s", n, first)
	}
	return first
}

// Unwrap makes it one of the errors of the domain.
func (m *malformed) Unwrap() error { return stock.ErrInvalid }

// messagesOf takes errors that were joined apart.
func messagesOf(err error) []string { return strings.Split(err.Error(), "\n") }

// maxName bounds what is repeated of a name that a client made up, in bytes.
const maxName = 80

func clip(name string) string {
	if len(name) > maxName {
		return strings.ToValidUTF8(name[:maxName], "") + "..."
	}
	return name
}

// oneOf lists names for people.
func oneOf(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
