package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// dial makes one try to connect: it succeeds when the member has answered that it speaks this
// protocol. What it says of a failure is for people.
func (l *link) dial(ctx context.Context) (*thread, error) {
	t := &thread{}
	t.ctx, t.cancel = context.WithCancelCause(ctx)
	var err error
	if t.conn, err = grpc.NewClient("passthrough:///"+l.addr, l.options()...); err != nil {
		t.cancel(err)
		return nil, err
	}
	late := fmt.Errorf("no connection within %v", l.cfg.DialTimeout)
	timer := time.AfterFunc(l.cfg.DialTimeout, func() { t.cancel(late) })
	err = t.open()
	if timer.Stop() && err == nil {
		return t, nil
	}
	cause := context.Cause(t.ctx)
	t.close()
	if cause != nil {
		return nil, cause
	}
	return nil, explain(err)
}

// open starts the stream and waits for the member's word.
func (t *thread) open() (err error) {
	if t.stream, err = t.conn.NewStream(t.ctx, &exchange, method); err != nil {
		return err
	}
	header, err := t.stream.Header()
	if err == nil && header == nil {
		err = t.stream.RecvMsg(&batch{}) // the stream has ended: this says why
	}
	return err
}

func (l *link) options() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithTransportCredentials(l.client.keys.forClient()),
		grpc.WithContextDialer(l.connect),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodecV2(codec{}),
			grpc.MaxCallRecvMsgSize(l.cfg.maxBatch()), grpc.MaxCallSendMsgSize(l.cfg.maxBatch()),
		),
		grpc.WithInitialWindowSize(window), grpc.WithInitialConnWindowSize(window),
		grpc.WithNoProxy(), grpc.WithDisableServiceConfig(), grpc.WithDisableRetry(),
		grpc.WithIdleTimeout(0),
	}
}

// connect makes a connection whose reads are counted.
func (l *link) connect(ctx context.Context, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: l.cfg.DialTimeout}
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return countedConn{Conn: conn, reads: &l.reads}, nil
}

type countedConn struct {
	net.Conn
	reads *atomic.Uint64
}

func (c countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.reads.Add(1)
	}
	return n, err
}

// hungUp is all that can be told when a member closes the connection without a word.
const hungUp = "it hung up at once: either it speaks TLS and this process does not, or it does not accept this process's certificate" +
	" (give all members certificate, key and CA of one CA, or none), or it is no member of the fleet"

// advice has, for what gRPC or TLS says of a failure, what it means here and what to do.
var advice = []struct{ said, means string }{
	{"first record does not look like a TLS handshake", "it does not speak TLS, and this process does: give all members certificate, key and CA, or none"},
	{"remote error: tls:", "it does not accept this process's certificate: give all members certificates of one CA"},
	{"signed by unknown authority", "its certificate is not of this process's CA: give all members certificates of one CA"},
	{"x509:", "its certificate is not good for this address: see its names, its addresses and its dates"},
	{"frame too large", "what answers there is no member of the fleet: see which address that member tells of itself"},
	{"error reading server preface", hungUp},
	{"broken pipe", hungUp},
	{"connection reset", hungUp},
}

// explain says what an error of gRPC means.
func explain(err error) error {
	s, ok := status.FromError(err)
	if !ok {
		return err
	}
	if s.Code() == codes.Unimplemented {
		return fmt.Errorf("it does not speak %s, this release's protocol: run the same release there (%s)", service, s.Message())
	}
	for _, a := range advice {
		if strings.Contains(s.Message(), a.said) {
			return fmt.Errorf("%s (%s)", a.means, s.Message())
		}
	}
	return errors.New(s.Message())
}

// whyEnded chooses what tells most about the end of a connection.
func (l *link) whyEnded(cause, received error) error {
	if cause != nil && cause != received { //nolint:errorlint // is it the very same?
		return cause
	}
	if errors.Is(received, io.EOF) {
		return errors.New("the member has ended the connection")
	}
	return fmt.Errorf("the connection broke: %w", explain(received))
}
