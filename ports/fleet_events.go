package ports

import (
	"time"

	"inventory/domain/ledger"
)

// MemberCame says that another process takes part in the fleet, or shows signs of life again.
type MemberCame struct{ Member Member }

// MemberWent says that another process left the fleet, or shows no sign of life.
type MemberWent struct {
	Member Member
	Left   bool // it said so
}

// HandedOver says that this process gave a ledger up for another one to take.
type HandedOver struct {
	Ledger ledger.ID
	To     Member
	Took   time.Duration
}

// FleetTrouble says that this process can't take part in the fleet as it should: who is in it
// could not be read or told, or a ledger can't be taken.
type FleetTrouble struct{ Err error }

// Forwarded says what became of a command that this process had another one decide.
type Forwarded struct {
	Ledger  ledger.ID
	To      string // the member's name; empty: none was known
	Tries   int
	Outcome string // one of the constants below
	Err     error
	Took    time.Duration
}

// What becomes of a command that is forwarded.
const (
	ForwardDecided     = "decided"     // by the owner, whatever it said of it
	ForwardNoOwner     = "no_owner"    // nobody was found who owns the ledger: not decided
	ForwardUnreachable = "unreachable" // the request did not get to the owner: not decided
	ForwardOverloaded  = "overloaded"  // too much waits at the owner: not decided
	ForwardUnsettled   = "unsettled"   // no answer in time: nobody knows whether it was decided
	ForwardFailed      = "failed"      // the owner could not decide it
)

// ForwardOutcomes lists what can become of a command that is forwarded.
func ForwardOutcomes() []string {
	return []string{ForwardDecided, ForwardNoOwner, ForwardUnreachable, ForwardOverloaded, ForwardUnsettled, ForwardFailed}
}

func (MemberCame) event()   {}
func (MemberWent) event()   {}
func (HandedOver) event()   {}
func (FleetTrouble) event() {}
func (Forwarded) event()    {}
