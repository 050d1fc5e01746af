package embedded

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// The size of a request, without its length field. Kafka's limit is the same.
const (
	minRequestBytes = 10
	maxRequestBytes = 100 << 20
)

// prefixBytes is what of a request is looked at: length, key and version.
const prefixBytes = 8

// guardedListener looks at each request before kfake does, which allocates whatever length
// a client names and panics on a key it doesn't know: an HTTP request to the port would
// take a gigabyte, or the process.
type guardedListener struct {
	net.Listener
	warn func(message string)
}

// Accept implements net.Listener.
func (l *guardedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &guardedConn{Conn: conn, warn: l.warn}, nil
}

// guardedConn is read by one goroutine at a time.
type guardedConn struct {
	net.Conn
	warn    func(message string)
	prefix  [prefixBytes]byte
	pending []byte // of prefix, not read yet
	body    int    // bytes of this request still in Conn
}

// Read implements io.Reader.
func (c *guardedConn) Read(p []byte) (int, error) {
	if len(c.pending) == 0 && c.body == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if len(c.pending) > 0 {
		n := copy(p, c.pending)
		c.pending = c.pending[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p[:min(len(p), c.body)])
	c.body -= n
	return n, err
}

// next reads the prefix of the next request.
func (c *guardedConn) next() error {
	if _, err := io.ReadFull(c.Conn, c.prefix[:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(c.prefix[:])
	key := int16(binary.BigEndian.Uint16(c.prefix[4:]))
	if err := checkRequest(size, key); err != nil {
		c.warn(fmt.Sprintf("embedded broker: closed the connection from %s: %v", c.RemoteAddr(), err))
		return err
	}
	c.pending = c.prefix[:]
	c.body = int(size) - (prefixBytes - 4)
	return nil
}

func checkRequest(size uint32, key int16) error {
	if size < minRequestBytes || size > maxRequestBytes {
		return fmt.Errorf("a request of %d bytes, expected %d to %d: is it a Kafka client, without TLS?", size, minRequestBytes, maxRequestBytes)
	}
	if kmsg.RequestForKey(key) == nil {
		return errors.New("a request that Kafka does not have, key " + fmt.Sprint(key))
	}
	return nil
}
