package kafka

import (
	"context"
	"net"
	"time"

	"github.com/IBM/sarama"
)

// boundDialer opens connections that break when a context ends. The client takes no context,
// and waits for answers for as long as its timeouts allow.
type boundDialer struct {
	ctx    context.Context
	dialer net.Dialer
}

// bind makes all connections of a client end with ctx, which has to end some time.
func bind(ctx context.Context, s *sarama.Config) *sarama.Config {
	s.Net.Proxy.Enable = true
	s.Net.Proxy.Dialer = boundDialer{ctx, net.Dialer{Timeout: s.Net.DialTimeout, KeepAlive: s.Net.KeepAlive}}
	return s
}

// Dial opens a connection.
func (d boundDialer) Dial(network, address string) (net.Conn, error) {
	conn, err := d.dialer.DialContext(d.ctx, network, address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(d.ctx, func() { conn.Close() })
	return conn, nil
}

// endLater returns a context with the values of ctx that ends by cancel, or, after ctx has
// ended, so long after drained has returned.
func endLater(ctx context.Context, drained func(), after time.Duration) (later context.Context, cancel func()) {
	later, end := context.WithCancel(context.WithoutCancel(ctx))
	joined := make(chan struct{})
	go func() {
		defer close(joined)
		defer end()
		select {
		case <-ctx.Done():
		case <-later.Done():
			return
		}
		drained()
		t := time.NewTimer(after)
		defer t.Stop()
		select {
		case <-t.C:
		case <-later.Done():
		}
	}()
	return later, func() {
		end()
		<-joined
	}
}
