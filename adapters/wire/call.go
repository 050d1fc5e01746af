package wire

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inventory/ports"
)

// call is a request whose answer somebody waits for.
type call struct {
	parcel
	done chan reply // has room for one
}

// reply is what came for a call: an answer, or why there is none.
type reply struct {
	body []byte
	err  error
}

// wait returns what came for a call that has begun, or why nothing did.
func (l *link) wait(ctx context.Context, c *call) ([]byte, error) {
	defer l.finish(c)
	var patience <-chan time.Time // nil: it is connected
	if !l.isUp() {
		t := time.NewTimer(l.cfg.DialTimeout)
		defer t.Stop()
		patience = t.C
	}
	var why error
	for why == nil {
		select {
		case r := <-c.done:
			return r.body, r.err
		case <-ctx.Done():
			why = ctx.Err()
		case <-l.ended:
			why = l.cause
		case <-patience:
			if l.out.withdraw(&c.parcel) {
				return nil, notSent(l.addr, l.noConnection())
			}
			patience = nil
		}
	}
	if l.out.withdraw(&c.parcel) {
		return nil, notSent(l.addr, l.whileWaiting(why))
	}
	select {
	case r := <-c.done: // it came at the last moment
		return r.body, r.err
	default:
		return nil, notAnswered(l.addr, why)
	}
}

// begin makes a call one that is under way. Errors: errFull, errClosed, and that too many are.
func (l *link) begin(c *call) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errClosed
	}
	if len(l.calls) >= l.cfg.MaxCalls {
		return fmt.Errorf("%d calls to it are under way, the limit", len(l.calls))
	}
	l.lastID++
	l.uses++
	c.id = l.lastID
	if err := l.out.put(&c.parcel); err != nil {
		return err
	}
	l.calls[c.id] = c
	return nil
}

// finish frees the call's place.
func (l *link) finish(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.calls, c.id)
}

// tell leaves a message, or drops it where too much waits. Its error is errClosed.
func (l *link) tell(p *parcel) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errClosed
	}
	l.uses++
	if err := l.out.put(p); errors.Is(err, errClosed) {
		return err
	}
	return nil
}

// deliver gives a call what came for it. What comes for a call that is over is dropped.
func (l *link) deliver(f frame) error {
	var r reply
	switch f.kind {
	case answer:
		r.body = append([]byte{}, f.body...)
	case refused:
		r.err = fmt.Errorf("%w: member %s: refused: %s", ports.ErrTransient, l.addr, f.body)
	case lost:
		r.err = notAnswered(l.addr, errors.New(string(f.body)))
	case pong:
		return nil
	case request, message, ping:
		return errFrame
	}
	l.mu.Lock()
	c := l.calls[f.id]
	delete(l.calls, f.id)
	l.mu.Unlock()
	if c != nil {
		c.done <- r
	}
	return nil
}
