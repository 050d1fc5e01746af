package main

import (
	"net"
	"os"
	"strings"
	"testing"
)

func TestAMemberIsIntroducedByWhatOthersReach(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		listen     string
		f          fleetSettings
		name, addr string // PORT stands for the listener's
	}{
		"loopback":       {"127.0.0.1:0", fleetSettings{}, host + "-PORT", "127.0.0.1:PORT"},
		"named":          {"127.0.0.1:0", fleetSettings{Name: "inventory-0"}, "inventory-0", "127.0.0.1:PORT"},
		"every address":  {"0.0.0.0:0", fleetSettings{}, host + "-PORT", host + ":PORT"},
		"told otherwise": {"127.0.0.1:0", fleetSettings{Advertise: "pod.example:7070"}, host + "-PORT", "pod.example:7070"},
	} {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", c.listen)
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		m := member{listener: l}
		if err := m.introduce(c.f); err != nil {
			t.Error(err)
		}
		l.Close()
		for found, want := range map[string]string{m.name: c.name, m.addr: c.addr} {
			if want = strings.ReplaceAll(want, "PORT", port); found != want {
				t.Errorf("%s: %q, expected %q", what, found, want)
			}
		}
	}
}

func TestFaultsOfTheFleetsSettingsAreNamedAtOnce(t *testing.T) {
	for flags, want := range map[string]string{
		"--fleet-cert=a.pem --fleet-key=a.key":  "--fleet-cert, --fleet-key and --fleet-ca: expected all three",
		"--fleet-name=a/b":                      "--fleet-name=\"a/b\": expected",
		"--fleet-addr=7070":                     "--fleet-addr=7070: expected HOST:PORT",
		"--fleet-advertise=pod --fleet-name=ok": "--fleet-advertise=pod: expected HOST:PORT",
	} {
		var out strings.Builder
		err := run(t.Context(), append([]string{"version"}, strings.Fields(flags)...), nil, &out, &out)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: expected %q, found %v", flags, want, err)
		}
	}
}
