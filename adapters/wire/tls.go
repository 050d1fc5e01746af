package wire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"inventory/ports"
)

// TLSFiles names files in PEM. When one changes, the connections made from then on use it.
type TLSFiles struct {
	Cert string // this member's certificate, for servers and clients, and what is between it and the CA
	Key  string // its private key
	CA   string // certificates that those of all members chain to; when these change, both old and new for a while
}

// keyring has what is in the files. A nil one stands for plain text.
type keyring struct {
	files TLSFiles
	warn  func(string)

	mu      sync.Mutex
	stamps  [3]stamp
	content content
}

type content struct {
	cert tls.Certificate
	ca   *x509.CertPool
}

// stamp changes when a file does.
type stamp struct {
	changed time.Time
	size    int64
}

// openKeyring returns nil where no TLS is configured. Its errors wrap ports.ErrPermanent.
func openKeyring(cfg Config) (*keyring, error) {
	if cfg.TLS == nil {
		return nil, nil
	}
	k := &keyring{files: *cfg.TLS, warn: cfg.Warn}
	stamps, err := k.look()
	if err == nil {
		k.stamps = stamps
		k.content, err = k.files.read()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: wire: %w", ports.ErrPermanent, err)
	}
	return k, nil
}

func (k *keyring) look() (stamps [3]stamp, err error) {
	for i, name := range []string{k.files.Cert, k.files.Key, k.files.CA} {
		info, err := os.Stat(name)
		if err != nil {
			return stamps, fmt.Errorf("TLS needs certificate, key and CA: %w", err)
		}
		stamps[i] = stamp{info.ModTime(), info.Size()}
	}
	return stamps, nil
}

// read reads the files and sees that the certificate is of the CA.
func (f TLSFiles) read() (c content, err error) {
	if c.cert, err = tls.LoadX509KeyPair(f.Cert, f.Key); err != nil {
		return c, fmt.Errorf("certificate %s with key %s: %w", f.Cert, f.Key, err)
	}
	pem, err := os.ReadFile(f.CA)
	if err != nil {
		return c, err
	}
	c.ca = x509.NewCertPool()
	if !c.ca.AppendCertsFromPEM(pem) {
		return c, fmt.Errorf("%s has no certificate in PEM", f.CA)
	}
	return c, f.verify(c)
}

// verify finds now what other members would find later.
func (f TLSFiles) verify(c content) error {
	between := x509.NewCertPool()
	for _, der := range c.cert.Certificate[1:] {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Cert, err)
		}
		between.AddCert(cert)
	}
	for _, use := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		_, err := c.cert.Leaf.Verify(x509.VerifyOptions{
			Roots: c.ca, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{use},
		})
		if err != nil {
			return fmt.Errorf("certificate %s, which has to be good for servers and clients, with CA %s: %w", f.Cert, f.CA, err)
		}
	}
	return nil
}

// current returns what is in the files now; while they don't fit together, as in the midst of
// a rotation, what was in them before.
func (k *keyring) current() content {
	k.mu.Lock()
	defer k.mu.Unlock()
	stamps, err := k.look()
	if err == nil && stamps == k.stamps {
		return k.content
	}
	var c content
	if err == nil {
		c, err = k.files.read()
	}
	if err != nil {
		k.warn(fmt.Sprintf("the wire's certificate, key and CA were not read again, the last ones stay in use: %v", err))
		return k.content
	}
	k.stamps, k.content = stamps, c
	return c
}

// forClient returns what a connection to a member is made with, now.
func (k *keyring) forClient() credentials.TransportCredentials {
	if k == nil {
		return insecure.NewCredentials()
	}
	c := k.current()
	return credentials.NewTLS(&tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{c.cert},
		RootCAs:      c.ca,
	})
}

// forServer returns what members are let in with.
func (k *keyring) forServer() credentials.TransportCredentials {
	if k == nil {
		return insecure.NewCredentials()
	}
	return doorkeeper{k.warn, credentials.NewTLS(&tls.Config{
		MinVersion: tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			c := k.current()
			return &tls.Config{
				MinVersion:   tls.VersionTLS13,
				Certificates: []tls.Certificate{c.cert},
				ClientAuth:   tls.RequireAndVerifyClientCert,
				ClientCAs:    c.ca,
			}, nil
		},
	})}
}

// doorkeeper tells of those who were not let in: gRPC doesn't.
type doorkeeper struct {
	warn func(string)
	credentials.TransportCredentials
}

// ServerHandshake implements credentials.TransportCredentials.
func (d doorkeeper) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	c, info, err := d.TransportCredentials.ServerHandshake(conn)
	if err != nil && !errors.Is(err, io.EOF) { // EOF: it only looked whether there is somebody
		d.warn(fmt.Sprintf("%v was not let in: %s", conn.RemoteAddr(), whyNotLetIn(err)))
	}
	return c, info, err
}

// Clone implements credentials.TransportCredentials.
func (d doorkeeper) Clone() credentials.TransportCredentials {
	return doorkeeper{d.warn, d.TransportCredentials.Clone()}
}

func whyNotLetIn(err error) string {
	if errors.As(err, new(tls.RecordHeaderError)) {
		return "it does not speak TLS, and this process does: give all members certificate, key and CA, or none"
	}
	return fmt.Sprintf("both need a certificate of the same CA: %v", err)
}
