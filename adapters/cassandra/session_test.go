package cassandra

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/ports"
)

func TestConditionalWritesAreMadeOnceAndInTheHomeRegion(t *testing.T) {
	cfg, err := validConfig().withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	c := lwtCluster(cfg, newSlowHosts())
	if c.RetryPolicy != nil || c.DefaultIdempotence || c.DefaultTimestamp {
		t.Errorf("retry policy %v, idempotent %t, timestamps of ours %t: want none", c.RetryPolicy, c.DefaultIdempotence, c.DefaultTimestamp)
	}
	if c.Consistency != gocql.LocalQuorum || c.SerialConsistency != gocql.LocalSerial {
		t.Errorf("consistency is %v, %v", c.Consistency, c.SerialConsistency)
	}
	if c.Timeout != cfg.LWTTimeout || c.ReconnectInterval != time.Second || c.ProtoVersion != 5 || c.Keyspace != "inventory" {
		t.Errorf("timeout %v, reconnect interval %v, protocol %d, keyspace %s", c.Timeout, c.ReconnectInterval, c.ProtoVersion, c.Keyspace)
	}
}

func TestNoNodeOfAnotherDataCentreIsEverAsked(t *testing.T) {
	cfg, err := validConfig().withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*gocql.ClusterConfig{lwtCluster(cfg, nil), plainCluster(cfg, nil), schemaCluster(cfg)} {
		for dc, want := range map[string]bool{"vn-south": true, "eu-west": false} {
			if got := c.HostFilter.Accept(newHost(t, 1, dc)); got != want {
				t.Errorf("a host in %s is accepted: %t", dc, got)
			}
		}
	}
}

func TestHostsAreVerifiedUnlessATestSaysOtherwise(t *testing.T) {
	if o := sslOptions(TLS{}); !o.EnableHostVerification || o.Config.InsecureSkipVerify {
		t.Error("TLS does not verify by default")
	}
	if o := sslOptions(TLS{InsecureSkipVerify: true}); o.EnableHostVerification || !o.Config.InsecureSkipVerify {
		t.Error("TLS verifies although told not to")
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	if _, err := Open(t.Context(), Config{}); !errors.Is(err, ports.ErrPermanent) {
		t.Errorf("without a configuration: %v", err)
	}
	cfg := validConfig()
	cfg.Hosts = []string{"127.0.0.1:1"}
	cfg.ConnectTimeout = time.Second
	if _, err := Open(t.Context(), cfg); !errors.Is(err, ports.ErrTransient) || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("where nobody listens: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(gone, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("with a cancelled context: %v", err)
	}
}
