package letter

import "testing"

func TestTextsOfOneCauseHaveOneShape(t *testing.T) {
	for name, texts := range map[string][]string{
		"names of orders": {"order o-17: not enough stock", "order alpha: not enough stock", "order 7f: not enough stock"},
		"SKUs":            {"order o1, sku RED-CAR: the hold has ended", "order o2, sku B: the hold has ended"},
		"warehouses":      {"unknown warehouse BERLIN: stock ledger busy, try again", "unknown warehouse W1: stock ledger busy, try again"},
		"regions":         {"unknown region: no warehouse is in it: EU", "unknown region: no warehouse is in it: EU"},
		"quotes": {
			`invalid sku "A B": character 2 is ' ', expected letters, digits and, after the first, . _ -`,
			`invalid sku "äb": character 1 is 'Ã', expected letters, digits and, after the first, . _ -`,
		},
		"quotes that were cut": {`reading "abc`, `reading "de f`},
		"no framing": {
			"unreadable: expected Avro with a schema id, which begins with byte 00, found 7b 22 6f 72 64 65 72 5f",
			"unreadable: expected Avro with a schema id, which begins with byte 00, found ab cd",
		},
		"too short":   {"unreadable: 1 bytes (ff): expected at least 5", "unreadable: 3 bytes (ad be ef): expected at least 5"},
		"line breaks": {"too old\nat a", "too old\nat b"},
	} {
		for _, text := range texts[1:] {
			if got, want := ShapeOf(text), ShapeOf(texts[0]); got != want {
				t.Errorf("%s: %q is %q, %q is %q", name, text, got, texts[0], want)
			}
		}
	}
}

func TestWhatATextSaysStaysInItsShape(t *testing.T) {
	for text, want := range map[string]string{
		"on_hand must be positive":                        "on_hand must be positive",
		"it must be 12":                                   "it must be …",
		"an ad for it":                                    "an ad for it",
		"order o1: the order was cancelled":               "order … the order was cancelled",
		"the order was made with other items":             "the order was made with other items",
		"an order without an id":                          "an order without an id",
		"order ABC is EXPIRED: the hold has ended":        "order … is EXPIRED: the hold has ended",
		"sku X is of W-A and W-B":                         "sku … is of W-A and W-B",
		"holds of SKUs without a level":                   "holds of SKUs without a level",
		"it can't be read, and the writer's schema isn't": "it can't be read, and the writer's schema isn't",
		"the writer's and the readers' schemas":           "the writer's and the readers' schemas",
		"each warehouse keeps its own":                    "each warehouse keeps its own",
		"unknown warehouse Berlin":                        "unknown warehouse …",
		"*app.Odd is no order event":                      "*app.Odd is no order event",
		"field 'status' is 'NEW'":                         "field … is …",
		"stock ledger busy, try again":                    "stock ledger busy, try again",
		"checksum (ca) differs":                           "checksum … differs",
		"":                                                "",
	} {
		if got := ShapeOf(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestAShapeIsBounded(t *testing.T) {
	text := ""
	for range 100 {
		text += "word "
	}
	if got := len(ShapeOf(text)); got != maxShape*len("word ")-1 {
		t.Errorf("got %d bytes", got)
	}
}

func FuzzShapeOf(f *testing.F) {
	for _, text := range []string{"", `a "`, "'", "order", "(", "be", "be 12", "ca fe (ad)", "x'y' 'z'"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shape := ShapeOf(text)
		if again := ShapeOf(text); again != shape {
			t.Errorf("%q: %q, then %q", text, shape, again)
		}
		for i, w := range []byte(shape) {
			if w >= '0' && w <= '9' {
				t.Errorf("%q: a digit at %d of %q", text, i, shape)
			}
		}
	})
}

func TestAGroupsIDNamesIt(t *testing.T) {
	g := Group{"orders", "too_old", 3, "too old"}
	if got, want := g.ID(), "e293f233"; got != want {
		t.Errorf("got %s, want %s: people have it in their notes", got, want)
	}
	other := g
	other.Schema = NoSchema
	if other.ID() == g.ID() {
		t.Error("two groups have one id")
	}
}
