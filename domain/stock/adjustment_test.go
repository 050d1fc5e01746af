package stock

import (
	"errors"
	"strings"
	"testing"

	"inventory/domain/ledger"
)

func receipt(key string, q int64) Adjust {
	return Adjust{Ledger: w1, Actor: "anna", Key: key, SKU: "A", Type: Receipt, Quantity: q}
}

func TestAdjustmentTypesAreReadInCapitals(t *testing.T) {
	for _, s := range []string{"RECEIPT", "RETURN", "DAMAGE", "LOSS", "CORRECTION", "COUNT"} {
		if got, err := ParseAdjustmentType(s); err != nil || string(got) != s {
			t.Errorf("%s: got %q, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "receipt", "RECEIPT ", "HELD"} {
		_, err := ParseAdjustmentType(s)
		expectErr(t, s, err, ErrInvalid)
	}
}

func TestAdjustmentsAreCheckedWhenTheyComeIn(t *testing.T) {
	with := func(change func(*Adjust)) Adjust {
		a := receipt("k1", 1)
		change(&a)
		return a
	}
	tests := []struct {
		name  string
		cmd   Adjust
		fault string // empty: none
	}{
		{"plain", with(func(*Adjust) {}), ""},
		{"as many as can be", with(func(a *Adjust) { a.Quantity = MaxQuantity }), ""},
		{"as many less as can be", with(func(a *Adjust) { a.Quantity = -MaxQuantity }), ""},
		{"a count of none", with(func(a *Adjust) { a.Type, a.Quantity = Count, 0 }), ""},
		{"no units", with(func(a *Adjust) { a.Quantity = 0 }), "qty_delta 0"},
		{"too many", with(func(a *Adjust) { a.Quantity = MaxQuantity + 1 }), "qty_delta 1000000001"},
		{"too many less", with(func(a *Adjust) { a.Quantity = -MaxQuantity - 1 }), "qty_delta -1000000001"},
		{"a count below zero", with(func(a *Adjust) { a.Type, a.Quantity = Count, -1 }), "counted -1"},
		{"a count too high", with(func(a *Adjust) { a.Type, a.Quantity = Count, MaxQuantity+1 }), "counted 1000000001"},
		{"no sku", with(func(a *Adjust) { a.SKU = "" }), "sku"},
		{"a type that there isn't", with(func(a *Adjust) { a.Type = "GIFT" }), "GIFT"},
		{"no actor", with(func(a *Adjust) { a.Actor = "" }), "actor"},
		{"no key", with(func(a *Adjust) { a.Key = "" }), "Idempotency-Key"},
		{"a reason of two lines", with(func(a *Adjust) { a.Reason = "a\nb" }), "reason"},
		{"a reference without end", with(func(a *Adjust) { a.Reference = strings.Repeat("x", 513) }), "reference"},
	}
	for _, tt := range tests {
		err := tt.cmd.Validate()
		if tt.fault == "" && err != nil || tt.fault != "" && (!errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), tt.fault)) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

func TestAnAdjustmentNamesAllItsFaultsAndChangesNothing(t *testing.T) {
	d := newDesk(t)
	dec := d.do(Adjust{Ledger: w1, Type: "GIFT", SKU: "a b", Reason: "\x00"})
	for _, part := range []string{"sku", "GIFT", "actor", "Idempotency-Key", "reason", "qty_delta"} {
		if dec.Err == nil || !strings.Contains(dec.Err.Error(), part) {
			t.Errorf("%v does not name %s", dec.Err, part)
		}
	}
	if len(dec.Changes) > 0 {
		t.Errorf("got %+v", dec.Changes)
	}
}

func TestEachTypeOfAdjustmentMovesWhatIsOnHand(t *testing.T) {
	d := newDesk(t)
	for _, step := range []struct {
		kind          AdjustmentType
		q             int64
		delta, onHand int64
	}{
		{Receipt, 100, 100, 100},
		{Return, 5, 5, 105},
		{Damage, -10, -10, 95},
		{Loss, -5, -5, 90},
		{Correction, 3, 3, 93},
		{Count, 80, -13, 80},
		{Count, 80, 0, 80},
		{Count, 0, -80, 0},
		{Count, 7, 7, 7},
	} {
		a := d.adjusted("A", step.kind, step.q)
		if a.Delta != step.delta || a.Level.OnHand() != step.onHand || a.Level.Version() != d.at.Version {
			t.Errorf("%s %d: got %+v", step.kind, step.q, a)
		}
		d.expectLevel("A", step.onHand, 0, step.onHand, 0)
	}
}

// repeated is the outcome of the same command again.
func repeated(first ledger.Decision) any {
	a := first.Outcome.(Adjustment)
	a.Repeated = true
	return a
}

func TestAnAdjustmentMadeAgainHasTheSameOutcomeAndMovesNothing(t *testing.T) {
	d := newDesk(t)
	first := d.do(receipt("k1", 10))
	d.adjusted("A", Receipt, 90)
	if again := d.do(receipt("k1", 10)); again.Err != nil || again.Outcome != repeated(first) || len(again.Changes) > 0 {
		t.Errorf("again: got %+v, want %+v", again, repeated(first))
	}
	d.expectLevel("A", 100, 0, 100, 0)
}

func TestAnAdjustmentIsRememberedAfterItHasLeftMemory(t *testing.T) {
	d := newDesk(t)
	first := d.do(receipt("k1", 10))
	id := receipt("k1", 10).ID()
	d.adjusted("A", Receipt, 90)
	d.do(ledger.Forget{Keys: []ledger.UUID{id}, Relayed: d.at.Version})
	if _, ok := d.s.recent.Get(id); ok {
		t.Fatal("it is still in memory")
	}
	if again := d.do(receipt("k1", 10)); again.Err != nil || again.Outcome != repeated(first) || len(again.Changes) > 0 {
		t.Errorf("again: got %+v, want %+v", again, repeated(first))
	}
	expectErr(t, "with other units", d.do(receipt("k1", 11)).Err, ErrKeyReused)
	d.expectLevel("A", 100, 0, 100, 0)
}

func TestAnAdjustmentIsForgottenOnlyOnceItIsRelayed(t *testing.T) {
	d := newDesk(t)
	d.do(receipt("k1", 10))
	id := receipt("k1", 10).ID()
	for _, f := range []ledger.Forget{{Keys: []ledger.UUID{id}, Relayed: d.at.Version - 1}, {Keys: []ledger.UUID{ledger.Namespace}, Relayed: 99}} {
		if dec := d.do(f); len(dec.Changes) > 0 {
			t.Errorf("%+v: got %+v", f, dec.Changes)
		}
	}
}

func TestAKeyUsedForAnotherAdjustmentIsRefused(t *testing.T) {
	d := newDesk(t)
	first := Adjust{Ledger: w1, Actor: "anna", Key: "k1", SKU: "A", Type: Correction, Quantity: 5, Reason: "r", Reference: "f"}
	d.do(first)
	for name, change := range map[string]func(*Adjust){
		"sku":       func(a *Adjust) { a.SKU = "B" },
		"type":      func(a *Adjust) { a.Type = Receipt },
		"quantity":  func(a *Adjust) { a.Quantity = 6 },
		"reason":    func(a *Adjust) { a.Reason = "" },
		"reference": func(a *Adjust) { a.Reference = "other" },
	} {
		cmd := first
		change(&cmd)
		expectErr(t, "another "+name, d.do(cmd).Err, ErrKeyReused)
	}
	d.expectLevel("A", 5, 0, 5, 0)
}

func TestTheSameKeyOfAnotherActorOrLedgerIsAnotherAdjustment(t *testing.T) {
	d := newDesk(t)
	d.do(receipt("k1", 10))
	bert := receipt("k1", 20)
	bert.Actor = "bert"
	if dec := d.do(bert); dec.Err != nil {
		t.Error(dec.Err)
	}
	d.expectLevel("A", 30, 0, 30, 0)
	elsewhere := receipt("k1", 10)
	elsewhere.Ledger = "stock/W2/0"
	if elsewhere.ID() == receipt("k1", 10).ID() {
		t.Error("two ledgers share an identity")
	}
}

func TestAnAdjustmentBelowZeroOrAboveTheLimitIsRefusedWithTheNumbers(t *testing.T) {
	d := newDesk(t)
	d.adjusted("A", Receipt, 10)
	less := receipt("k2", -11)
	less.Type = Loss
	dec := d.do(less)
	expectErr(t, "11 of 10 lost", dec.Err, ErrBelowZero)
	for _, part := range []string{"A", "W1", "LOSS -11", "on_hand 10"} {
		if !strings.Contains(dec.Err.Error(), part) {
			t.Errorf("%q does not say %q", dec.Err, part)
		}
	}
	expectErr(t, "too many", d.do(receipt("k3", MaxQuantity-9)).Err, ErrTooMany)
	d.expectLevel("A", 10, 0, 10, 0)
	if dec := d.do(receipt("k3", MaxQuantity-10)); dec.Err != nil {
		t.Errorf("a refused key can be used again: %v", dec.Err)
	}
}

func TestACountBelowWhatIsHeldIsAcceptedAndShowsTheShortage(t *testing.T) {
	d := newDesk(t)
	d.adjusted("A", Receipt, 10)
	if !d.hold("order-1", Item{"A", 8}) {
		t.Fatal("not held")
	}
	a := d.adjusted("A", Count, 5)
	if a.Delta != -5 || a.Level.Short() != 3 || a.Level.Available() != 0 {
		t.Errorf("got %+v", a)
	}
	d.expectLevel("A", 5, 8, 0, 3)
	if d.hold("order-2", Item{"A", 1}) {
		t.Error("held while short")
	}
	d.adjusted("A", Damage, -5)
	d.expectLevel("A", 0, 8, 0, 8)
}

func TestAnArchivedAdjustmentThatIsDamagedIsAnErrorAndNoSecondReceipt(t *testing.T) {
	d := newDesk(t)
	dec := d.decide(receipt("k1", 10), ledger.Recalled{Asked: true, Body: []byte{1, 2, 3}})
	expectErr(t, "damaged", dec.Err, ledger.ErrCorrupt)
	if len(dec.Changes) > 0 {
		t.Errorf("got %+v", dec.Changes)
	}
}
