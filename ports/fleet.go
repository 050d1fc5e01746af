package ports

import "context"

// Member is one start of a process of the fleet, as it tells of itself.
type Member struct {
	ID      string // of this start: no other start ever has it; it is Head.Owner of what it owns
	Name    string // of its place: the same after a restart, another for each process
	Addr    string // where other members reach it (host:port); empty: they can't
	Version string // of the program
	Beat    int64  // grows while it lives
	Willing bool   // it takes ledgers; one that is ending, out of others' reach, or whose clock is wrong, does not
}

// Members knows which processes there are. What it says only helps to share the ledgers out:
// a member that it is wrong about still owns nothing that the journal does not say it owns.
type Members interface {
	// Beat writes what a member says of itself, whole, in place of what it said before. It is
	// seen by every Members that begins after it returned nil. Where no more comes it may be
	// forgotten after a while, not before the lease of a dead owner is long over. Errors:
	// ErrTransient, ErrUnknown, ErrPermanent.
	Beat(ctx context.Context, m Member) error
	// Members lists the members that are not forgotten, in the order of their ids. A dead one
	// may be among them: its Beat stands still. Errors: ErrTransient, ErrPermanent.
	Members(ctx context.Context) ([]Member, error)
	// Leave forgets a member at once; it is the last that the member does. A Beat of it that
	// is still under way may bring it back, as one of a dead member. Idempotent. Errors as
	// Beat's.
	Leave(ctx context.Context, id string) error
}

// Wire carries bytes between the members of a fleet.
type Wire interface {
	// Call sends a request to the member at addr and returns its answer. The member is given
	// as long as ctx has left. ErrTransient: the request certainly did not get there (no
	// connection, too many calls under way); ErrPermanent: nor will it ever (it is too long);
	// ErrUnknown: it may have, as when the connection broke or ctx ended. The answer is the
	// caller's to keep; request must not change before Call returns.
	Call(ctx context.Context, addr string, request []byte) (answer []byte, err error)
	// Tell sends a message, in order with others to the same member while the connection
	// lasts. It does not wait, and the message may be lost. message is Tell's to keep.
	Tell(addr string, message []byte)
}

// WireHandler is told what members send.
type WireHandler interface {
	// Answer answers a request, each in a goroutine of its own; its context ends with the
	// caller's deadline, or with the connection.
	Answer(ctx context.Context, request []byte) []byte
	// Hear takes a message, in the order in which one member sent them. It does not wait.
	Hear(message []byte)
}
