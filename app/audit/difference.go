package audit

import (
	"fmt"

	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// Difference is one thing that is not what the journal says.
type Difference struct {
	Kind    string // one of ports.DifferenceKinds
	Ledger  ledger.ID
	Subject string // "sku SKU-1", "order o-1", …
	What    string // "held from inventory.events"
	Journal string // what follows from the journal
	Found   string

	SKU   stock.SKU     // that it is about, if it is about one
	Order stock.OrderID // the same
	Hold  bool          // it is a hold without an order that has a part in it
	Gap   int64         // what was found less what the journal gives, of numbers
	Of    Measure       // which number
	At    int64         // the version of the ledger's entry that it was measured at, of a SKU's
}

// Measure says which number differs.
type Measure byte

// The numbers that are summed up over inventory.events.
const (
	Rows   Measure = 1
	OnHand Measure = 2
	Held   Measure = 3
)

// String gives the difference in a line.
func (d Difference) String() string {
	return fmt.Sprintf("%s: %s: %s: the journal gives %s, found %s", d.Ledger, d.Subject, d.What, d.Journal, d.Found)
}

// identity is what stays the same of a difference while its ledger goes on: of numbers that
// move, the gap between them; of memory, which is compared at one entry, that there is one.
type identity struct {
	kind    string
	ledger  ledger.ID
	subject string
	what    string
	journal string
	found   string
	gap     int64
}

func (d Difference) identity() identity {
	i := identity{kind: d.Kind, ledger: d.Ledger, subject: d.Subject, what: d.What, gap: d.Gap}
	if d.Of == 0 && d.Kind != ports.DifferentMemory && d.Kind != ports.DifferentInvariants {
		i.journal, i.found = d.Journal, d.Found
	}
	return i
}

// differences collects what differs in one look at one thing.
type differences struct {
	about Difference // what all have in common
	list  []Difference
}

func (d *differences) text(what string, journal, found any) {
	if j, f := fmt.Sprint(journal), fmt.Sprint(found); j != f {
		one := d.about
		one.What, one.Journal, one.Found = what, j, f
		d.list = append(d.list, one)
	}
}

func (d *differences) number(of Measure, what string, journal, found int64, note string) {
	if journal != found {
		one := d.about
		one.What, one.Journal, one.Found = what, fmt.Sprint(journal), fmt.Sprint(found)+note
		one.Of, one.Gap = of, found-journal
		d.list = append(d.list, one)
	}
}

func aboutSKU(f *follower, kind string, sku stock.SKU) differences {
	return differences{about: Difference{Kind: kind, Ledger: f.id, Subject: "sku " + string(sku), SKU: sku, At: f.at.Version}}
}

func aboutOrder(id ledger.ID, kind string, order stock.OrderID) differences {
	return differences{about: Difference{Kind: kind, Ledger: id, Subject: "order " + string(order), Order: order}}
}
