package httpapi

import (
	"errors"
	"strings"
	"testing"

	"inventory/app"
	"inventory/app/audit"
)

func TestARepairWithoutADifferenceDoesNothingAndSaysSo(t *testing.T) {
	c := stocked(t, Options{})
	until(t, func() error {
		got := c.call("POST /admin/repair", `{"apply":true,"reason":"night"}`, "Inventory-Actor", "anna").want(200)
		if string(got.body) != `{"applied":false,"steps":[],"advice":[],"left":[]}`+"\n" {
			return errors.New(string(got.body))
		}
		return nil
	})
}

func TestARepairIsToldStepByStep(t *testing.T) {
	d := app.Difference{Kind: "holds", Ledger: "stock/W1/0", Subject: "order o", What: "hold", Journal: "RELEASED", Found: "held"}
	told := newRepairs(app.Repairs{
		Applied: true,
		Steps: []app.RepairStep{
			{Kind: "events", Ledger: "stock/W1/0", Subject: "sku A", What: "append", Done: true},
			{Kind: "holds", Subject: "order o", Err: errors.New("it has a part there")},
		},
		Advice: []app.Advice{{Difference: d, Do: "release it"}},
		Left:   []audit.Difference{d},
	})
	if !told.Steps[0].Done || told.Steps[1].Done || !strings.Contains(told.Steps[1].Error, "part") || told.Advice[0].Do != "release it" ||
		told.Advice[0].Difference.Journal != "RELEASED" || len(told.Left) != 1 {
		t.Errorf("%+v", told)
	}
}
