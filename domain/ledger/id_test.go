package ledger

import "testing"

func TestLedgerNamesAreReadAsTheyAreWritten(t *testing.T) {
	tests := []struct {
		id    ID
		name  string
		kind  Kind
		scope string
	}{
		{StockID("W1", 0), "stock/W1/0", KindStock, "W1"},
		{StockID("w.2_x-y", 63), "stock/w.2_x-y/63", KindStock, "w.2_x-y"},
		{ReservationID("eu-west", 3), "reservation/eu-west/3", KindReservation, "eu-west"},
	}
	for _, tt := range tests {
		got, err := ParseID(tt.name)
		if err != nil || got != tt.id {
			t.Errorf("ParseID(%q): got %q, %v; want %q", tt.name, got, err, tt.id)
		}
		if got.Kind() != tt.kind || got.Scope() != tt.scope {
			t.Errorf("%s: got kind %q, scope %q; want %q, %q", tt.name, got.Kind(), got.Scope(), tt.kind, tt.scope)
		}
	}
}

func TestWhatIsNoLedgerNameIsRefused(t *testing.T) {
	for _, s := range []string{
		"", "stock", "stock/W1", "stock/W1/", "stock//0", "stock/W1/-1", "stock/W1/+1", "stock/W1/01", "stock/W1/x",
		"stock/W1/0/0", "orders/W1/0", "/W1/0", "Stock/W1/0", "stock/W1/99999999999999999999",
	} {
		if id, err := ParseID(s); err == nil || id != "" {
			t.Errorf("ParseID(%q): got %q, %v; want an error", s, id, err)
		}
	}
}
