package httpapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"inventory/app"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// How much of a process hours of scans may take that come in one burst. Lines are worked at in
// lanes; what one owner takes in a batch is many times what all lanes have under way.
const (
	mostBulks   = 16              // requests at once
	bulkLanes   = 16              // of a request: those of one SKU in one warehouse, or of one order, share a lane
	bulkAtOnce  = 32              // lines of all requests that are asked of ledgers at once
	bulkWindow  = 256             // lines of a request that are read and not answered yet
	bulkSilence = time.Minute     // for which a client may send nothing, or take no answer
	bulkAgain   = time.Second / 5 // after which a line is tried again that may do later
)

// bulkRoom is what all requests of this kind share.
type bulkRoom struct {
	requests, lines chan struct{}
	silence         time.Duration
}

func newBulkRoom() bulkRoom {
	return bulkRoom{make(chan struct{}, mostBulks), make(chan struct{}, bulkAtOnce), bulkSilence}
}

// bulk answers a line for each line, in their order, as they are done. It ends when the last one
// is answered; lines that were not answered can be sent again.
func (a *API) bulk(_ context.Context, c *call) (reply, error) {
	actor := c.header(actorHeader, func(s string) error { return stock.CheckToken("actor", s) })
	dry := c.flag("dry_run")
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	if err := checkLineHeaders(c.r.Header); err != nil {
		return reply{}, err
	}
	select {
	case a.bulks.requests <- struct{}{}:
	default:
		return reply{}, errCrowded
	}
	b := &bulkRun{
		api: a, scans: a.in, dry: dry, lanes: bulkLanes, actor: actor, trace: c.trace, id: c.x.id, body: bufio.NewReaderSize(c.r.Body, maxBulkLine),
		connection: http.NewResponseController(c.x.ResponseWriter), seed: maphash.MakeSeed(),
	}
	if b.dry {
		b.scans, b.lanes = a.in.NewRehearsal(), 1 // each line finds what the ones before it would have left
	}
	return reply{status: http.StatusOK, lines: func(write func(any) error) error {
		defer func() { <-a.bulks.requests }()
		return b.run(c.r.Context(), write)
	}}, nil
}

// scans is what lines ask for: an app.Inventory, or an app.Rehearsal.
type scans interface {
	Adjust(context.Context, app.AdjustRequest) (stock.Adjustment, error)
	Confirm(context.Context, app.ConfirmRequest) (*reservation.Order, error)
}

// bulkRun is one request's work.
type bulkRun struct {
	api              *API
	scans            scans
	dry              bool
	lanes            uint64
	actor, trace, id string // id: the request's
	body             *bufio.Reader
	connection       *http.ResponseController
	seed             maphash.Seed
}

// run reads lines, has them done, and writes their answers. The error is of what can't be told in
// an answer: that the client is gone, or that the body can't be read on.
func (b *bulkRun) run(ctx context.Context, write func(any) error) error {
	ctx, stop := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer stop()
	// Answers are written while lines are read: HTTP/1 has to be told, and other versions need not.
	_ = b.connection.EnableFullDuplex()
	lanes := make([]chan *bulkLine, b.lanes)
	for i := range lanes {
		lanes[i] = make(chan *bulkLine, bulkWindow)
		working.Go(func() {
			for l := range lanes[i] {
				b.do(ctx, l)
			}
		})
	}
	pending, unread := make(chan *bulkLine, bulkWindow), error(nil)
	working.Go(func() {
		defer close(pending)
		defer func() {
			for _, lane := range lanes {
				close(lane)
			}
		}()
		unread = b.read(ctx, pending, lanes)
	})
	if err := b.tell(ctx, pending, write); err != nil {
		_ = b.connection.SetReadDeadline(time.Now()) // whoever reads need not wait for more
		return err
	}
	return unread
}

// read brings lines to their lanes until there are no more.
func (b *bulkRun) read(ctx context.Context, pending chan<- *bulkLine, lanes []chan *bulkLine) error {
	for number := int64(1); ; number++ {
		_ = b.connection.SetReadDeadline(time.Now().Add(b.api.bulks.silence)) // a reader without deadlines has none
		text, err := readBulkLine(b.body)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, errLongLine) {
			return unreadable(err)
		}
		l := &bulkLine{number: number, done: make(chan struct{})}
		if l.parse(text, err); l.blank {
			continue
		}
		select {
		case pending <- l:
		case <-ctx.Done():
			return ctx.Err()
		}
		if l.answer.Problem != nil {
			close(l.done)
			continue
		}
		lanes[maphash.String(b.seed, l.lane)%b.lanes] <- l // who works at the lane takes it, even where all has ended
	}
}

// tell writes answers in the order of their lines, and has them sent when the next one takes a while.
func (b *bulkRun) tell(ctx context.Context, pending <-chan *bulkLine, write func(any) error) error {
	for l := range pending {
		select {
		case <-l.done:
		default:
			_ = b.connection.Flush() // an error shows at the next write
			select {
			case <-l.done:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if p := l.answer.Problem; p != nil {
			p.RequestID = b.id
		}
		_ = b.connection.SetWriteDeadline(time.Now().Add(b.api.bulks.silence))
		if err := write(l.answer); err != nil {
			return err
		}
		if len(pending) == 0 {
			_ = b.connection.Flush()
		}
	}
	return nil
}

// do has a line done, and tries again for as long as any request may take where that may help.
func (b *bulkRun) do(ctx context.Context, l *bulkLine) {
	defer close(l.done)
	select {
	case b.api.bulks.lines <- struct{}{}:
		defer func() { <-b.api.bulks.lines }()
	case <-ctx.Done():
		return
	}
	ctx, stop := context.WithTimeout(ctx, b.api.options.Timeout)
	defer stop()
	for {
		err := b.ask(ctx, l)
		if err == nil {
			return
		}
		l.refuse(err)
		if !app.Retryable(err) {
			b.log(l, err)
			return
		}
		again := time.NewTimer(bulkAgain)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return
		}
	}
}

// ask does what a line asks for. A panic is its error: it is no other line's.
func (b *bulkRun) ask(ctx context.Context, l *bulkLine) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			b.api.options.Log(Trouble{Route: bulkRoute, RequestID: b.id, Err: fmt.Errorf("panic: %v", cause), Stack: debug.Stack()})
			err = errPanic
		}
	}()
	if l.pick != nil {
		l.pick.Trace = b.trace
		o, err := b.scans.Confirm(ctx, *l.pick)
		if err == nil {
			told := newOrder(o)
			if !b.dry {
				told = b.api.wrote(o)
			}
			l.answer.Status, l.answer.Reservation, l.answer.Problem = http.StatusOK, &told, nil
		}
		return err
	}
	l.adjust.Actor, l.adjust.Key, l.adjust.Trace = b.actor, l.answer.ID, b.trace
	made, err := b.scans.Adjust(ctx, *l.adjust)
	if err == nil {
		told := newAdjustment(l.adjust.WarehouseID, made)
		if b.dry {
			told.Version = 0 // nobody knows: others change the level meanwhile
		}
		l.answer.Status, l.answer.Adjustment, l.answer.Problem = http.StatusOK, &told, nil
	}
	return err
}

// log tells those who run the service what the client isn't told.
func (b *bulkRun) log(l *bulkLine, err error) {
	if l.answer.Status == http.StatusInternalServerError && !errors.Is(err, errPanic) || fromStore(err) {
		b.api.options.Log(Trouble{Route: bulkRoute, RequestID: b.id, Err: err})
	}
}
