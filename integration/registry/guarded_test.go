package registry_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	neturl "net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority is a CA that nobody knows but this test.
type authority struct {
	dir  string
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir(), pool: x509.NewCertPool()}
	a.cert, a.key = a.sign(t, "ca", &x509.Certificate{
		Subject: pkix.Name{CommonName: "a CA"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	a.pool.AddCert(a.cert)
	return a
}

// sign makes a certificate and its key, as <name>.pem and <name>.key.
func (a *authority) sign(t *testing.T, name string, of *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of.SerialNumber, of.NotBefore, of.NotAfter = big.NewInt(1), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, by := a.cert, a.key
	if parent == nil {
		parent, by = of, key
	}
	der, err := x509.CreateCertificate(rand.Reader, of, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{".pem": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(a.file(name+file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// guarded is a proxy before a registry, which lets only those in who are who they say.
func guarded(t *testing.T, url string, a *authority) *httptest.Server {
	t.Helper()
	target, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	done := make(chan struct{}) // a request's own context lasts, where nobody has read its body
	quiet := log.New(io.Discard, "", 0)
	proxy := &httputil.ReverseProxy{Transport: transport, ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Header.Del("Authorization")
	}}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case user == "team" && password == "p4ss", r.Header.Get("Authorization") == "Bearer t0ken":
			proxy.ServeHTTP(w, r)
		case r.Header.Get("Authorization") == "Bearer slow":
			<-done
		default:
			http.Error(w, `{"error_code": 40101, "message": "not with `+r.Header.Get("Authorization")+" "+password+`"}`, http.StatusUnauthorized)
		}
	}))
	a.sign(t, "server", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	own, err := tls.LoadX509KeyPair(a.file("server.pem"), a.file("server.key"))
	if err != nil {
		t.Fatal(err)
	}
	s.TLS = &tls.Config{Certificates: []tls.Certificate{own}, ClientCAs: a.pool, ClientAuth: tls.RequireAndVerifyClientCert}
	s.Config.ErrorLog = quiet
	s.StartTLS()
	t.Cleanup(func() { close(done); s.Close(); transport.CloseIdleConnections() })
	return s
}

func TestARegistryBehindTLSAndPasswords(t *testing.T) {
	registries(t, func(t *testing.T, url string) {
		a := newAuthority(t)
		a.sign(t, "client", &x509.Certificate{Subject: pkix.Name{CommonName: "a team"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
		stranger := newAuthority(t)
		stranger.sign(t, "client", &x509.Certificate{Subject: pkix.Name{CommonName: "a team"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
		s := guarded(t, url, a)
		p := prefix(t)
		ca := "--registry-ca=" + a.file("ca.pem")
		pair := func(by *authority) []string {
			return []string{"--registry-cert=" + by.file("client.pem"), "--registry-key=" + by.file("client.key")}
		}
		flags := append([]string{"--registry=" + s.URL, "--topic-prefix=" + p, ca}, pair(a)...)
		basic := caller{append([]string{"--registry-username=team"}, flags...), []string{"INVENTORY_REGISTRY_PASSWORD=p4ss"}}
		bearer := caller{flags, []string{"INVENTORY_REGISTRY_TOKEN=t0ken"}}
		basic.ends(t, 0, "register")
		for _, c := range []caller{basic, bearer} {
			c.ends(t, 0, "register", "--dry-run")
			says(t, c.ends(t, 0, "check"), "held against 12 versions")
			says(t, c.ends(t, 0, "diff"), "12 versions in both")
			says(t, c.ends(t, 0, "pull", "--dir="+t.TempDir()), "12 written")
		}
		for name, c := range map[string]struct {
			caller
			exit int
			says []string
		}{
			"a wrong token":      {caller{flags, []string{"INVENTORY_REGISTRY_TOKEN=fals3"}}, 2, []string{"status 401", "not with Bearer ********", "INVENTORY_REGISTRY_TOKEN"}},
			"a wrong password":   {caller{append([]string{"--registry-username=team"}, flags...), []string{"INVENTORY_REGISTRY_PASSWORD=fals3"}}, 2, []string{"status 401", "--registry-username"}},
			"nothing":            {caller{flags, nil}, 2, []string{"status 401"}},
			"no certificate":     {caller{[]string{"--registry=" + s.URL, ca}, bearer.env}, 2, []string{"it may want a certificate of ours", "--registry-cert"}},
			"a stranger's":       {caller{append([]string{"--registry=" + s.URL, ca}, pair(stranger)...), bearer.env}, 2, []string{"--registry-cert"}},
			"an unknown CA":      {caller{append([]string{"--registry=" + s.URL}, pair(a)...), bearer.env}, 2, []string{"not trusted", "--registry-ca"}},
			"another name":       {caller{append([]string{"--registry=" + strings.Replace(s.URL, "127.0.0.1", "localhost", 1), ca}, pair(a)...), bearer.env}, 2, []string{"is of another name"}},
			"one that hangs":     {caller{append([]string{"--registry-timeout=300ms"}, flags...), []string{"INVENTORY_REGISTRY_TOKEN=slow"}}, 4, []string{"no answer within 300ms"}},
			"one that is closed": {caller{[]string{"--registry=" + closed(t)}, bearer.env}, 4, []string{"connection refused", "is the registry up"}},
		} {
			for _, args := range [][]string{{"check"}, {"diff"}, {"pull", "--dir=" + t.TempDir()}, {"register"}, {"register", "--dry-run"}} {
				said := c.ends(t, c.exit, args...)
				says(t, said, c.says...)
				if strings.Contains(said, "fals3") || strings.Contains(said, "dGVhbTp") || strings.Contains(said, "t0ken") {
					t.Errorf("%s: a secret is in %s", name, said)
				}
			}
		}
	})
}

// closed is the URL of nobody.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}
