package httpapi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"inventory/app"
	"inventory/app/scan"
	"inventory/domain/stock"
)

// How much of a process bulks may take, beside what a scan.Room leaves all who scan.
const (
	mostBulks   = 16          // requests at once
	bulkWindow  = 256         // lines of a request that are read and not answered yet
	bulkSilence = time.Minute // for which a client may send nothing, or take no answer
)

// bulkRoom is what all requests of this kind share.
type bulkRoom struct {
	requests chan struct{}
	scans    *scan.Room
	silence  time.Duration
}

func newBulkRoom(scans *scan.Room) bulkRoom {
	return bulkRoom{make(chan struct{}, mostBulks), scans, bulkSilence}
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
		api: a, scans: a.in, dry: dry, lanes: a.bulks.scans.Config().Lanes, actor: actor, trace: c.trace, id: c.x.id,
		body: bufio.NewReaderSize(c.r.Body, maxBulkLine), connection: http.NewResponseController(c.x.ResponseWriter),
	}
	if b.dry {
		b.scans, b.lanes = a.in.NewRehearsal(), 1 // each line finds what the ones before it would have left
	}
	ctx, stop := context.WithCancel(c.r.Context())
	client, err := a.bulks.scans.Enter(ctx, b.lanes)
	if err != nil {
		stop()
		<-a.bulks.requests
		return reply{}, err
	}
	return reply{status: http.StatusOK, lines: func(write func(any) error) error {
		defer func() { <-a.bulks.requests }()
		defer stop()
		return b.run(ctx, stop, client, write)
	}}, nil
}

// bulkRun is one request's work.
type bulkRun struct {
	api              *API
	scans            app.Scanning
	dry              bool
	lanes            int
	actor, trace, id string // id: the request's
	body             *bufio.Reader
	connection       *http.ResponseController
}

// run reads lines, has them done, and writes their answers. The error is of what can't be told in
// an answer: that the client is gone, that the body can't be read on, or that this process ends.
func (b *bulkRun) run(ctx context.Context, stop func(), client *scan.Client, write func(any) error) error {
	// Answers are written while lines are read: HTTP/1 has to be told, and other versions need not.
	_ = b.connection.EnableFullDuplex()
	pending, unread := make(chan *bulkLine, bulkWindow), error(nil)
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(pending)
		defer client.Close()
		unread = b.read(ctx, pending, client)
	})
	defer reading.Wait()
	defer b.api.bulks.scans.OnEnd(b.interrupt)()
	if err := b.tell(ctx, pending, write); err != nil {
		stop()
		b.interrupt()
		return err
	}
	return unread
}

// interrupt lets whoever reads wait for no more.
func (b *bulkRun) interrupt() { _ = b.connection.SetReadDeadline(time.Now()) }

// read brings lines to the room until there are no more.
func (b *bulkRun) read(ctx context.Context, pending chan<- *bulkLine, client *scan.Client) error {
	for number := int64(1); ; number++ {
		text, err := b.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, errLongLine):
			return err
		}
		l := &bulkLine{number: number, done: make(chan struct{})}
		if l.parse(text, err); l.blank {
			continue
		}
		select {
		case pending <- l:
		case <-ctx.Done():
			return ctx.Err()
		case <-b.api.bulks.scans.Ending():
			return scan.ErrClosing
		}
		if l.answer.Problem != nil {
			close(l.done)
			continue
		}
		client.Take(b.task(l))
	}
}

// next gives the next line, as readBulkLine does. Other errors are why there is none.
func (b *bulkRun) next() ([]byte, error) {
	ended := b.api.bulks.scans.Ended
	_ = b.connection.SetReadDeadline(time.Now().Add(b.api.bulks.silence)) // a reader without deadlines has none
	if ended() {                                                          // whose interrupt may have been before
		return nil, scan.ErrClosing
	}
	text, err := readBulkLine(b.body)
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, errLongLine):
		return text, err
	case ended():
		return nil, scan.ErrClosing
	}
	return nil, unreadable(err)
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

// task has a line done, and its answer written down.
func (b *bulkRun) task(l *bulkLine) scan.Task {
	if l.asks.Pick != nil {
		l.asks.Pick.Trace = b.trace
	} else {
		l.asks.Adjust.Actor, l.asks.Adjust.Key, l.asks.Adjust.Trace = b.actor, l.answer.ID, b.trace
	}
	return l.asks.Task(b.scans, func(did app.Scanned, err error) {
		defer close(l.done)
		if err != nil {
			b.refuse(l, err)
			return
		}
		l.answer.Status = http.StatusOK
		if did.Order != nil {
			told := newOrder(did.Order)
			if !b.dry {
				told = b.api.wrote(did.Order)
			}
			l.answer.Reservation = &told
			return
		}
		told := newAdjustment(l.asks.Adjust.WarehouseID, *did.Adjustment)
		if b.dry {
			told.Version = 0 // nobody knows: others change the level meanwhile
		}
		l.answer.Adjustment = &told
	})
}

// refuse notes why a line is not done, and tells those who run the service what the client isn't told.
func (b *bulkRun) refuse(l *bulkLine, err error) {
	if p, ok := errors.AsType[*scan.PanicError](err); ok {
		b.api.options.Log(Trouble{Route: bulkRoute, RequestID: b.id, Err: err, Stack: p.Stack})
		l.refuse(errPanic)
		return
	}
	l.refuse(err)
	if l.answer.Status == http.StatusInternalServerError || fromStore(err) {
		b.api.options.Log(Trouble{Route: bulkRoute, RequestID: b.id, Err: err})
	}
}
