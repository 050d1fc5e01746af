package redis

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// TLSFiles names files in PEM. Empty: the system's certificates, and none of our own.
type TLSFiles struct {
	CA   string // certificates that Redis's chains to, instead of the system's
	Cert string // our own certificate, where Redis asks for one
	Key  string // its private key
}

// Config reads the files. Our own certificate is read again for each connection, so that it may be
// renewed.
func (f TLSFiles) Config() (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.CA != "" {
		text, err := os.ReadFile(f.CA)
		if err != nil {
			return nil, fmt.Errorf("the CA of Redis: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("the CA of Redis: %s: expected certificates in PEM", f.CA)
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

func (f TLSFiles) own(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, fmt.Errorf("the certificate for Redis, %s, and its key, %s: %w", f.Cert, f.Key, err)
	}
	return &pair, nil
}
