package scans

import (
	"io"
	"net"
	"sync"
)

// proxy is a way to a service, which can be cut.
type proxy struct {
	listener net.Listener
	to       string
	running  sync.WaitGroup
	mu       sync.Mutex
	ends     map[net.Conn]bool
}

// newProxy begins one. Close it.
func newProxy(to string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, to: to, ends: map[net.Conn]bool{}}
	p.running.Go(p.accept)
	return p, nil
}

func (p *proxy) addr() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.to)
		if err != nil {
			near.Close()
			continue
		}
		p.mu.Lock()
		p.ends[near], p.ends[far] = true, true
		p.mu.Unlock()
		p.running.Go(func() { p.carry(near, far) })
		p.running.Go(func() { p.carry(far, near) })
	}
}

// carry brings bytes from one end to the other, until either is gone.
func (p *proxy) carry(from, to net.Conn) {
	_, _ = io.Copy(to, from) // the ends are cut
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, end := range []net.Conn{from, to} {
		end.Close()
		delete(p.ends, end)
	}
}

// cut cuts all connections, with whatever is on them.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for end := range p.ends {
		end.Close()
	}
}

// close cuts, and takes no more connections.
func (p *proxy) close() {
	p.listener.Close()
	p.cut()
	p.running.Wait()
}
