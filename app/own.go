package app

import "inventory/app/fleet"

// Own lists how the ledgers of this process stand, in order, with their live holds.
func (in *Inventory) Own() []fleet.Standing { return in.fleet.Own() }
