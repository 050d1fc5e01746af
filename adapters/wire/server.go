package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"inventory/ports"
)

// grace is how long Close waits for answers after their contexts have ended.
const grace = time.Second

// Server answers other members.
type Server struct {
	cfg      Config
	handler  ports.WireHandler
	listener net.Listener
	grpc     *grpc.Server
	closing  chan struct{}
	close    sync.Once
	stopped  chan struct{}  // closed when gRPC takes no more connections
	work     sync.WaitGroup // answers under way, and what reads
}

// Serve takes connections until Close; the listener is the server's from then on. Errors:
// ErrPermanent, where the configuration or one of its files is wrong.
func Serve(cfg Config, listener net.Listener, handler ports.WireHandler) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	keys, err := openKeyring(cfg)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, handler: handler, listener: listener, closing: make(chan struct{}), stopped: make(chan struct{})}
	s.grpc = grpc.NewServer(s.options(keys)...)
	s.grpc.RegisterService(&grpc.ServiceDesc{ServiceName: service, Streams: []grpc.StreamDesc{s.exchange()}}, nil)
	go s.serve()
	return s, nil
}

func (s *Server) options(keys *keyring) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.Creds(keys.forServer()),
		grpc.ForceServerCodecV2(codec{}),
		grpc.MaxRecvMsgSize(s.cfg.maxBatch()), grpc.MaxSendMsgSize(s.cfg.maxBatch()),
		grpc.InitialWindowSize(window), grpc.InitialConnWindowSize(window),
		grpc.MaxConcurrentStreams(1),
		grpc.ConnectionTimeout(max(s.cfg.DialTimeout, time.Second)), // of handshakes
		grpc.WaitForHandlers(true),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			Time:    max(s.cfg.Silence/2, time.Second), // gRPC takes no less
			Timeout: s.cfg.Silence / 2,
		}),
	}
}

func (s *Server) exchange() grpc.StreamDesc {
	d := exchange
	d.Handler = func(_ any, stream grpc.ServerStream) error { return s.converse(stream) }
	return d
}

func (s *Server) serve() {
	defer close(s.stopped)
	if err := s.grpc.Serve(s.listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		s.cfg.Warn(fmt.Sprintf("no more members are let in at %s: %v", s.Addr(), err))
	}
}

// Addr is the listener's address.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close takes nothing new: requests that come now are refused, connections too. Those under
// way are answered until ctx ends; then they are cut off, and the error says so.
func (s *Server) Close(ctx context.Context) error {
	s.close.Do(func() { close(s.closing) })
	graceful := make(chan struct{})
	go func() {
		defer close(graceful)
		s.grpc.GracefulStop()
		<-s.stopped
		s.work.Wait()
	}()
	select {
	case <-graceful:
		return nil
	case <-ctx.Done():
	}
	s.grpc.Stop() // this ends the contexts of answers
	select {
	case <-graceful:
	case <-time.After(grace):
	}
	return fmt.Errorf("wire at %s: closed with answers under way: %w", s.Addr(), context.Cause(ctx))
}
