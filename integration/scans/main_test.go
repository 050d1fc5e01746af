package scans

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/adapters/client"
	"inventory/integration/service"
	inventoryv1 "inventory/schemas/proto/inventory/v1"
)

var (
	seedFlag = flag.Uint64("seed", 0, "repeats the random choices of a run; 0: others each time")
	cutsFlag = flag.Int("cuts", 100, "how often the connection is cut")
)

// suite is what all tests of the package share.
var suite = service.NewSuite("scans")

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite.Of(m)) }

// newDice are the random choices of a test.
func newDice(t *testing.T) *rand.Rand {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

const (
	warehouse = "DAD"
	skus      = 12
)

func sku(n int) string { return fmt.Sprint("SKU-", n) }

// start starts the service with an empty warehouse.
func start(t *testing.T) (*service.Site, *service.Process) {
	t.Helper()
	st := suite.Stack(t)
	s := suite.OnServers(t, st, st)
	p := s.Start()
	a, err := p.Client().Decide(t.Context(), http.MethodPut, "/inventory/warehouses/"+warehouse, nil, map[string]any{"region": "central", "rank": 1})
	if err != nil || a.Status != http.StatusOK {
		t.Fatal(a, err)
	}
	return s, p
}

// newClient is a client as another program has it.
func newClient(t *testing.T, addr string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{Actor: "wms:dock-3"}, "http://"+addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func receipt(id, sku string, units int64) *inventoryv1.ScanRequest {
	return &inventoryv1.ScanRequest{Id: id, WarehouseId: warehouse, Scan: &inventoryv1.ScanRequest_Adjust{Adjust: &inventoryv1.ScanAdjust{
		Sku: sku, Type: inventoryv1.AdjustmentType_ADJUSTMENT_TYPE_RECEIPT, Quantity: units,
	}}}
}

// levels are those that a watch tells once each SKU has had so many changes at least.
func levels(t *testing.T, c *client.Client, changes map[string]int64) map[string]*inventoryv1.StockLevel {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	found := map[string]*inventoryv1.StockLevel{}
	behind := func(sku string) bool { return found[sku].GetSeq() < changes[sku] }
	for m, err := range c.Watch(ctx, &inventoryv1.WatchStockRequest{WarehouseId: warehouse}) {
		if err != nil {
			t.Fatalf("after %v: %v", found, err)
		}
		for _, l := range m.GetSnapshot().GetLevels() {
			found[l.GetSku()] = l
		}
		for _, change := range m.GetChanges().GetChanges() {
			found[change.GetLevel().GetSku()] = change.GetLevel()
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(changes)), behind) {
			break
		}
	}
	return found
}
