package ports

import "inventory/domain/ledger"

// IntakeStands says how many records of each order event topic the consumer group has not done
// yet, those in flight and those that no process reads among them: the same whichever process
// tells.
type IntakeStands struct {
	Records map[string]int64 // by topic, without the deployment's prefix
}

// OwnersStand says which ledgers nobody is known to own, as this process sees the fleet.
type OwnersStand struct {
	Unowned []ledger.ID
}

// What StandTrouble is of.
const (
	OfIntake = "intake"
	OfOwners = "owners"
)

// StandTrouble says that the brokers, or the store, could not be asked how things stand; they
// will be asked again. What was told before is out of date.
type StandTrouble struct {
	Of  string // OfIntake or OfOwners
	Err error
}

func (IntakeStands) event() {}
func (OwnersStand) event()  {}
func (StandTrouble) event() {}
