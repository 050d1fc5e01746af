package apptest

import (
	"inventory/app/owner"
	"inventory/domain/ledger"
)

// carrier loses, repeats, delays and reorders the mail between the ledgers of one process.
type carrier struct {
	process *process
	next    owner.Carrier
}

var _ owner.Carrier = (*carrier)(nil)

// Deliver implements owner.Carrier. A batch may come in two parts, the second one first.
func (c *carrier) Deliver(from, to ledger.ID, mail []ledger.Mail) {
	first := mail
	if len(mail) > 1 && c.process.slot.c.mail().Delay > 0 && c.process.slot.c.dice.chance(0.2) {
		cut := 1 + c.process.slot.c.dice.below(len(mail)-1)
		c.carry(func() { c.next.Deliver(from, to, mail[cut:]) })
		first = mail[:cut]
	}
	c.carry(func() { c.next.Deliver(from, to, first) })
}

// Acknowledge implements owner.Carrier.
func (c *carrier) Acknowledge(from, to ledger.ID, upto int64) {
	c.carry(func() { c.next.Acknowledge(from, to, upto) })
}

// carry brings something to its addressee: not at all, now, later, or more than once.
func (c *carrier) carry(deliver func()) {
	c.process.atPoint()
	cluster := c.process.slot.c
	chances := cluster.mail()
	if c.process.link.killed() || cluster.dice.chance(chances.Lose) {
		return
	}
	if cluster.dice.chance(chances.Repeat) {
		c.later(chances, deliver)
	}
	if cluster.dice.chance(chances.Delay) {
		c.later(chances, deliver)
		return
	}
	deliver()
}

func (c *carrier) later(chances MailChances, deliver func()) {
	cluster := c.process.slot.c
	cluster.after(cluster.dice.upto(chances.MaxDelay), deliver)
}
