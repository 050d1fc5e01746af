package grpcapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"inventory/app"
	"inventory/app/watch"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
	inventoryv1 "inventory/schemas/proto/inventory/v1"
)

// stream is what a client of any kind receives from.
type stream interface {
	next() (*inventoryv1.WatchStockResponse, error)
}

type connectStream struct {
	*connect.ServerStreamForClient[inventoryv1.WatchStockResponse]
}

func (s connectStream) next() (*inventoryv1.WatchStockResponse, error) {
	if !s.Receive() {
		return nil, s.Err()
	}
	return s.Msg(), nil
}

type grpcStream struct{ grpc.ClientStream }

func (s grpcStream) next() (*inventoryv1.WatchStockResponse, error) {
	m := &inventoryv1.WatchStockResponse{}
	return m, s.RecvMsg(m)
}

// watchGRPC watches with gRPC's own library.
func watchGRPC(ctx context.Context, conn *grpc.ClientConn, r *inventoryv1.WatchStockRequest, how ...grpc.CallOption) (stream, error) {
	s, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/inventory.v1.StockService/WatchStock", how...)
	if err == nil {
		err = s.SendMsg(r)
	}
	if err == nil {
		err = s.CloseSend()
	}
	return grpcStream{s}, err
}

// say writes what was told in a line.
func say(m *inventoryv1.WatchStockResponse) string {
	switch e := m.GetEvent().(type) {
	case *inventoryv1.WatchStockResponse_Snapshot:
		line := fmt.Sprintf("snapshot complete=%t", e.Snapshot.GetComplete())
		for _, l := range e.Snapshot.GetLevels() {
			line += fmt.Sprintf(" %s=%d/%d/%d", l.GetSku(), l.GetOnHand(), l.GetHeld(), l.GetAvailable())
		}
		return line
	case *inventoryv1.WatchStockResponse_Changes:
		line := "changes"
		for _, c := range e.Changes.GetChanges() {
			line += fmt.Sprintf(" %s %d %s=%d #%d %q %q by %q", strings.TrimPrefix(c.GetType().String(), "CHANGE_TYPE_"), c.GetQuantity(),
				c.GetLevel().GetSku(), c.GetLevel().GetOnHand(), c.GetLevel().GetSeq(), c.GetOrderId(), c.GetReference(), c.GetActor())
		}
		return line
	}
	return "heartbeat"
}

func TestEveryProtocolTellsTheSame(t *testing.T) {
	r := &inventoryv1.WatchStockRequest{WarehouseId: "W1", Skus: []string{"A"}}
	through := func(http2 bool, o ...connect.ClientOption) func(context.Context, *house) (stream, error) {
		return func(ctx context.Context, h *house) (stream, error) {
			s, err := h.client(http2, o...).WatchStock(ctx, r)
			return connectStream{s}, err
		}
	}
	for name, watch := range map[string]func(context.Context, *house) (stream, error){
		"gRPC's own library":         func(ctx context.Context, h *house) (stream, error) { return watchGRPC(ctx, h.dial(), r) },
		"gRPC":                       through(true, connect.WithGRPC()),
		"gRPC-Web over HTTP/1.1":     through(false, connect.WithGRPCWeb()),
		"Connect, JSON, on HTTP/1.1": through(false, connect.WithProtoJSON()),
		"Connect on HTTP/2":          through(true),
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s, err := watch(ctx, h)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"snapshot complete=true A=10/0/10", `changes ADJUSTED 1 A=11 #2 "" "PO-1" by "test"`} {
				m, err := s.next()
				if err != nil || say(m) != want || m.GetRevision() == "" {
					t.Fatalf("expected %q, found %q at %q, %v", want, say(m), m.GetRevision(), err)
				}
				h.adjust("A", 1, "second")
			}
		})
	}
}

// reasonOf gives the code and the metadata of what connect's client is told.
func reasonOf(err error) (code connect.Code, reason string, metadata map[string]string) {
	e, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return 0, fmt.Sprint("no error of connect's: ", err), nil
	}
	for _, d := range e.Details() {
		if m, err := d.Value(); err == nil {
			if info, ok := m.(*errdetails.ErrorInfo); ok && info.GetDomain() == "inventory" {
				return e.Code(), info.GetReason(), info.GetMetadata()
			}
		}
	}
	return e.Code(), "", nil
}

func TestEachRefusalHasItsCodeAndItsNumbers(t *testing.T) {
	h := newHouse(t)
	c := h.client(true, connect.WithGRPC())
	for _, one := range []struct {
		warehouse, sku, from string
		code                 connect.Code
		reason               string
	}{
		{"W2", "A", "", connect.CodeNotFound, "UNKNOWN_WAREHOUSE"},
		{"not one", "A", "", connect.CodeInvalidArgument, "INVALID"},
		{"W1", "not one", "", connect.CodeInvalidArgument, "INVALID"},
		{"W1", "A", "1.2", connect.CodeInvalidArgument, "INVALID"},
		{"W1", "A", "1000", connect.CodeOutOfRange, "REVISION_OUT_OF_RANGE"},
	} {
		s, err := c.WatchStock(t.Context(), &inventoryv1.WatchStockRequest{WarehouseId: one.warehouse, Skus: []string{one.sku}, FromRevision: one.from})
		if err == nil {
			_, err = connectStream{s}.next()
		}
		code, reason, metadata := reasonOf(err)
		if code != one.code || reason != one.reason {
			t.Errorf("%+v: found %v %s: %v", one, code, reason, err)
		}
		if (one.code == connect.CodeOutOfRange) != (metadata["oldest_revision"] != "") {
			t.Errorf("%+v: %v", one, metadata)
		}
	}
}

// failing is a service whose use case fails.
type failing struct{ err error }

func (f failing) WatchStock(context.Context, app.WatchRequest) (*watch.Watcher, error) {
	if f.err == nil {
		panic("at the disco")
	}
	return nil, f.err
}

func (failing) EndWatches() {}

func (f failing) Adjust(context.Context, app.AdjustRequest) (stock.Adjustment, error) {
	if f.err == nil {
		panic("at the disco")
	}
	return stock.Adjustment{}, f.err
}

func (failing) Confirm(context.Context, app.ConfirmRequest) (*reservation.Order, error) {
	return nil, reservation.ErrUnknownOrder
}

func TestWhatIsBrokenIsLoggedAndNotTold(t *testing.T) {
	for _, err := range []error{fmt.Errorf("%w: secret", ports.ErrPermanent), nil} {
		h := newHouse(t)
		h.api.in = failing{err}
		s, err := watchGRPC(t.Context(), h.dial(), &inventoryv1.WatchStockRequest{WarehouseId: "W1"})
		if err == nil {
			_, err = s.next()
		}
		if status.Code(err) != codes.Internal || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "disco") {
			t.Errorf("told %v", err)
		}
		h.mu.Lock()
		if len(h.logged) != 1 || !strings.Contains(h.logged[0], "WatchStock: ") {
			t.Errorf("logged %v", h.logged)
		}
		h.mu.Unlock()
	}
}

func quickly(cfg *app.Config) { cfg.Watch.Heartbeat = requestTimeout / 10 }

// The server's time-outs are those of requests that end.
func TestAWatchOutlastsTheTimeoutsOfRequests(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		h := newHouse(t, quickly)
		ctx, cancel := context.WithCancel(t.Context())
		s, err := h.client(http2).WatchStock(ctx, &inventoryv1.WatchStockRequest{WarehouseId: "W1"})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 25 { // more than twice as long
			if m, err := (connectStream{s}).next(); err != nil {
				t.Fatalf("HTTP/2 %t: after %d messages, %v", http2, n, err)
			} else if n > 1 && (say(m) != "heartbeat" || m.GetRevision() == "") {
				t.Fatalf("HTTP/2 %t: told %s at %q", http2, say(m), m.GetRevision())
			}
		}
		cancel()
	}
}

func TestAServerThatShutsDownEndsItsWatchesAtOnce(t *testing.T) {
	h := newHouse(t)
	s, err := h.client(true, connect.WithGRPC()).WatchStock(t.Context(), &inventoryv1.WatchStockRequest{WarehouseId: "W1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (connectStream{s}).next(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- h.server.Shutdown(ctx) }()
	_, err = connectStream{s}.next()
	if code, reason, metadata := reasonOf(err); code != connect.CodeUnavailable || reason != "WATCH_CLOSING" || metadata["revision"] == "" {
		t.Errorf("told %v %s %v: %v", code, reason, metadata, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A client that takes nothing is let go of; others are told all the same.
func TestAClientThatReadsNothingIsCutOff(t *testing.T) {
	h := newHouse(t, quickly, func(cfg *app.Config) { cfg.Watch.Recent, cfg.Watch.Watches = 4000, 2 })
	h.api.patience = 300 * time.Millisecond
	long := strings.Repeat("x", 60)
	stuck, err := watchGRPC(t.Context(), h.dial(), &inventoryv1.WatchStockRequest{WarehouseId: "W1"})
	if err != nil {
		t.Fatal(err)
	}
	quick, err := h.client(true, connect.WithGRPC()).WatchStock(t.Context(), &inventoryv1.WatchStockRequest{WarehouseId: "W1"})
	if err != nil {
		t.Fatal(err)
	}
	defer quick.Close()
	if _, err := (connectStream{quick}).next(); err != nil {
		t.Fatal(err)
	}
	seen, done := 0, make(chan struct{})
	go func() {
		defer close(done)
		for seen < 3000 {
			m, err := connectStream{quick}.next()
			if err != nil {
				t.Errorf("the quick one, after %d changes: %v", seen, err)
				return
			}
			seen += len(m.GetChanges().GetChanges())
		}
	}()
	for n := range 3000 { // more than the stuck one's window has room for
		h.adjust(long, 1, fmt.Sprint(n))
	}
	<-done
	for h.Context().Err() == nil { // its place is free before long
		w, err := h.WatchStock(t.Context(), app.WatchRequest{WarehouseID: "W1"})
		if err == nil {
			w.End(nil)
			break
		}
		<-time.After(10 * time.Millisecond)
	}
	for err == nil {
		_, err = stuck.next()
	}
	if status.Code(err) == codes.OK {
		t.Error("the stuck one was told that all is well")
	}
}
