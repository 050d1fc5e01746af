package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/durationpb"

	inventoryv1 "inventory/schemas/proto/inventory/v1"
	"inventory/schemas/proto/inventory/v1/inventoryv1connect"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is a service whose answers are a test's.
type desk struct {
	inventoryv1connect.UnimplementedStockServiceHandler
	watch func(*inventoryv1.WatchStockRequest, *connect.ServerStream[inventoryv1.WatchStockResponse]) error
	scan  func(*connect.BidiStream[inventoryv1.ScanRequest, inventoryv1.ScanResponse]) error
	http  http.HandlerFunc
}

func (d *desk) WatchStock(_ context.Context, r *inventoryv1.WatchStockRequest, out *connect.ServerStream[inventoryv1.WatchStockResponse]) error {
	return d.watch(r, out)
}

func (d *desk) Scan(_ context.Context, s *connect.BidiStream[inventoryv1.ScanRequest, inventoryv1.ScanResponse]) error {
	return d.scan(s)
}

// serve gives the base URL of a desk.
func (d *desk) serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(inventoryv1connect.NewStockServiceHandler(d))
	if d.http != nil {
		mux.HandleFunc("/inventory/", d.http)
	}
	s := httptest.NewUnstartedServer(mux)
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

// newClient is one that hurries.
func newClient(t *testing.T, bases ...string) *Client {
	t.Helper()
	c, err := New(Options{Actor: "wms", Pause: time.Millisecond, LongestPause: 5 * time.Millisecond}, bases...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestBaseURLsThatAreNoneAreRefused(t *testing.T) {
	for _, bases := range [][]string{nil, {"127.0.0.1:8080"}, {"http://127.0.0.1:8080", "ftp://a"}} {
		if _, err := New(Options{}, bases...); err == nil {
			t.Errorf("%q is taken", bases)
		}
	}
}

// part is a message of a watch.
func part(revision string, complete bool, skus ...string) *inventoryv1.WatchStockResponse {
	s := &inventoryv1.StockSnapshot{Complete: complete}
	for _, sku := range skus {
		s.Levels = append(s.Levels, &inventoryv1.StockLevel{Sku: sku})
	}
	return &inventoryv1.WatchStockResponse{Revision: revision, Event: &inventoryv1.WatchStockResponse_Snapshot{Snapshot: s}}
}

func change(revision, sku string) *inventoryv1.WatchStockResponse {
	return &inventoryv1.WatchStockResponse{Revision: revision, Event: &inventoryv1.WatchStockResponse_Changes{Changes: &inventoryv1.StockChanges{
		Changes: []*inventoryv1.StockChange{{Level: &inventoryv1.StockLevel{Sku: sku}}},
	}}}
}

// script is what a desk tells, one watch after the other, and from which revisions it was asked.
type script struct {
	watches []told
	asked   []string
}

type told struct {
	messages []*inventoryv1.WatchStockResponse
	err      error
}

func (s *script) watch(r *inventoryv1.WatchStockRequest, out *connect.ServerStream[inventoryv1.WatchStockResponse]) error {
	s.asked = append(s.asked, r.GetFromRevision())
	next := s.watches[0]
	s.watches = s.watches[1:]
	for _, m := range next.messages {
		if err := out.Send(m); err != nil {
			return err
		}
	}
	return next.err
}

// cut is how a connection ends that breaks.
var cut = connect.NewError(connect.CodeUnavailable, errors.New("cut"))

func TestAWatchGoesOnWhereItWasCut(t *testing.T) {
	s := &script{watches: []told{
		{nil, cut},
		{[]*inventoryv1.WatchStockResponse{part("", false, "A", "B")}, cut}, // of which nobody hears
		{[]*inventoryv1.WatchStockResponse{part("", false, "A"), part("3", true, "B"), change("4", "A")}, cut},
		{[]*inventoryv1.WatchStockResponse{change("5", "B")}, nil},
		{nil, connect.NewError(connect.CodeOutOfRange, errors.New("too old"))},
		{[]*inventoryv1.WatchStockResponse{part("9", true, "B"), change("10", "B")}, connect.NewError(connect.CodeNotFound, errors.New("gone"))},
	}}
	c := newClient(t, (&desk{watch: s.watch}).serve(t))
	var heard []string
	var last error
	for m, err := range c.Watch(t.Context(), &inventoryv1.WatchStockRequest{WarehouseId: "W1"}) {
		if last = err; err != nil {
			continue
		}
		line := m.GetRevision()
		for _, l := range m.GetSnapshot().GetLevels() {
			line += " " + l.GetSku()
		}
		heard = append(heard, line)
	}
	if want := []string{"3 A B", "4", "5", "9 B", "10"}; !slices.Equal(heard, want) {
		t.Errorf("heard %q, expected %q", heard, want)
	}
	if want := []string{"", "", "", "4", "5", ""}; !slices.Equal(s.asked, want) {
		t.Errorf("asked from %q, expected %q", s.asked, want)
	}
	if connect.CodeOf(last) != connect.CodeNotFound {
		t.Errorf("ended with %v", last)
	}
}

func TestAWatchEndsWithItsContextAndWhereNobodyListens(t *testing.T) {
	s := &script{watches: []told{{[]*inventoryv1.WatchStockResponse{part("1", true), change("2", "A")}, cut}, {[]*inventoryv1.WatchStockResponse{part("1", true)}, cut}}}
	c := newClient(t, (&desk{watch: s.watch}).serve(t))
	for m, err := range c.Watch(t.Context(), &inventoryv1.WatchStockRequest{}) {
		if m.GetRevision() != "1" || err != nil {
			t.Errorf("told %v, %v", m, err)
		}
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range c.Watch(ctx, &inventoryv1.WatchStockRequest{}) {
		cancel()
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("ended with %v", last)
	}
}

func TestAnotherProcessIsAskedWhereOneDoesNotAnswer(t *testing.T) {
	s := &script{watches: []told{{[]*inventoryv1.WatchStockResponse{part("1", true)}, nil}}}
	c := newClient(t, "http://127.0.0.1:1", (&desk{watch: s.watch}).serve(t))
	for _, err := range c.Watch(t.Context(), &inventoryv1.WatchStockRequest{}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
}

// fickle is a desk that breaks off before it acknowledges what it has taken.
type fickle struct {
	mu    sync.Mutex
	done  map[string]int // by id: how often it came
	order []string       // ids as they came first
	calls int
}

func ack(id string) *inventoryv1.ScanResponse {
	return &inventoryv1.ScanResponse{Id: id, Outcome: &inventoryv1.ScanResponse_Applied{Applied: &inventoryv1.ScanApplied{}}}
}

func retry(id string) *inventoryv1.ScanResponse {
	return &inventoryv1.ScanResponse{Id: id, Outcome: &inventoryv1.ScanResponse_Retry{Retry: &inventoryv1.ScanRetry{Code: "NOT_OWNER", After: durationpb.New(time.Millisecond)}}}
}

// scan acknowledges scans, and breaks off after a few; of some it says to send them again.
func (f *fickle) scan(s *connect.BidiStream[inventoryv1.ScanRequest, inventoryv1.ScanResponse]) error {
	for n := 0; ; n++ {
		m, err := s.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		f.mu.Lock()
		f.calls++
		if f.done[m.GetId()]++; f.done[m.GetId()] == 1 {
			f.order = append(f.order, m.GetId())
		}
		calls := f.calls
		f.mu.Unlock()
		switch {
		case calls%23 == 0:
			return cut
		case calls%7 == 0:
			err = s.Send(retry(m.GetId()))
		default:
			err = errors.Join(s.Send(ack(m.GetId())), s.Send(ack(m.GetId()))) // one too many
		}
		if err != nil {
			return err
		}
	}
}

func TestEachScanIsAcknowledgedOnceThoughTheConnectionIsCut(t *testing.T) {
	const scans = 1000
	f := &fickle{done: map[string]int{}}
	s := newClient(t, (&desk{scan: f.scan}).serve(t)).Scans(t.Context())
	told := map[string]int{}
	for n := range scans {
		id := fmt.Sprintf("s-%04d", n)
		if err := s.Send(t.Context(), &inventoryv1.ScanRequest{Id: id}, func(m *inventoryv1.ScanResponse) {
			if m.GetId() != id || m.GetApplied() == nil {
				t.Errorf("%s is told %v", id, m)
			}
			told[id]++
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for id, n := range told {
		if n != 1 || f.done[id] == 0 {
			t.Errorf("%s is acknowledged %d times, and came %d times", id, n, f.done[id])
		}
	}
	if len(told) != scans || !slices.IsSorted(f.order) {
		t.Errorf("%d are acknowledged; the order in which they came first: %v", len(told), f.order)
	}
}

func TestAScanIsAnsweredWithWhatItsActorAndIdAreFilledIn(t *testing.T) {
	var scanned *inventoryv1.ScanRequest
	refuse := func(s *connect.BidiStream[inventoryv1.ScanRequest, inventoryv1.ScanResponse]) (err error) {
		if scanned, err = s.Receive(); err == nil {
			err = s.Send(&inventoryv1.ScanResponse{Id: scanned.GetId(), Outcome: &inventoryv1.ScanResponse_Refused{Refused: &inventoryv1.ScanRefused{Code: "INVALID"}}})
		}
		_, _ = s.Receive() // its end
		return err
	}
	s := newClient(t, (&desk{scan: refuse}).serve(t)).Scans(t.Context())
	m, err := s.Do(t.Context(), &inventoryv1.ScanRequest{})
	if err != nil || m.GetRefused().GetCode() != "INVALID" || scanned.GetId() == "" || scanned.GetActor() != "wms" {
		t.Errorf("%v sent, told %v, %v", scanned, m, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Do(t.Context(), &inventoryv1.ScanRequest{}); !errors.Is(err, ErrClosed) {
		t.Errorf("after its end: %v", err)
	}
}

func TestScansThatCannotBeSent(t *testing.T) {
	got := make(chan struct{}, 10)
	silent := func(s *connect.BidiStream[inventoryv1.ScanRequest, inventoryv1.ScanResponse]) error {
		for {
			if _, err := s.Receive(); err != nil {
				return err
			}
			got <- struct{}{}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := newClient(t, (&desk{scan: silent}).serve(t)).Scans(ctx)
	ignored := func(*inventoryv1.ScanResponse) {}
	if err := s.Send(ctx, &inventoryv1.ScanRequest{Id: "a"}, ignored); err != nil {
		t.Fatal(err)
	}
	<-got
	if err := s.Send(ctx, &inventoryv1.ScanRequest{Id: "a"}, ignored); !errors.Is(err, ErrPending) {
		t.Errorf("the same id: %v", err)
	}
	if err := s.Send(ctx, &inventoryv1.ScanRequest{Id: strings.Repeat("x", maxScan)}, ignored); !errors.Is(err, ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
	cancel()
	if err := s.Close(); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "1 scans") {
		t.Errorf("closed: %v", err)
	}
}

func TestAServiceThatTakesNoScansEndsThem(t *testing.T) {
	refuse := func(*connect.BidiStream[inventoryv1.ScanRequest, inventoryv1.ScanResponse]) error {
		return connect.NewError(connect.CodeUnauthenticated, errors.New("who?"))
	}
	s := newClient(t, (&desk{scan: refuse}).serve(t)).Scans(t.Context())
	if _, err := s.Do(t.Context(), &inventoryv1.ScanRequest{}); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("told %v", err)
	}
	if err := s.Close(); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("closed: %v", err)
	}
}

func TestAnAdjustmentIsAskedAgainUnderTheSameKey(t *testing.T) {
	var keys []string
	answer := func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("Idempotency-Key")+" "+r.Header.Get("Inventory-Actor"))
		switch len(keys) {
		case 1:
			panic(http.ErrAbortHandler) // a cut
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			fmt.Fprint(w, `{"sku":"A","warehouse_id":"W1","qty_delta":5,"on_hand":15,"held":2,"available":13,"short":0,"version":7}`)
		}
	}
	c := newClient(t, (&desk{http: answer}).serve(t))
	units := int64(5)
	did, err := c.Adjust(t.Context(), Adjustment{SKU: "A", WarehouseID: "W1", Type: "RECEIPT", QtyDelta: &units})
	if err != nil || did.OnHand != 15 || did.Available != 13 || did.Version != 7 || did.QtyDelta != 5 {
		t.Errorf("%+v, %v", did, err)
	}
	if len(keys) != 3 || keys[0] != keys[1] || keys[1] != keys[2] || !strings.HasSuffix(keys[0], " wms") || len(keys[0]) < 20 {
		t.Errorf("%q", keys)
	}
}

func TestARefusalIsNotAskedAgain(t *testing.T) {
	asked := 0
	refuse := func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.WriteHeader(http.StatusNotFound)
		if r.URL.Path != "/inventory/A/B" || r.URL.RawQuery != "region=south" {
			t.Errorf("asked for %s", r.URL)
		}
		fmt.Fprint(w, `{"code":"UNKNOWN_SKU","detail":"no A/B","hint":"a RECEIPT"}`)
	}
	c := newClient(t, (&desk{http: refuse}).serve(t))
	_, err := c.Stock(t.Context(), "A/B", "south")
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != "UNKNOWN_SKU" || e.Status != 404 || asked != 1 || err.Error() != "404 UNKNOWN_SKU: no A/B; a RECEIPT" {
		t.Errorf("asked %d times: %v", asked, err)
	}
}
