package grpcapi

import (
	"context"
	"errors"
	"io"
	"sync"

	"connectrpc.com/connect"

	"inventory/app"
	"inventory/app/scan"
	inventoryv1 "inventory/schemas/proto/inventory/v1"
	"inventory/schemas/proto/inventory/v1/inventoryv1connect"
)

// maxScan bounds a scan's message, in bytes: a pick of 100 SKUs takes half of it.
const maxScan = 16 << 10

// scanStream is one stream of scans.
type scanStream struct {
	a      *API
	line   *line
	wire   *connect.BidiStream[inventoryv1.ScanRequest, inventoryv1.ScanResponse]
	client *scan.Client
	window chan struct{} // has a token for each scan that is taken and not acknowledged, and for the next
	acks   chan *inventoryv1.ScanResponse
}

// Scan implements inventoryv1connect.StockServiceHandler. It ends with the client, or with this
// process.
func (s *stockService) Scan(ctx context.Context, wire *connect.BidiStream[inventoryv1.ScanRequest, inventoryv1.ScanResponse]) error {
	const procedure = inventoryv1connect.StockServiceScanProcedure
	l, cfg := lineOf(ctx), s.a.options.Scans.Config()
	l.open()
	l.rest()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	client, err := s.a.options.Scans.Enter(ctx, cfg.Lanes)
	if err != nil {
		return s.a.refuse(procedure, err, nil)
	}
	stream := &scanStream{
		a: s.a, line: l, wire: wire, client: client,
		window: make(chan struct{}, cfg.Window), acks: make(chan *inventoryv1.ScanResponse, cfg.Window),
	}
	err = stream.run(ctx, stop)
	if errors.Is(err, scan.ErrClosing) {
		return s.a.refuse(procedure, err, nil)
	}
	return err
}

// run acknowledges what another goroutine takes. The error is why it takes no more.
func (s *scanStream) run(ctx context.Context, stop func()) (unread error) {
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(s.acks)
		defer s.client.Close()
		unread = s.read(ctx)
	})
	defer s.a.options.Scans.OnEnd(s.line.interrupt)()
	for ack := range s.acks {
		if err := s.send(ack); err != nil {
			stop()
			s.line.interrupt()
			reading.Wait()
			return err
		}
		<-s.window
	}
	return unread
}

// send writes an acknowledgement. A line that rests has all the time in the world: a machine may
// have nothing to scan for hours.
func (s *scanStream) send(ack *inventoryv1.ScanResponse) error {
	s.line.extend()
	err := s.wire.Send(ack)
	if len(s.acks) == 0 {
		s.line.rest()
	}
	return err
}

// read takes scans until there are no more.
func (s *scanStream) read(ctx context.Context) error {
	scans := s.a.options.Scans
	for {
		select {
		case s.window <- struct{}{}:
		case <-scans.Ending():
			return scan.ErrClosing
		case <-ctx.Done():
			return ctx.Err()
		}
		m, err := s.wire.Receive()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && scans.Ended():
			return scan.ErrClosing
		case err != nil:
			return err
		}
		s.take(m)
	}
}

// take has a scan done, or refuses it. There is room for its acknowledgement.
func (s *scanStream) take(m *inventoryv1.ScanRequest) {
	asked, err := askedOf(m)
	if err != nil {
		s.acks <- s.a.unscanned(m.GetId(), err)
		return
	}
	s.client.Take(asked.Task(s.a.in, func(did app.Scanned, err error) {
		if err != nil {
			s.acks <- s.a.unscanned(m.GetId(), err)
			return
		}
		s.acks <- &inventoryv1.ScanResponse{Id: m.GetId(), Outcome: &inventoryv1.ScanResponse_Applied{Applied: appliedOf(did)}}
	}))
}
