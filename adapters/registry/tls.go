package registry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
)

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
