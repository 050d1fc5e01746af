package cassandra

import (
	"strings"
	"testing"
	"time"
)

func validConfig() Config { return Config{Hosts: []string{"10.0.0.1"}, DC: "vn-south"} }

func TestDefaultsFillWhatIsNotSet(t *testing.T) {
	c, err := validConfig().withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if c.Keyspace != "inventory" || c.Timeout != 6*time.Second || c.LWTTimeout != 3*time.Second ||
		c.ConnectTimeout != 5*time.Second || c.NumConns != 2 || c.WritesInFlight != 16 || c.ReservationTTL != 30*24*time.Hour ||
		c.Region != "home" || c.MemberTTL != 100*time.Second {
		t.Errorf("defaults are %+v", c)
	}
	set := validConfig()
	set.Keyspace, set.LWTTimeout = "other", time.Second
	if c, err = set.withDefaults(); err != nil || c.Keyspace != "other" || c.LWTTimeout != time.Second {
		t.Errorf("what was set became %+v, %v", c, err)
	}
}

func TestWrongConfigurationIsNamed(t *testing.T) {
	for word, change := range map[string]func(*Config){
		"hosts: none":        func(c *Config) { c.Hosts = nil },
		`"10.0.0.1:x"`:       func(c *Config) { c.Hosts = []string{"10.0.0.1:x"} },
		`"a b"`:              func(c *Config) { c.Hosts = []string{"a b"} },
		`data centre ""`:     func(c *Config) { c.DC = "" },
		`data centre "a'b"`:  func(c *Config) { c.DC = "a'b" },
		`keyspace "Upper"`:   func(c *Config) { c.Keyspace = "Upper" },
		`keyspace "a; drop"`: func(c *Config) { c.Keyspace = "a; drop" },
		"password":           func(c *Config) { c.Password = "secret" },
		"timeout -1s":        func(c *Config) { c.Timeout = -time.Second },
		"LWT timeout -1s":    func(c *Config) { c.LWTTimeout = -time.Second },
		"connect timeout":    func(c *Config) { c.ConnectTimeout = -1 },
		"connections":        func(c *Config) { c.NumConns = -1 },
		"writes in flight":   func(c *Config) { c.WritesInFlight = 5000 },
		"time to live 1.5s":  func(c *Config) { c.ReservationTTL = 1500 * time.Millisecond },
		"live 59s":           func(c *Config) { c.MemberTTL = 59 * time.Second },
		"live 1m0.5s":        func(c *Config) { c.MemberTTL = 60500 * time.Millisecond },
		"certificate":        func(c *Config) { c.TLS = &TLS{CertFile: "client.pem"} },
	} {
		c := validConfig()
		change(&c)
		_, err := c.withDefaults()
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("got error %v, want one with %q", err, word)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("error %v shows the password", err)
		}
	}
}

func TestAllFaultsAreNamedAtOnce(t *testing.T) {
	_, err := Config{Keyspace: "X"}.withDefaults()
	for _, word := range []string{"hosts", "data centre", "keyspace"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("error %v does not name %s", err, word)
		}
	}
}

func TestHostsAreReadWithAndWithoutPort(t *testing.T) {
	for s, want := range map[string]struct {
		host string
		port int
	}{
		"db.example.org":      {"db.example.org", 9042},
		"db.example.org:9142": {"db.example.org", 9142},
		"10.0.0.1:39042":      {"10.0.0.1", 39042},
		"::1":                 {"::1", 9042},
		"[::1]:39042":         {"::1", 39042},
	} {
		host, port, err := splitHost(s)
		if err != nil || host != want.host || port != want.port {
			t.Errorf("%s: got %s, %d, %v", s, host, port, err)
		}
	}
}
