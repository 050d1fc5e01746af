// Package tlsfiles makes the TLS configuration of a client from files.
package tlsfiles

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// Files names files in PEM. Empty: the system's certificates, and none of our own.
type Files struct {
	Of   string // the server, for errors: "the registry"
	CA   string // certificates that the server's chains to, instead of the system's
	Cert string // our own certificate, for servers that ask for one
	Key  string // its private key
}

// Config reads the files. Our own certificate is read again for each connection, so that it may be
// renewed.
func (f Files) Config() (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.CA != "" {
		text, err := os.ReadFile(f.CA)
		if err != nil {
			return nil, fmt.Errorf("%s's CA: %w", f.Of, err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s's CA: %s: expected certificates in PEM", f.Of, f.CA)
		}
	}
	if f.Cert == "" {
		return cfg, nil
	}
	if _, err := f.own(nil); err != nil {
		return nil, err
	}
	cfg.GetClientCertificate = f.own
	return cfg, nil
}

func (f Files) own(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, fmt.Errorf("the certificate for %s, %s, and its key, %s: %w", f.Of, f.Cert, f.Key, err)
	}
	return &pair, nil
}
