package ports

import "context"

// Capture brings what was appended to inventory.events, as something that reads the store's
// own logs saw it: in any order, any number of times, and not all of it.
type Capture interface {
	// Follow calls lead, again and again until ctx ends, while this process is the one, of all
	// that follow, that is to publish; lead's ctx ends when it is that no longer, and lead is to
	// return soon. For moments two may believe to be the one. records has the metadata of rows
	// (EventRow), and may be nil: nothing captures. Trouble that may pass is waited out; an
	// error says what a person has to see to.
	Follow(ctx context.Context, lead func(ctx context.Context, records <-chan string)) error
}
