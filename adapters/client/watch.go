package client

import (
	"context"
	"errors"
	"io"
	"iter"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	inventoryv1 "inventory/schemas/proto/inventory/v1"
)

// Watch tells the stock of a warehouse: a snapshot, then each change once, in order and without a
// gap, for as long as ctx lasts. Where the watch is cut it goes on, at whichever process answers.
//
// A snapshot comes whole, in one message, and replaces all that was told before: the first one,
// where the request has no from_revision, and another where nobody can go on from the last
// revision. The error, if there is one, comes last: why ctx ended, or a *connect.Error that
// another try would not change.
func (c *Client) Watch(ctx context.Context, r *inventoryv1.WatchStockRequest) iter.Seq2[*inventoryv1.WatchStockResponse, error] {
	return func(yield func(*inventoryv1.WatchStockResponse, error) bool) {
		w := &watching{c: c, request: proto.CloneOf(r), yield: yield, tries: tries{c: c}}
		if err := w.run(ctx); err != nil && !w.left {
			yield(nil, err)
		}
	}
}

// watching is a watch under way.
type watching struct {
	c       *Client
	request *inventoryv1.WatchStockRequest
	yield   func(*inventoryv1.WatchStockResponse, error) bool
	tries   tries
	left    bool // whoever is told wants no more
}

// run watches again and again. The error is why there is no more.
func (w *watching) run(ctx context.Context) error {
	for {
		p := w.c.process()
		err := w.once(ctx, p)
		switch {
		case w.left:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case connect.CodeOf(err) == connect.CodeOutOfRange && w.request.GetFromRevision() != "":
			w.request.FromRevision = "" // a snapshot begins anew
			w.c.options.OnRetry(err)
			continue
		case final(err):
			return err
		}
		if err := w.tries.pause(ctx, p, err, 0); err != nil {
			return err
		}
	}
}

// once watches until it is cut.
func (w *watching) once(ctx context.Context, p process) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := p.stock.WatchStock(ctx, w.request)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()     // what is left of it is of no use
	var levels []*inventoryv1.StockLevel // of a snapshot that is not whole
	for s.Receive() {
		m := s.Msg()
		if part := m.GetSnapshot(); part != nil {
			levels = append(levels, part.GetLevels()...)
			if !part.GetComplete() {
				continue
			}
			part.Levels, levels = levels, nil
		}
		w.tries.succeeded()
		w.request.FromRevision = m.GetRevision()
		if !w.yield(m, nil) {
			w.left = true
			return nil
		}
	}
	if s.Err() == nil {
		return errors.Join(errEnded, io.ErrUnexpectedEOF)
	}
	return s.Err()
}

// errEnded is of a stream that ended without a word.
var errEnded = errors.New("the stream ended")
