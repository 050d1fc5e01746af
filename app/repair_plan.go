package app

import (
	"fmt"

	"inventory/app/audit"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// advice says what a person can do about a difference that no entry corrects.
var advice = map[string]string{
	ports.DifferentMemory:     "end this process with SIGTERM: the next owner builds its memory from the journal. It is a bug: report it with this line",
	ports.DifferentInvariants: "a bug in what was journaled: keep the journal, and report it with this line",
	ports.DifferentHolds: "the order and the stock ledger disagree, and nobody knows which is right: " +
		"`inventory release ORDER --reason OPERATOR` ends the order, and gives back what is held for it; do not confirm it. Report it with both journals",
	ports.DifferentTopic: "nothing: the auditor publishes the level again by itself",
}

// planRepairs makes one step of all that is wrong about a SKU or an order.
func (in *Inventory) planRepairs(req RepairRequest, found []Difference) Repairs {
	var r Repairs
	type subject struct {
		ledger ledger.ID
		name   string
		hold   bool
	}
	done := map[subject]bool{}
	for _, d := range found {
		s := subject{d.Ledger, d.Subject, d.Hold}
		if done[s] {
			continue
		}
		step := RepairStep{Kind: d.Kind, Ledger: d.Ledger, Subject: d.Subject}
		switch {
		case d.Kind == ports.DifferentEvents || d.Kind == ports.DifferentLevelRow:
			cmd := correctionOf(d, found)
			step.What, step.ask = correctionText(cmd), in.correct(req, d.Ledger, cmd)
		case d.Kind == ports.DifferentOrderRow:
			step.What, step.ask = "journal the order again as it is, and write its row in inventory.reservation from that", in.restate(d.Order)
		case d.Hold:
			step.What, step.ask = "release the hold: RELEASED, OPERATOR, in inventory.events; the stock is available again", in.disown(req, d.Ledger, d.Order)
		default:
			r.Advice = append(r.Advice, Advice{d, advice[d.Kind]})
			continue
		}
		done[s] = true
		r.Steps = append(r.Steps, step)
	}
	return r
}

// correctionOf sums up what inventory.events lacks of a SKU.
func correctionOf(about Difference, found []Difference) stock.Correct {
	cmd := stock.Correct{SKU: about.SKU, Measured: about.At}
	for _, d := range found {
		if d.Ledger != about.Ledger || d.SKU != about.SKU || d.Kind != ports.DifferentEvents {
			continue
		}
		cmd.Measured = min(cmd.Measured, d.At)
		switch d.Of {
		case audit.Rows:
			cmd.Rows = -d.Gap
		case audit.OnHand:
			cmd.OnHand = -d.Gap
		case audit.Held:
			cmd.Held = -d.Gap
		}
	}
	return cmd
}

func correctionText(c stock.Correct) string {
	return fmt.Sprintf("append CORRECTED to inventory.events (on_hand %+d, held %+d, rows %+d), write the row in inventory.stock_level again, and publish the level again",
		c.OnHand, c.Held, c.Rows)
}
