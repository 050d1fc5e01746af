package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// output is a buffer that may be read while it is written to.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// try runs the program as a person would.
func try(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	return tryIn(t, nil, args...)
}

func tryIn(t *testing.T, env []string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs output
	err = run(t.Context(), args, env, &out, &errs)
	return out.String(), errs.String(), err
}

// must is try for what must succeed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, err := try(t, args...)
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, errs)
	}
	return out
}

// running is a service that runs beside a test.
type running struct {
	dir    string
	server string // flag of the commands that ask it
	flags  []string
	out    output
	errs   output
	end    context.CancelCauseFunc
	ended  chan error
}

// freeAddr is an address on loopback whose port was free a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// serving starts a service on the embedded default and waits until it is ready.
func serving(t *testing.T, dir string, flags ...string) *running {
	t.Helper()
	addr := freeAddr(t)
	r := &running{dir: dir, server: "--server=http://" + addr, ended: make(chan error, 1)}
	r.flags = append([]string{
		"serve", "--data-dir=" + dir, "--http-addr=" + addr, "--kafka-addr=" + freeAddr(t), "--registry-addr=" + freeAddr(t), "--log-level=warn",
	}, flags...)
	ctx, end := context.WithCancelCause(t.Context())
	r.end = end
	go func() { r.ended <- run(ctx, r.flags, nil, &r.out, &r.errs) }()
	t.Cleanup(func() { r.stop(t) })
	waitFor(t, func() bool {
		_, _, err := try(t, "ledgers", r.server)
		return err == nil
	})
	waitFor(t, func() bool {
		res, err := http.Get("http://" + addr + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	http.DefaultClient.CloseIdleConnections()
	return r
}

// stop ends the service as a signal would.
func (r *running) stop(t *testing.T) {
	t.Helper()
	if r.end == nil {
		return
	}
	r.end(errSignal)
	r.end = nil
	if err := <-r.ended; err != nil {
		t.Errorf("the service ended with %v\n%s", err, r.errs.String())
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(30 * time.Second); !ok(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}

func TestCommandsAskARunningService(t *testing.T) {
	dir := t.TempDir()
	s := serving(t, dir)
	steps := []struct {
		command string
		says    string
	}{
		{"warehouse list", "no warehouse yet"},
		{"warehouse put HCM south --rank 2", "warehouse HCM in region south, rank 2"},
		{"adjust HCM SKU-1 RECEIPT 100 --key k", "now 100 on hand"},
		{"adjust HCM SKU-1 RECEIPT 100 --key k", "now 100 on hand"}, // nothing twice
		{"adjust HCM SKU-1 DAMAGE -3", "now 97 on hand"},
		{"threshold list HCM", "no low mark in HCM yet: `threshold set HCM <sku> <units>` sets one"},
		{"threshold set HCM SKU-1 95", "SKU-1 in HCM: low mark 95, 97 available: BACK"},
		{"threshold set HCM SKU-2 0 --actor anna", "SKU-2 in HCM: low mark 0, 0 available: OUT"},
		{"reserve o-1 SKU-1=2 --ttl 1h", "order o-1: HELD until"},
		{"reserve o-2 SKU-1=5@HCM --region south", "order o-2: HELD until"},
		{"stock SKU-1", "HCM      south    97        7      90"},
		{"threshold list HCM", "SKU-1   95         90          97        7      LOW"},
		{"threshold list HCM --json", `{"thresholds":[{"sku":"SKU-1","warehouse_id":"HCM","low_mark":95,"threshold":"LOW",`},
		{"threshold clear HCM SKU-2", "SKU-2 in HCM has no low mark; 0 available"},
		{"confirm o-1", "order o-1: CONFIRMED"},
		{"release o-2 --reason PAYMENT_FAILED", "order o-2: RELEASED (PAYMENT_FAILED)"},
		{"order o-1 --json", `"order_id":"o-1","status":"CONFIRMED"`},
		{"stock SKU-1 --json", `"on_hand":95,"held":0,"available":95`},
		{"reserve o-3 SKU-1=5", "order o-3: HELD until"},
		{"adjust HCM SKU-1 COUNT 2 --key c", "SHORT of 3"},
		{"stock SKU-1 --json", `"on_hand":2,"held":5,"available":0,"short":3`},
		{"confirm o-3", "order o-3: CONFIRMED"}, // the goods are gone, whatever the count said
		{"stock SKU-1 --json", `"on_hand":0,"held":0,"available":0,"short":0`},
		{"adjust HCM SKU-2 RECEIPT 7 --key m", "now 7 on hand, 0 held, 7 available   (version "},
		{"stock SKU-2 --min-version HCM:1", "HCM      south    7         0      7"},
		{"stock SKU-1 SKU-9 SKU-2", "unknown sku SKU-9\nSKU-2"},
		{"stock SKU-1 SKU-2 --region south --json", `{"items":[{"sku":"SKU-1","status":200,"stock":{"sku":"SKU-1","region":"south",`},
		{"ledgers", "stock/HCM/0"},
		{"ledgers --here --json", `"relay_lag":`},
		{"reconcile", "all agree with the journals"},
		{"version", "inventory "},
	}
	for _, step := range steps {
		if out := must(t, append(strings.Fields(step.command), s.server)...); !strings.Contains(out, step.says) {
			t.Errorf("%s: expected %q in:\n%s", step.command, step.says, out)
		}
	}
	_, _, err := try(t, "reconcile", "--offline", "--data-dir="+dir)
	if exitCode(err) != exitFailed || !strings.Contains(explain(err), "is in use by process") {
		t.Errorf("a data directory in use: %v", err)
	}
	s.stop(t)
	for _, command := range []string{"reconcile --offline", "migrate"} {
		must(t, append(strings.Fields(command), "--data-dir="+dir)...)
	}
}

func TestRefusalsEndWithADocumentedExitCodeAndSayWhatToDo(t *testing.T) {
	s := serving(t, t.TempDir())
	must(t, "warehouse", "put", "HCM", "south", s.server)
	must(t, "adjust", "HCM", "A", "RECEIPT", "5", "--key", "k", "--actor", "operator", s.server)
	for _, c := range []struct {
		command string
		exit    int
		says    string
	}{
		{"reserve o-1 A=6", exitRefused, "sku A: requested 6, available 5"},
		{"reserve o-1 A=1@XXX", exitRefused, "unknown warehouse XXX\n  `inventory warehouse list`"},
		{"reserve o-1 A=1 --region west", exitRefused, "unknown region"},
		{"order o-9", exitRefused, "unknown order"},
		{"stock B", exitRefused, "unknown sku B"},
		{"stock A --min-version HCM:99", exitRetry, "A in HCM is at version 1, asked for 99 or newer"},
		{"stock A --min-version 99", exitUsage, "expected WAREHOUSE:VERSION"},
		{"stock A B --min-version HCM:1", exitUsage, "ask for each by itself"},
		{"stock A B --global", exitUsage, "--global: expected one SKU"},
		{"stock A A", exitUsage, "expected each once"},
		{"adjust HCM A LOSS -6", exitRefused, "on_hand would be below zero"},
		{"adjust HCM A RECEIPT 6 --key k --actor operator", exitRefused, "another Idempotency-Key"},
		{"warehouse put HCM north", exitRefused, "region and ledgers of a warehouse never change"},
		{"threshold set XXX A 5", exitRefused, "unknown warehouse XXX"},
		{"threshold set HCM A -1", exitUsage, "expected 0 to 1000000000 units"},
		{"threshold set HCM A", exitUsage, "`inventory threshold set --help` tells more"},
		{"adjust HCM A THEFT 6", exitUsage, "expected RECEIPT, RETURN"},
		{"reserve o-1 A=0", exitUsage, "expected 1 to 1000000000"},
		{"reserve o-1 A=1 --ttl=1500ms", exitUsage, "expected whole seconds"},
		{"reserve o-1 A", exitUsage, "expected SKU=QUANTITY"},
		{"reserve o-1", exitUsage, "`inventory reserve --help` tells more"},
		{"adjust HCM A RECEIPT some", exitUsage, "expected a whole number of units"},
		{"stock A --sotre sqlite", exitUsage, "unknown flag --sotre"},
		{"stok A", exitUsage, "unexpected argument stok"},
	} {
		out, _, err := try(t, append(strings.Fields(c.command), s.server)...)
		if err == nil {
			t.Errorf("%s: expected an error, found %s", c.command, out)
			continue
		}
		if exitCode(err) != c.exit || !strings.Contains(explain(err), c.says) {
			t.Errorf("%s: expected %d and %q, found %d and %q", c.command, c.exit, c.says, exitCode(err), explain(err))
		}
	}
}

func TestWhatCanNotStartSaysWhatToDo(t *testing.T) {
	s := serving(t, t.TempDir())
	taken := strings.TrimPrefix(s.server, "--server=http://")
	empty := freeAddr(t) // nobody listens there
	lies := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<html>Welcome to the router's settings</html>")
	}))
	defer lies.Close()
	elsewhere := []string{"--http-addr=" + freeAddr(t), "--kafka-addr=" + freeAddr(t), "--registry-addr=" + freeAddr(t), "--timeout=5s"}
	for _, c := range []struct {
		command string
		exit    int
		says    string
	}{
		{"serve --http-addr=" + taken, exitFailed, "--http-addr chooses another address"},
		{"serve --registry-addr=" + taken, exitFailed, "--registry-addr"},
		{"serve --kafka-addr=" + taken, exitFailed, "--kafka-addr"},
		{"serve --data-dir=" + s.dir, exitFailed, "is in use by process"},
		{"serve --data-dir=/proc/no", exitFailed, "data directory"},
		{"serve --store=paper", exitUsage, "must be one of"},
		{"serve --store=cassandra", exitUsage, "--cassandra-hosts: expected"},
		{"serve --store=cassandra --cassandra-hosts=" + empty + " --cassandra-dc=dc1", exitRetry, "Is Cassandra up"},
		{"serve --lease=0s --timeout=0s --log-level=loud", exitUsage, "--timeout=0s: expected more than 0\n  log level \"loud\""},
		{"serve --registry-url=nonsense", exitFailed, "nonsense"},
		{"migrate --store=cassandra --cassandra-hosts=h --cassandra-dc=dc1 --cassandra-replication=three", exitUsage, "--cassandra-replication"},
		{"topics create", exitUsage, "--brokers: expected"},
		{"topics create --brokers=" + empty, exitRetry, "no broker answers at " + empty},
		{"schemas register", exitUsage, "--registry-url: expected"},
		{"schemas register --registry-url=http://" + empty, exitRetry, empty},
		{"schemas register --registry-url=" + lies.URL, exitUsage, lies.URL},
		{"stock A --server=http://" + empty, exitRetry, "`inventory serve` starts one"},
		{"stock A --server=" + lies.URL, exitFailed, "is it an inventory service?"},
		{"stock A --server=here", exitUsage, "expected the address of a service"},
	} {
		args := strings.Fields(c.command)
		for _, flag := range append(elsewhere, "--data-dir="+t.TempDir()) {
			if name, _, _ := strings.Cut(flag, "="); !strings.Contains(c.command, name+"=") {
				args = append(args, flag)
			}
		}
		_, _, err := try(t, args...)
		if err == nil || exitCode(err) != c.exit || !strings.Contains(explain(err), c.says) {
			t.Errorf("%s: expected %d and %q, found %d and %v", c.command, c.exit, c.says, exitCode(err), err)
		}
	}
}

func TestHelpIsForStdoutAndNoError(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"serve", "--help"}, {"warehouse", "put", "-h"}} {
		out, _, err := try(t, args...)
		if err != nil || !strings.Contains(out, "Usage: inventory") || !strings.Contains(out, "Settings:") {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}

func TestTheDemoShowsOrdersThroughKafkaAndRunsAgain(t *testing.T) {
	dir := t.TempDir()
	for n, says := range []string{"100 deliveries of 40 units came in", "they are there from an earlier run"} {
		out, errs, err := try(t, "serve", "--demo", "--demo-orders=12", "--data-dir="+dir, "--log-level=warn",
			"--http-addr="+freeAddr(t), "--kafka-addr="+freeAddr(t), "--registry-addr="+freeAddr(t))
		if err != nil || errs != "" {
			t.Fatalf("run %d: %v\n%s", n+1, err, errs)
		}
		for _, want := range []string{
			says, "→ order.created.v1", "← inventory.reserved.v1", "← inventory.rejected.v1", "INSUFFICIENT_STOCK", "← inventory.stock_level.v1",
			"Try in another terminal", "curl -s http://127.0.0.1:",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("run %d: expected %q in\n%s", n+1, want, out)
			}
		}
	}
	must(t, "reconcile", "--offline", "--data-dir="+dir)
}
