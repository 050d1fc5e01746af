package grpcapi

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/app/scan"
	"inventory/domain/stock"
	"inventory/ports"
	"inventory/schemas/proto/inventory/v1/inventoryv1connect"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type silent struct{}

func (silent) Observe(ports.Event) {}

// house is a process of the service with a warehouse W1, which has ten units of A.
type house struct {
	testing.TB
	*app.Inventory
	api      *API
	server   *http.Server
	addr     string
	mu       sync.Mutex
	sick     error    // why it is not ready
	logged   []string // of what is broken
	scanning scan.Config
}

// newHouse runs it until the test ends.
func newHouse(t testing.TB, set ...func(*app.Config)) *house {
	t.Helper()
	cfg := app.DefaultConfig()
	cfg.Owner.Owner, cfg.Owner.Seize = system.NewUUID().String(), true
	for _, some := range set {
		some(&cfg)
	}
	in, err := app.New(t.Context(), cfg, memory.New(), app.Outside{Publisher: &memory.Publisher{}, Clock: system.Clock{}, Observer: silent{}, CommitID: system.NewUUID})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := in.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait(); in.Close() })
	h := &house{TB: t, Inventory: in, scanning: scan.DefaultConfig()}
	if err := in.PutWarehouse(t.Context(), stock.Warehouse{ID: "W1", Region: "R", Ledgers: 1}); err != nil {
		t.Fatal(err)
	}
	h.untilReady() // each ledger has its owner
	h.adjust("A", 10, "first")
	h.serve()
	return h
}

// requestTimeout is that of the server: a watch is to outlast it.
const requestTimeout = time.Second

func (h *house) serve() {
	h.Helper()
	h.api = New(h, Options{Ready: h.Ready, Scans: scan.NewRoom(h.scanning, system.Clock{}, app.Retryable), Log: func(procedure string, err error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.logged = append(h.logged, fmt.Sprint(procedure, ": ", err))
	}})
	h.server = &http.Server{ReadTimeout: requestTimeout, WriteTimeout: requestTimeout, Handler: http.NotFoundHandler()}
	h.api.Attach(h.server)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.Fatal(err)
	}
	h.addr = l.Addr().String()
	server, served := h.server, make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l) // until it is closed
	}()
	h.Cleanup(func() { _ = server.Close(); <-served })
}

// untilReady waits until every ledger takes commands.
func (h *house) untilReady() {
	h.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		err := h.Inventory.Ready(h.Context())
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-h.Context().Done():
			h.Fatal(err)
		}
	}
}

// Ready is the house's own.
func (h *house) Ready(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sick
}

func (h *house) adjust(sku string, quantity int64, key string) {
	h.Helper()
	req := app.AdjustRequest{SKU: sku, WarehouseID: "W1", Type: "RECEIPT", Quantity: quantity, Actor: "test", Key: key, Reference: "PO-1"}
	for {
		_, err := h.Adjust(h.Context(), req)
		if err == nil {
			return
		}
		if !app.Retryable(err) || h.Context().Err() != nil {
			h.Fatal(err)
		}
	}
}

// client is one that speaks a protocol of connect's, over HTTP/1.1 or HTTP/2 without TLS.
func (h *house) client(http2 bool, o ...connect.ClientOption) inventoryv1connect.StockServiceClient {
	transport := &http.Transport{Protocols: new(http.Protocols), TLSClientConfig: &tls.Config{}}
	transport.Protocols.SetHTTP1(!http2)
	transport.Protocols.SetUnencryptedHTTP2(http2)
	h.Cleanup(transport.CloseIdleConnections)
	return inventoryv1connect.NewStockServiceClient(&http.Client{Transport: transport}, "http://"+h.addr, o...)
}

// dial is a connection of gRPC's own library.
func (h *house) dial() *grpc.ClientConn {
	h.Helper()
	conn, err := grpc.NewClient(h.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = conn.Close() })
	return conn
}
