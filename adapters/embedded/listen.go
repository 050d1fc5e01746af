package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"inventory/ports"
)

// listen listens on addr for the server called name. What is wrong with the address is
// told with the flag that chooses another.
func listen(ctx context.Context, name, addr, flag string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%w: the embedded %s cannot listen on %q: %w: give %s as HOST:PORT", ports.ErrPermanent, name, addr, err, flag)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return nil, fmt.Errorf("%w: the embedded %s cannot listen on %q: clients are told this address, so it must name one host: give %s as 127.0.0.1:%s, say",
			ports.ErrPermanent, name, addr, flag, port)
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%w: the embedded %s cannot listen on %s: port %s is in use. `lsof -nP -iTCP:%s -sTCP:LISTEN` (or `ss -ltnp`) shows by whom; %s HOST:PORT chooses another",
			ports.ErrPermanent, name, addr, port, port, flag)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the embedded %s cannot listen on %s: %w; %s HOST:PORT chooses another address", ports.ErrPermanent, name, addr, err, flag)
	}
	return ln, nil
}
