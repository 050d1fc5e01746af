package registry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
)

// TLSFiles names files in PEM. Empty: the system's certificates, and none of our own.
type TLSFiles struct {
	CA   string // certificates that the registry's chains to, instead of the system's
	Cert string // our own certificate, for registries that ask for one
	Key  string // its private key
}

// Config reads the files. It gives nil where none is named. Our own certificate is read again for each connection, so that
// it may be renewed.
func (f TLSFiles) Config() (*tls.Config, error) {
	if f == (TLSFiles{}) {
		return nil, nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.CA != "" {
		text, err := os.ReadFile(f.CA)
		if err != nil {
			return nil, fmt.Errorf("the registry's CA: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("the registry's CA: %s: expected certificates in PEM", f.CA)
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
		return nil, fmt.Errorf("the certificate for the registry, %s, and its key, %s: %w", f.Cert, f.Key, err)
	}
	return &pair, nil
}

// certificates tells whether a connection failed for certificates, and what to do about it.
func certificates(err error) (advice string, ok bool) {
	var alert *net.OpError
	var plain tls.RecordHeaderError
	var other *tls.CertificateVerificationError
	var name x509.HostnameError
	switch {
	case errors.As(err, &name):
		return "its certificate is of another name: ask by a name that it has", true
	case errors.As(err, &other):
		return "its certificate is not trusted: name the certificates of its CA (--registry-ca), or see that it gets a valid one", true
	case errors.As(err, &alert) && alert.Op == "remote error": // as package tls has it
		return "it ends the TLS handshake: it may want a certificate of ours, or another one (--registry-cert, --registry-key)", true
	case errors.As(err, &plain), errors.Is(err, http.ErrSchemeMismatch):
		return "it does not speak TLS: is its URL one of http?", true
	}
	return "", false
}
