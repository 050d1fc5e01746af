package wire_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// ledgers are a reservation ledger and two stock ledgers, whose every answer to a command is
// carried and compared.
type ledgers struct {
	t        *testing.T
	dice     *rand.Rand
	at       ledger.Stamp
	machines map[ledger.ID]ledger.Machine
	mail     []sent
	waiting  map[ledger.UUID][]waiting
	due      map[ledger.UUID]int64
	archive  map[ledger.UUID][]byte
	outcomes map[string]int
	errs     map[error]int
}

type sent struct {
	from ledger.ID
	ledger.Mail
}

type waiting struct {
	cmd    ledger.Command
	answer func(ledger.Change) ledger.Decision
}

const orders = ledger.ID("reservation/home/0")

func newLedgers(t *testing.T) *ledgers {
	l := &ledgers{
		t: t, dice: rand.New(rand.NewPCG(uint64(*seed), 1)), at: ledger.Stamp{At: noon},
		waiting: map[ledger.UUID][]waiting{}, due: map[ledger.UUID]int64{}, archive: map[ledger.UUID][]byte{},
		outcomes: map[string]int{}, errs: map[error]int{},
	}
	cfg := reservation.DefaultConfig()
	cfg.MaxPending = 3
	l.machines = map[ledger.ID]ledger.Machine{orders: reservation.New(orders, cfg, l)}
	for _, w := range l.Warehouses("") {
		l.machines[ledger.StockID(string(w.ID), 0)] = stock.New(ledger.StockID(string(w.ID), 0))
	}
	return l
}

// Warehouses implements reservation.Stock.
func (l *ledgers) Warehouses(region stock.Region) []stock.Warehouse {
	if region == "nowhere" {
		return nil
	}
	return []stock.Warehouse{{ID: "W1", Region: "south", Ledgers: 1}, {ID: "W2", Region: "south", Rank: 1, Ledgers: 1}}
}

// Warehouse implements reservation.Stock.
func (l *ledgers) Warehouse(id stock.WarehouseID) (stock.Warehouse, bool) {
	for _, w := range l.Warehouses("") {
		if w.ID == id {
			return w, true
		}
	}
	return stock.Warehouse{}, false
}

// Available implements reservation.Stock; it is wrong at times, as what is a little old may be.
func (l *ledgers) Available(w stock.Warehouse, sku stock.SKU) (int64, bool) {
	level, _ := l.machines[ledger.StockID(string(w.ID), 0)].(*stock.State).Level(sku)
	if l.dice.IntN(4) == 0 {
		return level.Available() + 3, false
	}
	return level.Available(), true
}

// ask carries a command to a ledger, has it decided, and carries the answer back.
func (l *ledgers) ask(id ledger.ID, cmd ledger.Command) {
	m := wire.Ask{Ledger: id, Patience: l.dice.IntN(2) == 0, Command: cmd}
	got := carried(l.t, m)
	same(l.t, m, got)
	l.answered(got.Command, l.decide(got.Ledger, got.Command))
}

func (l *ledgers) answered(cmd ledger.Command, d ledger.Decision) {
	if d.Wait != nil {
		l.waiting[d.Wait.Key] = append(l.waiting[d.Wait.Key], waiting{cmd, d.Wait.Answer})
		return
	}
	l.outcomes[fmt.Sprintf("%T", d.Outcome)]++
	for _, s := range wire.Sentinels(codec) {
		if errors.Is(d.Err, s.Err) {
			l.errs[s.Err]++
		}
	}
	a := wire.Answer{Outcome: d.Outcome, Err: d.Err}
	sameAnswer(l.t, a, carried(l.t, a))
}

// decide makes an entry of a command, and sees to what follows from it.
func (l *ledgers) decide(id ledger.ID, cmd ledger.Command) ledger.Decision {
	l.at.Version++
	l.at.At += 1 + l.dice.Int64N(2000)
	m := l.machines[id]
	d := m.Decide(cmd, ledger.Recalled{}, l.at)
	if d.Recall != (ledger.UUID{}) {
		d = m.Decide(cmd, ledger.Recalled{Asked: true, Body: l.archive[d.Recall]}, l.at)
	}
	for _, c := range d.Changes {
		if err := m.Apply(c, l.at); err != nil {
			l.t.Fatalf("%T: %v", cmd, err)
		}
	}
	for _, c := range d.Changes {
		if mail, ok := c.(ledger.MailSent); ok {
			l.mail = append(l.mail, sent{id, mail.Mail})
		}
	}
	for _, c := range d.Changes {
		if p, ok := c.(ledger.Progressing); ok && id == orders {
			l.progress(p.Progress(), c)
		}
	}
	return d
}

func (l *ledgers) progress(p ledger.Progress, c ledger.Change) {
	l.due[p.Key] = p.Due
	if !p.Settled {
		return
	}
	all := l.waiting[p.Key]
	delete(l.waiting, p.Key)
	for _, w := range all {
		if w.answer == nil {
			l.answered(w.cmd, l.decide(orders, w.cmd))
			continue
		}
		l.answered(w.cmd, w.answer(c))
	}
}

// bring takes some of the mail that is under way, in a Mail and with an Ack.
func (l *ledgers) bring() {
	for range min(len(l.mail), l.dice.IntN(6)) {
		one := l.mail[0]
		l.mail = l.mail[1:]
		m := wire.Mail{From: one.from, To: one.To, Mail: []ledger.Mail{one.Mail}}
		got := carried(l.t, m)
		same(l.t, m, got)
		l.decide(got.To, ledger.Received{From: got.From, Number: got.Mail[0].Number, Body: got.Mail[0].Body})
		if one.from == orders {
			ack := carried(l.t, wire.Ack{From: one.To, To: orders, Upto: one.Number})
			if err := l.machines[orders].Apply(ledger.MailAcked{To: ack.From, Upto: ack.Upto}, l.at); err != nil {
				l.t.Fatal(err)
			}
		}
	}
}

// lapse decides what is due, and forgets, into the archive, an order that has ended.
func (l *ledgers) lapse() {
	if l.dice.IntN(20) == 0 {
		l.at.At += l.dice.Int64N(40_000)
	}
	for key, due := range maps.Clone(l.due) {
		if due != 0 && due <= l.at.At {
			l.decide(orders, ledger.Due{Key: key})
		}
	}
	for key, o := range l.machines[orders].(*reservation.State).Orders() {
		if o.Ended() && l.dice.IntN(20) == 0 {
			w := ledger.Writer{}
			o.Encode(&w)
			l.archive[key] = slices.Clone(w.Bytes())
			l.decide(orders, ledger.Forget{Keys: []ledger.UUID{key}, Relayed: l.at.Version})
			return
		}
	}
}

func (l *ledgers) command() (ledger.ID, ledger.Command) {
	now := l.at.Version / 40 // new orders and keys come, old ones stay behind
	order := stock.OrderID(fmt.Sprint("order-", now+l.dice.Int64N(6)))
	id := reservation.IDOf(order)
	from := stock.Origin{Source: "http"}
	warehouse := stock.WarehouseID([]string{"W1", "W2"}[l.dice.IntN(2)])
	at := ledger.StockID(string(warehouse), 0)
	switch l.dice.IntN(16) {
	case 0, 1, 2, 3:
		cmd := reservation.Reserve{Order: order, TTL: time.Duration(1+l.dice.IntN(60)) * time.Second, Lines: l.lines(), Final: l.dice.IntN(2) == 0, Origin: from}
		if l.dice.IntN(20) == 0 {
			cmd.Region = "nowhere"
		}
		return orders, cmd
	case 4:
		cmd := reservation.Release{ID: id, Order: order, Reason: reservation.Operator, Origin: from}
		if l.dice.IntN(2) == 0 {
			cmd.Order = ""
		}
		return orders, cmd
	case 5:
		return orders, reservation.Confirm{ID: id, Order: order, Origin: from, Letter: []byte(fmt.Sprint(l.at.Version))}
	case 6, 7:
		return orders, reservation.Confirm{ID: id, Order: order, Picked: l.lines(), Origin: from}
	case 8:
		return orders, reservation.Confirm{ID: id, Order: order, Warehouse: warehouse, Origin: from}
	case 9:
		return orders, reservation.Extend{ID: id, TTL: time.Minute, Origin: from}
	case 10:
		if l.dice.IntN(2) == 0 {
			return orders, reservation.Restate{ID: id}
		}
		return orders, reservation.Get{ID: id}
	case 11:
		return orders, reservation.Disown{Order: order, Ledger: at, Origin: from}
	case 12:
		return at, stock.Correct{SKU: l.sku(), Rows: l.dice.Int64N(3), Measured: l.dice.Int64N(l.at.Version + 1), Actor: "anna", Origin: from}
	case 13:
		return at, stock.SetMark{SKU: l.sku(), Low: l.dice.Int64N(30) - 2, Actor: "anna", Origin: from}
	case 14:
		cmd := stock.ReadMarks{SKU: l.sku(), Limit: 1 + l.dice.IntN(3)}
		if l.dice.IntN(3) == 0 {
			cmd.SKU, cmd.After = "", cmd.SKU
		}
		return at, cmd
	}
	types := []stock.AdjustmentType{stock.Receipt, stock.Receipt, stock.Loss, stock.Count, "NONE"}
	cmd := stock.Adjust{Ledger: at, Actor: "anna", Key: fmt.Sprint(now + l.dice.Int64N(20)), SKU: l.sku(), Type: types[l.dice.IntN(len(types))], Quantity: l.dice.Int64N(30)}
	if cmd.Type == stock.Loss {
		cmd.Quantity = -cmd.Quantity
	}
	if l.dice.IntN(10) == 0 {
		cmd.Quantity = stock.MaxQuantity
	}
	return at, cmd
}

func (l *ledgers) sku() stock.SKU { return stock.SKU([]string{"A", "B", "C"}[l.dice.IntN(3)]) }

func (l *ledgers) lines() []reservation.Line {
	var lines []reservation.Line
	for range 1 + l.dice.IntN(2) {
		line := reservation.Line{SKU: l.sku(), Quantity: 1 + l.dice.Int64N(6)}
		if l.dice.IntN(3) == 0 {
			line.Warehouse, line.Named = stock.WarehouseID([]string{"W1", "W2", "W3"}[l.dice.IntN(3)]), true
		}
		lines = append(lines, line)
	}
	return reservation.Merge(lines)
}

// Every answer that the ledgers of the domain give arrives as it was given.
func TestWhateverALedgerAnswersArrives(t *testing.T) {
	t.Logf("-seed %d", *seed)
	l := newLedgers(t)
	for range 30_000 {
		l.ask(l.command())
		l.bring()
		l.lapse()
		if t.Failed() {
			return
		}
	}
	for _, outcome := range []string{"<nil>", "*reservation.Order", "reservation.Repeated", "reservation.ParkedOutcome", "stock.Adjustment", "stock.Corrected", "stock.Mark", "stock.Marks"} {
		if l.outcomes[outcome] == 0 {
			t.Errorf("no outcome was a %s", outcome)
		}
	}
	for _, s := range wire.Sentinels(codec) {
		if s.Number <= 27 && l.errs[s.Err] == 0 {
			t.Errorf("no error was %q", s.Err)
		}
	}
	t.Log(l.outcomes, l.errs)
}
