package grpcapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"inventory/app"
	"inventory/app/owner"
	"inventory/app/watch"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	inventoryv1 "inventory/schemas/proto/inventory/v1"
	"inventory/schemas/proto/inventory/v1/inventoryv1connect"
)

// scanner is a client's stream of scans.
type scanner interface {
	Send(*inventoryv1.ScanRequest) error
	Receive() (*inventoryv1.ScanResponse, error)
	CloseRequest() error
}

// grpcScanner is one of gRPC's own library.
type grpcScanner struct{ grpc.ClientStream }

func (s grpcScanner) Send(m *inventoryv1.ScanRequest) error { return s.SendMsg(m) }

func (s grpcScanner) Receive() (*inventoryv1.ScanResponse, error) {
	m := &inventoryv1.ScanResponse{}
	return m, s.RecvMsg(m)
}

func (s grpcScanner) CloseRequest() error { return s.CloseSend() }

// scans begins a stream.
func (h *house) scans(ctx context.Context, o ...connect.ClientOption) scanner {
	h.Helper()
	s, err := h.client(true, o...).Scan(ctx)
	if err != nil {
		h.Fatal(err)
	}
	return s
}

func scanOf(id string) *inventoryv1.ScanRequest {
	return &inventoryv1.ScanRequest{Id: id, WarehouseId: "W1", Actor: "wms:dock-3"}
}

func adjustScan(id, sku string, t inventoryv1.AdjustmentType, q int64) *inventoryv1.ScanRequest {
	m := scanOf(id)
	m.Scan = &inventoryv1.ScanRequest_Adjust{Adjust: &inventoryv1.ScanAdjust{Sku: sku, Type: t, Quantity: q, Reference: "PO-7"}}
	return m
}

func receiptScan(id, sku string, q int64) *inventoryv1.ScanRequest {
	return adjustScan(id, sku, inventoryv1.AdjustmentType_ADJUSTMENT_TYPE_RECEIPT, q)
}

func countScan(id, sku string, counted int64) *inventoryv1.ScanRequest {
	m := scanOf(id)
	m.Scan = &inventoryv1.ScanRequest_Count{Count: &inventoryv1.ScanCount{Sku: sku, Counted: counted}}
	return m
}

func pickScan(id, order string, items ...*inventoryv1.PickedItem) *inventoryv1.ScanRequest {
	m := scanOf(id)
	m.Scan = &inventoryv1.ScanRequest_Pick{Pick: &inventoryv1.ScanPick{OrderId: order, Items: items}}
	return m
}

// sayAck writes an acknowledgement in a line.
func sayAck(m *inventoryv1.ScanResponse) string {
	line := m.GetId()
	switch o := m.GetOutcome().(type) {
	case *inventoryv1.ScanResponse_Applied:
		if o.Applied.GetRepeated() {
			line += " repeated"
		}
		if a := o.Applied.GetAdjusted(); a != nil {
			line += fmt.Sprintf(" %d%+d %s=%d/%d #%d v%t", a.GetOnHandBefore(), a.GetQuantity(), a.GetLevel().GetSku(), a.GetLevel().GetOnHand(), a.GetLevel().GetHeld(),
				a.GetLevel().GetSeq(), a.GetLevel().GetVersion() > 0)
		}
		if p := o.Applied.GetPicked(); p != nil {
			line += fmt.Sprintf(" %s %s", p.GetOrderId(), p.GetStatus())
			for _, l := range p.GetLines() {
				line += fmt.Sprintf(" %s %s %d of %d", l.GetSku(), l.GetStatus(), l.GetPicked(), l.GetQuantity())
			}
		}
	case *inventoryv1.ScanResponse_Refused:
		line += " refused " + o.Refused.GetCode()
	case *inventoryv1.ScanResponse_Retry:
		line += fmt.Sprint(" retry ", o.Retry.GetCode(), " after ", o.Retry.GetAfter().AsDuration())
	}
	return line
}

// exchange sends scans one after the other, each when the one before it is acknowledged.
func exchange(t *testing.T, s scanner, each ...*inventoryv1.ScanRequest) (acks []string) {
	t.Helper()
	for _, m := range each {
		if err := s.Send(m); err != nil {
			t.Fatal(err)
		}
		ack, err := s.Receive()
		if err != nil {
			t.Fatalf("%s: %v", m.GetId(), err)
		}
		acks = append(acks, sayAck(ack))
	}
	return acks
}

func wantAcks(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("found\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (h *house) reserve(order string, quantity int64) {
	h.Helper()
	if _, err := h.Reserve(h.Context(), app.ReserveRequest{OrderID: order, Items: []app.ReserveItem{{SKU: "A", Quantity: quantity}}}); err != nil {
		h.Fatal(err)
	}
}

func TestScansAreDoneAndAcknowledgedOnce(t *testing.T) {
	for name, begin := range map[string]func(context.Context, *house) scanner{
		"gRPC's own library": func(ctx context.Context, h *house) scanner {
			s, err := h.dial().NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, inventoryv1connect.StockServiceScanProcedure)
			if err != nil {
				h.Fatal(err)
			}
			return grpcScanner{s}
		},
		"gRPC":            func(ctx context.Context, h *house) scanner { return h.scans(ctx, connect.WithGRPC()) },
		"gRPC-Web":        func(ctx context.Context, h *house) scanner { return h.scans(ctx, connect.WithGRPCWeb()) },
		"Connect":         func(ctx context.Context, h *house) scanner { return h.scans(ctx) },
		"Connect in JSON": func(ctx context.Context, h *house) scanner { return h.scans(ctx, connect.WithProtoJSON()) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.reserve("o-1", 3)
			h.reserve("o-2", 2)
			s := begin(t.Context(), h)
			damage := adjustScan("s-2", "A", inventoryv1.AdjustmentType_ADJUSTMENT_TYPE_DAMAGE, -1)
			wantAcks(t, exchange(t, s,
				receiptScan("s-1", "A", 5), damage, countScan("s-3", "A", 20), receiptScan("s-1", "A", 5), countScan("s-3", "A", 20),
				pickScan("s-4", "o-1"), pickScan("s-4", "o-1"), pickScan("s-5", "o-2", &inventoryv1.PickedItem{Sku: "A", Quantity: 1}),
			),
				"s-1 10+5 A=15/5 #4 vtrue",
				"s-2 15-1 A=14/5 #5 vtrue",
				"s-3 14+6 A=20/5 #6 vtrue",
				"s-1 repeated 10+5 A=15/5 #4 vtrue",
				"s-3 repeated 14+6 A=20/5 #6 vtrue",
				"s-4 o-1 CONFIRMED A CONFIRMED 3 of 3",
				"s-4 o-1 CONFIRMED A CONFIRMED 3 of 3",
				"s-5 o-2 CONFIRMED A CONFIRMED 1 of 2",
			)
			if err := s.CloseRequest(); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Receive(); !errors.Is(err, io.EOF) {
				t.Errorf("after the last one: %v", err)
			}
		})
	}
}

func TestAScanThatIsRefusedSaysWhyAndTheStreamGoesOn(t *testing.T) {
	h := newHouse(t)
	h.reserve("o-1", 1)
	s := h.scans(t.Context())
	nowhere, nobody, noTime := receiptScan("s-3", "A", 1), receiptScan("s-4", "A", 1), receiptScan("s-5", "A", 1)
	nowhere.WarehouseId, nobody.Actor, noTime.OccurredAt = "", "", &timestamppb.Timestamp{Seconds: -1 << 60}
	elsewhere := receiptScan("s-6", "A", 1)
	elsewhere.WarehouseId = "W9"
	wantAcks(t, exchange(t, s,
		scanOf("s-1"), receiptScan("s 2", "A", 1), nowhere, nobody, noTime, elsewhere,
		adjustScan("s-7", "A", 0, 1), adjustScan("s-8", "A", 99, 1), receiptScan("s-9", "A", 0), receiptScan("s-10", "no SKU", 1),
		countScan("s-11", "A", -1), adjustScan("s-12", "A", inventoryv1.AdjustmentType_ADJUSTMENT_TYPE_LOSS, -100),
		pickScan("s-13", ""), pickScan("s-14", "never"), pickScan("s-15", "o-1", &inventoryv1.PickedItem{Sku: "A", Quantity: 7}),
		receiptScan("first", "A", 1), receiptScan("first", "A", 2),
	),
		"s-1 refused INVALID", "s 2 refused INVALID", "s-3 refused INVALID", "s-4 refused INVALID", "s-5 refused INVALID", "s-6 refused UNKNOWN_WAREHOUSE",
		"s-7 refused INVALID", "s-8 refused INVALID", "s-9 refused INVALID", "s-10 refused INVALID",
		"s-11 refused INVALID", "s-12 refused BELOW_ZERO",
		"s-13 refused INVALID", "s-14 refused UNKNOWN_ORDER", "s-15 refused OVER_PICK",
		"first 10+1 A=11/1 #3 vtrue", "first refused KEY_REUSED",
	)
}

func TestTheLedgerKnowsWhoScannedAndWhen(t *testing.T) {
	h := newHouse(t)
	h.reserve("o-1", 1)
	receipt, pick := receiptScan("s-1", "A", 5), pickScan("s-2", "o-1")
	at := timestamppb.New(time.Date(2026, 11, 27, 14, 30, 0, 0, time.UTC))
	receipt.OccurredAt, pick.OccurredAt = at, at
	exchange(t, h.scans(t.Context()), receipt, pick)
	why, err := h.Why(t.Context(), app.WhyRequest{Subject: "A"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(why)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"scan@2026-11-27T14:30:00Z", "scan:wms:dock-3@2026-11-27T14:30:00Z"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

func TestAMessageThatIsNoScanEndsTheStream(t *testing.T) {
	h := newHouse(t)
	s := h.scans(t.Context())
	wantAcks(t, exchange(t, s, receiptScan("s-1", "A", 5)), "s-1 10+5 A=15/0 #2 vtrue")
	if err := s.Send(receiptScan("s-2", strings.Repeat("x", maxScan), 5)); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if _, err := s.Receive(); connect.CodeOf(err) != connect.CodeResourceExhausted {
		t.Errorf("found %v", err)
	}
}

// scripted is a service whose adjustments are a test's.
type scripted struct {
	adjust func(context.Context, app.AdjustRequest) (stock.Adjustment, error)
}

func (s scripted) Adjust(ctx context.Context, q app.AdjustRequest) (stock.Adjustment, error) {
	return s.adjust(ctx, q)
}

func (scripted) Confirm(context.Context, app.ConfirmRequest) (*reservation.Order, error) {
	return nil, owner.ErrNotOwner
}

func (scripted) WatchStock(context.Context, app.WatchRequest) (*watch.Watcher, error) {
	return nil, watch.ErrClosing
}

func (scripted) EndWatches() {}

func TestOneScanThatTakesLongKeepsNoOtherWaiting(t *testing.T) {
	h := newHouse(t)
	finish := make(chan struct{})
	h.api.in = scripted{func(_ context.Context, q app.AdjustRequest) (stock.Adjustment, error) {
		if q.Key == "slow" {
			<-finish
		}
		return stock.Adjustment{SKU: stock.SKU(q.SKU)}, nil
	}}
	s := h.scans(t.Context())
	if err := s.Send(receiptScan("slow", "S-0", 1)); err != nil {
		t.Fatal(err)
	}
	quick := 0
	for n := range 32 { // some of them share its lane
		if err := s.Send(receiptScan(fmt.Sprint("s-", n), fmt.Sprint("S-", n), 1)); err != nil {
			t.Fatal(err)
		}
	}
	for range 8 {
		ack, err := s.Receive()
		if err != nil || ack.GetId() == "slow" {
			t.Fatal(ack, err)
		}
		quick++
	}
	close(finish)
	if err := s.CloseRequest(); err != nil {
		t.Fatal(err)
	}
	for ; ; quick++ {
		if _, err := s.Receive(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if quick != 33 {
		t.Errorf("%d acknowledgements", quick)
	}
}

func TestAScanThatNobodyCanDecideNowIsToBeSentAgain(t *testing.T) {
	h := newHouse(t)
	h.scanning.Patience = 20 * time.Millisecond
	h.serve()
	h.api.in = scripted{}
	wantAcks(t, exchange(t, h.scans(t.Context()), pickScan("s-1", "o")), "s-1 retry NOT_OWNER after 1s")
}

func TestWhatIsBrokenForAScanIsLoggedAndNotTold(t *testing.T) {
	h := newHouse(t)
	for _, err := range []error{errors.New("secret"), nil} {
		h.api.in = failing{err}
		s := h.scans(t.Context())
		if err := s.Send(receiptScan("s-1", "A", 1)); err != nil {
			t.Fatal(err)
		}
		ack, err := s.Receive()
		if err != nil || ack.GetRefused().GetCode() != app.Internal || ack.GetRefused().GetDetail() != broken {
			t.Errorf("told %v, %v", ack, err)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.logged) != 2 || !strings.Contains(h.logged[0], "secret") || !strings.Contains(h.logged[1], "disco") {
		t.Errorf("logged %v", h.logged)
	}
}

func TestAServerThatShutsDownAcknowledgesWhatItTook(t *testing.T) {
	h := newHouse(t)
	began, finish := make(chan struct{}), make(chan struct{})
	h.api.in = scripted{func(_ context.Context, q app.AdjustRequest) (stock.Adjustment, error) {
		close(began)
		<-finish
		return stock.Adjustment{SKU: stock.SKU(q.SKU)}, nil
	}}
	s := h.scans(t.Context())
	if err := s.Send(receiptScan("s-1", "A", 1)); err != nil {
		t.Fatal(err)
	}
	<-began
	ended := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() { ended <- h.server.Shutdown(ctx) }()
	<-h.api.options.Scans.Ending()
	close(finish)
	if ack, err := s.Receive(); err != nil || ack.GetId() != "s-1" || ack.GetApplied() == nil {
		t.Errorf("told %v, %v", ack, err)
	}
	_, err := s.Receive()
	if code, reason, _ := reasonOf(err); code != connect.CodeUnavailable || reason != "SCAN_CLOSING" {
		t.Errorf("ended with %v %s: %v", code, reason, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// The server's time-outs are those of requests that end.
func TestAStreamWithNothingToScanStays(t *testing.T) {
	h := newHouse(t)
	h.api.patience = requestTimeout / 4
	s := h.scans(t.Context())
	wantAcks(t, exchange(t, s, receiptScan("s-1", "A", 5)), "s-1 10+5 A=15/0 #2 vtrue")
	<-time.After(2 * requestTimeout)
	wantAcks(t, exchange(t, s, receiptScan("s-2", "A", 5)), "s-2 15+5 A=20/0 #3 vtrue")
}

func TestNoMoreStreamsThanThereMayBe(t *testing.T) {
	h := newHouse(t)
	h.scanning.Clients = 1
	h.serve()
	exchange(t, h.scans(t.Context()), receiptScan("s-1", "A", 5))
	s := h.scans(t.Context())
	if err := s.Send(receiptScan("s-2", "A", 5)); err != nil && !errors.Is(err, io.EOF) { // it has ended already, which Receive tells why
		t.Fatal(err)
	}
	_, err := s.Receive()
	if code, reason, _ := reasonOf(err); code != connect.CodeUnavailable || reason != "OVERLOADED" {
		t.Errorf("told %v %s: %v", code, reason, err)
	}
}

// A client that takes no acknowledgement is let go of, and kept no more than its window.
func TestAClientThatReadsNoAcknowledgementIsCutOff(t *testing.T) {
	h := newHouse(t)
	h.api.patience = 300 * time.Millisecond
	long := strings.Repeat("x", 120)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	stuck, err := h.dial().NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, inventoryv1connect.StockServiceScanProcedure)
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for ; err == nil; sent++ { // until the stream is gone
		err = stuck.SendMsg(receiptScan(fmt.Sprint(long, sent), "A", 0))
	}
	if ctx.Err() != nil || sent < h.scanning.Window {
		t.Errorf("after %d scans: %v", sent, err)
	}
}
