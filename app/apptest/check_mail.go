package apptest

import (
	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// pair is two ledgers between which mail goes one way.
type pair struct{ from, to ledger.ID }

// traffic is the mail of a pair, as the two journals tell it.
type traffic struct {
	sent  int64
	taken int64
	holds map[int64]bool // numbers of holds: whether they were answered
}

// checkMail proves that all mail arrived exactly once, and that each hold was answered
// exactly once.
func (v *view) checkMail() {
	mail := map[pair]*traffic{}
	for _, l := range v.ledgers {
		for _, e := range l.entries {
			for _, c := range e.Changes {
				v.noteMail(mail, l.id, e.Version, c)
			}
		}
	}
	for p, t := range mail {
		if t.sent != t.taken {
			v.found.add("mail from %s to %s: %d sent, %d taken", p.from, p.to, t.sent, t.taken)
		}
		if back := mail[pair{p.to, p.from}]; p.to.Kind() == ledger.KindStock {
			v.checkAnswers(p, t, back)
		}
	}
}

func trafficOf(mail map[pair]*traffic, p pair) *traffic {
	t := mail[p]
	if t == nil {
		t = &traffic{holds: map[int64]bool{}}
		mail[p] = t
	}
	return t
}

func (v *view) noteMail(mail map[pair]*traffic, id ledger.ID, version int64, c ledger.Change) {
	switch c := c.(type) {
	case ledger.MailSent:
		t := trafficOf(mail, pair{id, c.To})
		if c.Number != t.sent+1 {
			v.found.add("%s: entry %d: mail %d to %s follows %d", id, version, c.Number, c.To, t.sent)
		}
		t.sent = c.Number
		v.noteMessage(mail, id, c)
	case ledger.MailTaken:
		t := trafficOf(mail, pair{c.From, id})
		if c.Upto <= t.taken {
			v.found.add("%s: entry %d: mail from %s taken up to %d after %d", id, version, c.From, c.Upto, t.taken)
		}
		t.taken = c.Upto
	}
}

func (v *view) noteMessage(mail map[pair]*traffic, id ledger.ID, c ledger.MailSent) {
	m, err := stock.DecodeMessage(c.Body)
	if err != nil {
		v.found.add("mail %d from %s to %s: %v", c.Number, id, c.To, err)
		return
	}
	switch m := m.(type) {
	case stock.Hold:
		t := trafficOf(mail, pair{id, c.To})
		if !t.holds[c.Number] {
			t.holds[c.Number] = false // asked; an answer may have been seen first
		}
	case stock.Answer:
		t := trafficOf(mail, pair{c.To, id})
		if t.holds[m.Number] {
			v.found.add("mail %d from %s to %s: the hold %d is answered twice", c.Number, id, c.To, m.Number)
		}
		t.holds[m.Number] = true
	}
}

// checkAnswers proves that the answers are those to the holds.
func (v *view) checkAnswers(p pair, there, back *traffic) {
	var answers int64
	if back != nil {
		answers = back.sent
	}
	if int64(len(there.holds)) != answers {
		v.found.add("mail from %s to %s: %d holds, %d answers", p.from, p.to, len(there.holds), answers)
	}
	for n, answered := range there.holds {
		if !answered {
			v.found.add("mail from %s to %s: the hold %d is not answered", p.from, p.to, n)
		}
	}
}
