package letter

import (
	"time"

	"inventory/domain/ledger"
)

// Group is what letters have in common that died of one cause.
type Group struct {
	Topic  string
	Code   string
	Schema int64
	Shape  string // of the error's text
}

// GroupOf gives the group of a letter.
func GroupOf(m *Meta) Group { return Group{m.Topic, m.Code, m.Schema, ShapeOf(m.Error)} }

// ID names the group on command lines: the same for the same group, everywhere.
func (g Group) ID() string {
	return ledger.NewUUIDv5(ledger.Namespace, "letters:"+g.Topic+"|"+g.Code+"|"+decimal(g.Schema)+"|"+g.Shape).String()[:8]
}

// GroupStanding is how the letters of a group stand.
type GroupStanding struct {
	Group
	Letters int
	First   time.Time // buried
	Last    time.Time
	Sample  ledger.UUID // the newest of them
}
