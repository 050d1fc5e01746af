package httpapi

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

const document = "../../schemas/openapi/inventory.yaml"

func TestTheCheckedInDocumentIsTheOneThatIsServed(t *testing.T) {
	c := serve(t, failing{}, Options{})
	if *update {
		if err := os.MkdirAll(filepath.Dir(document), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(document, c.api.OpenAPI(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	checkedIn, err := os.ReadFile(document)
	if err != nil {
		t.Fatalf("%v (written with -update)", err)
	}
	served := c.call("GET /openapi.yaml", "").want(200)
	if !bytes.Equal(served.body, checkedIn) {
		t.Errorf("%s is not what is served: run this test with -update, and look at what changes for clients", document)
	}
	if again := serve(t, failing{}, Options{}); !bytes.Equal(again.api.OpenAPI(), checkedIn) {
		t.Error("the document differs from one start to the next")
	}
	if answer := c.call("GET /openapi.json", "").want(200); !bytes.Contains(answer.body, []byte(`"openapi":"3.1.0"`)) {
		t.Errorf("%.100s", answer.body)
	}
}

// A pattern of the document that is laxer or stricter than the domain would lie.
func TestThePatternsOfTheDocumentAgreeWithTheDomain(t *testing.T) {
	names := []string{"", "a", "A.b_c-9", "-a", ".a", "a b", "é", "a/b", string(bytes.Repeat([]byte("x"), 64)), string(bytes.Repeat([]byte("x"), 65))}
	tokens := append(slices.Clone(names), "!", "~", "a\tb", "a\x7f", string(bytes.Repeat([]byte("x"), 128)), string(bytes.Repeat([]byte("x"), 129)))
	schemas := serve(t, failing{}, Options{}).api.document.Components.Schemas.Map()
	check := func(property string, s *huma.Schema, samples []string, fault func(string) error) {
		pattern := regexp.MustCompile(s.Pattern)
		for _, sample := range samples {
			if s.Pattern == "" || pattern.MatchString(sample) != (fault(sample) == nil) {
				t.Errorf("%s %q: pattern %s, but the domain says %v", property, sample, s.Pattern, fault(sample))
			}
		}
	}
	for _, name := range []string{"ReserveRequest", "Item", "PickedItem", "ReleaseRequest", "ConfirmRequest", "ExtendRequest", "AdjustRequest", "WarehouseRequest", "StockQueryRequest", "StockItemRequest"} {
		for property, s := range schemas[name].Properties {
			switch property {
			case "sku":
				check(property, s, names, skuFault)
			case "warehouse_id":
				check(property, s, names, warehouseFault)
			case "region":
				check(property, s, names, regionFault)
			case "order_id":
				check(property, s, tokens, orderFault)
			}
		}
	}
}

func TestRequestsAreClosedAndAnswersMayGrow(t *testing.T) {
	for name, s := range serve(t, failing{}, Options{}).api.document.Components.Schemas.Map() {
		request := strings.HasSuffix(name, "Request") || name == "Item" || name == "PickedItem"
		if closed := s.AdditionalProperties == false; closed != request {
			t.Errorf("%s: additionalProperties %v", name, s.AdditionalProperties)
		}
	}
}

// operation finds an operation by its route.
func (c *client) operation(route string) *operation {
	for _, op := range c.api.operations {
		if op.route == route {
			return op
		}
	}
	c.t.Fatal("no operation ", route)
	return nil
}

// witness remembers what was answered in the tests of this package.
type witness struct {
	mu      sync.Mutex
	answers map[string]bool
}

var seen = witness{answers: map[string]bool{}}

func (w *witness) note(route string, status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers[fmt.Sprint(route, " ", status)] = true
}

// unlike compares what was answered with what is documented, and gives an exit code.
func (w *witness) unlike() (code int) {
	a, err := New(failing{}, Options{Scans: newRoom(), Letters: failing{}, Totals: failing{}, Log: func(Trouble) {}})
	if err != nil {
		panic(err)
	}
	documented := map[string]bool{}
	for _, op := range a.operations {
		for status := range op.describe(a.document).Responses {
			documented[op.route+" "+status] = true
			if !w.answers[op.route+" "+status] {
				fmt.Fprintf(os.Stderr, "documented, and never answered in a test: %s %s\n", op.route, status)
				code = 1
			}
		}
		for status := range 600 {
			answered := op.route + " " + strconv.Itoa(status)
			if w.answers[answered] && !documented[answered] && status != statusGone {
				fmt.Fprintf(os.Stderr, "answered in a test, and not documented: %s\n", answered)
				code = 1
			}
		}
	}
	return code
}
