package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"time"

	"go.uber.org/zap"

	"inventory/adapters/wire"
	"inventory/ports"
)

// fleetSettings say how the processes on one Cassandra reach each other.
type fleetSettings struct {
	Name      string `placeholder:"NAME" help:"On Cassandra: the name of this process's place in the fleet, another for each process and the same after a restart, such as a pod's. It also makes it a static member of Kafka's consumer group. Default: the host's name and the port of --fleet-addr, and no static member."`
	Addr      string `default:"127.0.0.1:7070" help:"On Cassandra: where this process listens for the others of its fleet."`
	Advertise string `placeholder:"HOST:PORT" help:"Where the others reach this process. Default: --fleet-addr, with the host's name where that means all addresses."`
	Cert      string `placeholder:"FILE" help:"With --fleet-key and --fleet-ca: members prove to each other who they are (mTLS). This one's certificate, for servers and clients, in PEM."`
	Key       string `placeholder:"FILE" help:"Its private key, in PEM."`
	CA        string `name:"ca" placeholder:"FILE" help:"Certificates that those of all members chain to, in PEM."`
}

var memberName = regexp.MustCompile(`^[A-Za-z0-9._-]{0,200}$`)

// faults says what can be seen to be wrong before anything is opened.
func (f fleetSettings) faults(fault func(bad bool, format string, args ...any)) {
	fault(!memberName.MatchString(f.Name), "--fleet-name=%.210q: expected at most 200 letters, digits, dots, dashes or underscores", f.Name)
	given := 0
	for _, file := range []string{f.Cert, f.Key, f.CA} {
		if file != "" {
			given++
		}
	}
	fault(given != 0 && given != 3, "--fleet-cert, --fleet-key and --fleet-ca: expected all three, or none")
	_, _, err := net.SplitHostPort(f.Addr)
	fault(err != nil, "--fleet-addr=%s: expected HOST:PORT, such as 127.0.0.1:7070", f.Addr)
	if f.Advertise != "" {
		_, _, err = net.SplitHostPort(f.Advertise)
		fault(err != nil, "--fleet-advertise=%s: expected HOST:PORT", f.Advertise)
	}
}

func (f fleetSettings) wire(warn func(string)) wire.Config {
	cfg := wire.Config{Warn: warn}
	if f.Cert != "" {
		cfg.TLS = &wire.TLSFiles{Cert: f.Cert, Key: f.Key, CA: f.CA}
	}
	return cfg
}

// member is this process in the fleet.
type member struct {
	name, addr string
	listener   net.Listener
	config     wire.Config
	client     *wire.Client
}

// openFleet takes the address where others are to reach this process, and makes the way to
// them. Nobody is let in yet. A store that only one process can use has no fleet, and one
// that owns no ledgers is not in it.
func (n *node) openFleet(ctx context.Context) (err error) {
	f := n.s.Fleet
	if n.s.Store != storeCassandra || !n.s.does(roleCore) {
		n.member.name, err = nameOr(f.Name, "")
		return err
	}
	n.member.config = f.wire(func(text string) { n.log.Warn("fleet", zap.String("message", text)) })
	if n.member.client, err = wire.NewClient(n.member.config); err != nil {
		return err
	}
	n.closers.addQuiet(n.member.client.Close)
	if n.member.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", f.Addr); err != nil {
		return fmt.Errorf("%w: the fleet: %w\nIs another process there (`ss -ltnp` shows it)? --fleet-addr chooses another address", ports.ErrPermanent, err)
	}
	n.closers.addQuiet(func() { _ = n.member.listener.Close() }) // the server closes it, too
	n.kafka.Instance = f.Name
	return n.member.introduce(f)
}

// introduce decides what the others know this process by.
func (m *member) introduce(f fleetSettings) (err error) {
	m.addr = m.listener.Addr().String()
	host, port, err := net.SplitHostPort(m.addr)
	if err != nil {
		return fmt.Errorf("%w: the fleet's address: %w", ports.ErrPermanent, err)
	}
	if m.name, err = nameOr(f.Name, "-"+port); err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() { // others have an address of their own by it
		if host, err = nameOr("", ""); err != nil {
			return err
		}
		m.addr = net.JoinHostPort(host, port)
	}
	if f.Advertise != "" {
		m.addr = f.Advertise
	}
	return nil
}

// nameOr gives a process without a name that of its host, and what tells it from others there.
func nameOr(name, more string) (string, error) {
	if name != "" {
		return name, nil
	}
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("%w: --fleet-name: expected, since the host has no name: %w", ports.ErrPermanent, err)
	}
	return host + more, nil
}

// letIn lets the others in.
func (n *node) letIn(context.Context) error {
	if n.member.listener == nil {
		return nil
	}
	server, err := wire.Serve(n.member.config, n.member.listener, n.in.Wire())
	if err != nil {
		return err
	}
	n.closers.add(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), wireGrace)
		defer cancel()
		if err := server.Close(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return nil // who was cut off asks again, elsewhere
	})
	return nil
}

// wireGrace is how long others may wait for the last answers of a process that has given its
// ledgers up: they only say that.
const wireGrace = time.Second
