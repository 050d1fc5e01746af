package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
)

// redis is a server that keeps nothing on disk, as a cache doesn't.
type redis struct{}

var _ native = redis{}

func (redis) ports() int { return 1 }

func (redis) needs() []Service { return nil }

func (redis) prepare(context.Context, layout, Settings) error { return nil }

func (redis) find(context.Context, io.Writer) (string, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return "", errors.New("no redis-server in PATH. On Debian: sudo apt-get update && sudo apt-get install redis-server")
	}
	return path, nil
}

func (redis) command(l layout, _ Settings) ([]string, error) {
	return []string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(l.Ports[0]), "--dir", l.data(),
		"--save", "", "--appendonly", "no",
	}, nil
}

// ready asks as a person with telnet would.
func (redis) ready(ctx context.Context, l layout) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.address())
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return err
	}
	const want = "+PONG\r\n"
	answer := make([]byte, len(want))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if string(answer) != want {
		return fmt.Errorf("PING: expected %q, found %q", want, answer)
	}
	return nil
}

func (redis) variables(l layout) map[string]string {
	return map[string]string{EnvRedis: l.address()}
}
