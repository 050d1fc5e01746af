package wire

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// conversation is a server's side of one connection.
type conversation struct {
	server *Server
	ctx    context.Context // of answers
	out    *outbox

	mu       sync.Mutex
	answers  int  // under way
	refusing bool // no more of them begin
	idle     chan struct{}
}

const (
	overloaded = "it answers as many requests of this connection as it may, try again later"
	leaving    = "it is ending"
)

// converse serves a connection until it ends, or until the server closes and what was under
// way is answered.
func (s *Server) converse(stream grpc.ServerStream) error {
	if err := stream.SendHeader(metadata.MD{}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	c := &conversation{server: s, ctx: ctx, out: newOutbox(s.cfg.MaxQueued), idle: make(chan struct{})}
	heard, sent := make(chan error, 1), make(chan struct{})
	s.work.Go(func() { heard <- receive(stream, c.take) })
	var err, sendErr error
	go func() {
		defer close(sent)
		sendErr = c.out.send(stream)
	}()
	select {
	case err = <-heard:
	case <-sent:
		err = sendErr
	case <-s.closing:
		err = c.drain()
	}
	c.refuse()
	c.out.close()
	cancel()
	<-sent
	return err
}

// drain lets what is under way be answered, while the connection lasts.
func (c *conversation) drain() error {
	c.refuse()
	select {
	case <-c.idle:
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// take takes what a member sent. It waits where answers can't be sent: then nothing more is
// read, and the member has to wait as well.
func (c *conversation) take(f frame) error {
	switch f.kind {
	case message:
		c.server.handler.Hear(bytes.Clone(f.body))
		return nil
	case ping:
		return c.out.wait(&parcel{frame: frame{kind: pong}})
	case request:
		if reason := c.begin(); reason != "" {
			return c.out.wait(&parcel{frame: frame{kind: refused, id: f.id, body: []byte(reason)}})
		}
		f.body = append([]byte{}, f.body...)
		c.server.work.Go(func() { c.answer(f) })
		return nil
	case answer, refused, lost, pong:
	}
	return errFrame
}

func (c *conversation) answer(f frame) {
	defer c.end()
	ctx := c.ctx
	if f.left > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.left)
		defer cancel()
	}
	reply := frame{kind: answer, id: f.id, body: c.server.handler.Answer(ctx, f.body)}
	if limit := c.server.cfg.MaxFrame; len(reply.body) > limit {
		reply.kind, reply.body = lost, fmt.Appendf(nil, "its answer has %d bytes, %d is the limit", len(reply.body), limit)
	}
	_ = c.out.wait(&parcel{frame: reply}) // the connection has ended: nobody waits for it
}

// begin takes a place for an answer, or returns why there is none.
func (c *conversation) begin() (reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.refusing:
		return leaving
	case c.answers >= c.server.cfg.MaxAnswers:
		return overloaded
	}
	c.answers++
	return ""
}

// end frees an answer's place.
func (c *conversation) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers--
	c.tellIdle()
}

// refuse has no more answers begin.
func (c *conversation) refuse() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.refusing {
		c.refusing = true
		c.tellIdle()
	}
}

func (c *conversation) tellIdle() {
	if c.refusing && c.answers == 0 {
		close(c.idle)
	}
}
