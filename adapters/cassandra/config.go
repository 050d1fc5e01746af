package cassandra

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"time"
)

// Defaults of Config.
const (
	DefaultKeyspace       = "inventory"
	DefaultPort           = 9042
	DefaultTimeout        = 6 * time.Second
	DefaultLWTTimeout     = 3 * time.Second
	DefaultConnectTimeout = 5 * time.Second
	DefaultNumConns       = 2
	DefaultWritesInFlight = 16
	DefaultReservationTTL = 30 * 24 * time.Hour
	DefaultRegion         = "home"
	DefaultMemberTTL      = 100 * time.Second
)

// minMemberTTL leaves time to take over what a dead member had.
const minMemberTTL = time.Minute

// maxTTL is the longest time to live that Cassandra takes.
const maxTTL = 20 * 365 * 24 * time.Hour

// Config says how to reach a keyspace. Fields that are zero get the default of their
// name; Hosts and DC have none.
type Config struct {
	Hosts    []string // contact points, host or host:port; all nodes have the first one's port
	DC       string   // the home region's data centre; no node elsewhere is ever asked
	Keyspace string   // DefaultKeyspace

	Username string // empty: no authentication
	Password string
	TLS      *TLS // nil: no encryption

	// Timeout bounds a plain read or write. It should be above the server's
	// read_request_timeout and write_request_timeout (5 s and 2 s unless changed).
	Timeout time.Duration // DefaultTimeout
	// LWTTimeout bounds a conditional write, and is how long a commit waits for a
	// coordinator that is frozen. It should be above the server's cas_contention_timeout and
	// write_request_timeout (1.8 s and 2 s unless changed).
	LWTTimeout     time.Duration // DefaultLWTTimeout
	ConnectTimeout time.Duration // DefaultConnectTimeout, for each connection

	NumConns       int // DefaultNumConns: connections per node, for each of two sessions
	WritesInFlight int // DefaultWritesInFlight: batches and chunks on their way at once

	// ReservationTTL is how long a row of the reservation table lives after it was written
	// last. Whole seconds.
	ReservationTTL time.Duration // DefaultReservationTTL

	// Region is the home region, whose members are told apart from those of others.
	Region string // DefaultRegion
	// MemberTTL is how long a member is remembered after it was last heard of: at least ten
	// leases, so that nobody forgets an owner whose ledgers are still to be taken over. Whole
	// seconds, 60 at least.
	MemberTTL time.Duration // DefaultMemberTTL

	// Dialer opens connections; nil: a net.Dialer with ConnectTimeout.
	Dialer Dialer
}

// Dialer opens network connections; a *net.Dialer is one.
type Dialer interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
}

// TLS says how connections are encrypted. Nodes' certificates are verified, their host
// name or address too, unless InsecureSkipVerify is set.
type TLS struct {
	CAFile             string // PEM; empty: the system's authorities
	CertFile           string // PEM, with KeyFile: the client's certificate
	KeyFile            string
	ServerName         string // expected in nodes' certificates; empty: the address dialled
	InsecureSkipVerify bool   // for tests alone: anyone may be the node then
}

var (
	keyspaceName   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,47}$`)
	dataCentreName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
)

// withDefaults returns the configuration as it is used, or all of its faults.
func (c Config) withDefaults() (Config, error) {
	setDefault(&c.Keyspace, DefaultKeyspace)
	setDefault(&c.Timeout, DefaultTimeout)
	setDefault(&c.LWTTimeout, DefaultLWTTimeout)
	setDefault(&c.ConnectTimeout, DefaultConnectTimeout)
	setDefault(&c.NumConns, DefaultNumConns)
	setDefault(&c.WritesInFlight, DefaultWritesInFlight)
	setDefault(&c.ReservationTTL, DefaultReservationTTL)
	setDefault(&c.Region, DefaultRegion)
	setDefault(&c.MemberTTL, DefaultMemberTTL)
	return c, c.validate()
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// validate reports everything that is wrong, at once.
func (c Config) validate() error {
	var errs []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf("cassandra: "+format, args...))
		}
	}
	fault(len(c.Hosts) == 0, "hosts: none given")
	for _, h := range c.Hosts {
		_, _, err := splitHost(h)
		fault(err != nil, "hosts: %v", err)
	}
	fault(!dataCentreName.MatchString(c.DC), "data centre %q: expected 1 to 64 letters, digits, dots, dashes or underscores", c.DC)
	fault(!keyspaceName.MatchString(c.Keyspace), "keyspace %q: expected 1 to 48 lower-case letters, digits or underscores, a letter first", c.Keyspace)
	fault(c.Password != "" && c.Username == "", "a password without a user name")
	fault(c.Timeout < 0, "timeout %v: below 0", c.Timeout)
	fault(c.LWTTimeout < 0, "LWT timeout %v: below 0", c.LWTTimeout)
	fault(c.ConnectTimeout < 0, "connect timeout %v: below 0", c.ConnectTimeout)
	fault(c.NumConns < 0 || c.NumConns > 64, "connections per node %d: expected 1 to 64", c.NumConns)
	fault(c.WritesInFlight < 0 || c.WritesInFlight > 1024, "writes in flight %d: expected 1 to 1024", c.WritesInFlight)
	fault(c.ReservationTTL < time.Second || c.ReservationTTL > maxTTL || c.ReservationTTL%time.Second != 0,
		"reservation time to live %v: expected whole seconds, 1 s to %v", c.ReservationTTL, maxTTL)
	fault(c.MemberTTL < minMemberTTL || c.MemberTTL > maxTTL || c.MemberTTL%time.Second != 0,
		"member time to live %v: expected whole seconds, %v to %v", c.MemberTTL, minMemberTTL, maxTTL)
	if c.TLS != nil {
		fault((c.TLS.CertFile == "") != (c.TLS.KeyFile == ""), "TLS: a certificate and its key go together")
	}
	return errors.Join(errs...)
}

// splitHost reads host or host:port.
func splitHost(s string) (host string, port int, err error) {
	if ip := net.ParseIP(s); ip != nil {
		return s, DefaultPort, nil
	}
	host, p, err := net.SplitHostPort(s)
	if err != nil {
		host, p = s, strconv.Itoa(DefaultPort)
	}
	port, err = strconv.Atoi(p)
	if err != nil || port < 1 || port > 65535 || host == "" || (net.ParseIP(host) == nil && !hostName.MatchString(host)) {
		return "", 0, fmt.Errorf("%q: expected host or host:port", s)
	}
	return host, port, nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9.])?$`)
