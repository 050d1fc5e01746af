package httpapi

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const markPath = "/inventory/warehouses/W1/thresholds/"

func (c *client) mark(sku string, low int) got {
	c.t.Helper()
	return c.call("PUT "+markPath+sku, fmt.Sprintf(`{"low_mark":%d}`, low), "Inventory-Actor", "anna")
}

func TestAThresholdIsSetReadAndTakenAway(t *testing.T) {
	c := stocked(t, Options{}) // 10 of SKU-1 in W1
	c.call("GET "+markPath+"SKU-1", "").problem(404, "NO_THRESHOLD")
	set := `{"sku":"SKU-1","warehouse_id":"W1","low_mark":4,"threshold":"BACK","on_hand":10,"held":0,"available":10}`
	c.mark("SKU-1", 4).want(200).wantJSON(set)
	c.mark("SKU-1", 4).want(200).wantJSON(set)
	c.call("GET "+markPath+"SKU-1", "").want(200).wantJSON(set)
	c.call("POST /inventory/reserve", `{"order_id":"o-1","items":[{"sku":"SKU-1","quantity":6}]}`).want(201)
	c.call("GET "+markPath+"SKU-1", "").want(200).
		wantJSON(`{"sku":"SKU-1","warehouse_id":"W1","low_mark":4,"threshold":"LOW","on_hand":10,"held":6,"available":4}`)
	gone := `{"sku":"SKU-1","warehouse_id":"W1","low_mark":null,"threshold":"BACK","on_hand":10,"held":6,"available":4}`
	for range 2 {
		c.call("DELETE "+markPath+"SKU-1", "", "Inventory-Actor", "anna").want(200).wantJSON(gone)
	}
	c.call("GET "+markPath+"SKU-1", "").problem(404, "NO_THRESHOLD")
	c.mark("never-there", 0).want(200).
		wantJSON(`{"sku":"never-there","warehouse_id":"W1","low_mark":0,"threshold":"OUT","on_hand":0,"held":0,"available":0}`)
}

func TestAThresholdOfAWarehouseThatThereIsNotIsRefused(t *testing.T) {
	c := stocked(t, Options{})
	const path = "/inventory/warehouses/W9/thresholds"
	c.call("PUT "+path+"/A", `{"low_mark":4}`, "Inventory-Actor", "anna").problem(422, "UNKNOWN_WAREHOUSE")
	c.call("DELETE "+path+"/A", "", "Inventory-Actor", "anna").problem(422, "UNKNOWN_WAREHOUSE")
	c.call("GET "+path+"/A", "").problem(422, "UNKNOWN_WAREHOUSE")
	c.call("GET "+path, "").problem(422, "UNKNOWN_WAREHOUSE")
}

func TestAWarehousesThresholdsAreListedInPagesOverAllItsLedgers(t *testing.T) {
	c := stocked(t, Options{})
	c.call("PUT /inventory/warehouses/W2", `{"region":"north","rank":2,"ledgers":5}`).want(200)
	c.receive("W2", "SKU-05", 1)
	const path = "/inventory/warehouses/W2/thresholds"
	for n := range 25 {
		until(t, func() error {
			got := c.call(fmt.Sprintf("PUT %s/SKU-%02d", path, n), fmt.Sprintf(`{"low_mark":%d}`, n), "Inventory-Actor", "anna")
			if got.status != 200 {
				return fmt.Errorf("%s", got.body)
			}
			return nil
		})
	}
	var skus []string
	for _, limit := range []int{1, 3, 7, 25, 26} {
		skus = skus[:0]
		next, pages := "", 0
		for more := true; more; pages++ {
			var page thresholdList
			query := fmt.Sprintf("?limit=%d", limit)
			if next != "" {
				query += "&after=" + next
			}
			if err := json.Unmarshal(c.call("GET "+path+query, "").want(200).body, &page); err != nil {
				t.Fatal(err)
			}
			for _, one := range page.Thresholds {
				skus = append(skus, one.SKU)
				if want := fmt.Sprintf("SKU-%02d", *one.LowMark); one.SKU != want || one.WarehouseID != "W2" {
					t.Errorf("%+v", one)
				}
			}
			next = page.Next
			more = next != ""
		}
		if len(skus) != 25 || !strings.HasPrefix(strings.Join(skus, " "), "SKU-00 SKU-01 SKU-02") || pages != (24+limit)/limit {
			t.Errorf("limit %d: %d pages of %v", limit, pages, skus)
		}
	}
	c.call("GET /inventory/warehouses/W1/thresholds", "").want(200).wantJSON(`{"thresholds":[]}`)
}
