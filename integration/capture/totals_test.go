package capture

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/adapters/registry"
	"inventory/integration/global"
	"inventory/integration/service"
	"inventory/integration/stack"
	"inventory/ports"
)

// send sends an order event, as an upstream service does.
func send(t *testing.T, s *service.Site, order string, item service.CreatedItem) {
	t.Helper()
	reg, err := registry.New(registry.Config{URL: s.Registry, Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer reg.Close()
	events, err := service.NewCreatedEvents(t.Context(), reg, s.Prefix)
	if err != nil {
		t.Fatal(err)
	}
	r, err := events.Record(order, item)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(s.Brokers, ",")...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// With both: the agent brings to Kafka what the ledgers did, and the job adds it up. No process
// aggregates here.
func TestAnOrderEventIsInTheTotalsByTheAgentAndTheJob(t *testing.T) {
	st := suite.StartStack(t, append(stack.Core(), stack.Debezium, stack.Flink, stack.FlinkWorker)...)
	s := suite.OnServers(t, st, st, "--lease=1s", "--publish=cdc", "--role=core,cdc,projector")
	restart(t, st)
	if _, err := st.SubmitJob(t.Context(), stack.Job{TopicPrefix: s.Prefix}); err != nil {
		t.Fatal(err)
	}
	p := s.Start()
	l := listen(t, s)
	shop := global.Open(t, s, p, 2)
	shop.AwaitTable("before the order")
	warehouse := "HAN"
	send(t, s, "o-1", service.CreatedItem{SKU: "SKU-00", WarehouseID: &warehouse, Quantity: 3})
	l.await("o-1")
	if held := shop.AwaitTable("after the order")["SKU-00:north"].Held; held != 3 {
		t.Errorf("%d held in the region, expected 3", held)
	}
	if published(t, s, ports.ByCapture) == 0 {
		t.Error("nothing was published by capture")
	}
}
