package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
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
func try(t *testing.T, stdin string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	return tryIn(t, nil, stdin, args...)
}

func tryIn(t *testing.T, env []string, stdin string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs output
	err = run(t.Context(), args, env, strings.NewReader(stdin), &out, &errs)
	return out.String(), errs.String(), err
}

// must is try for what must succeed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, err := try(t, "", args...)
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, errs)
	}
	return out
}

// ask runs lines in a shell and returns its answers.
func ask(t *testing.T, dir string, lines ...string) []map[string]any {
	t.Helper()
	out, errs, err := try(t, strings.Join(lines, "\n"), "shell", "--data-dir="+dir)
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	return decode(t, out)
}

func decode(t *testing.T, out string) []map[string]any {
	t.Helper()
	var replies []map[string]any
	for _, text := range strings.Split(strings.TrimSpace(out), "\n") {
		var r map[string]any
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatalf("not a line of JSON: %q: %v", text, err)
		}
		replies = append(replies, r)
	}
	return replies
}

func get(t *testing.T, reply map[string]any, path ...string) any {
	t.Helper()
	var at any = reply
	for _, name := range path {
		object, ok := at.(map[string]any)
		if !ok {
			t.Fatalf("no %v in %v", path, reply)
		}
		at = object[name]
	}
	return at
}

func TestOneCommandAfterTheOtherWorksOnTheSameData(t *testing.T) {
	dir := "--data-dir=" + t.TempDir()
	steps := []struct {
		command string
		says    string
	}{
		{"warehouse list", "no warehouse yet"},
		{"warehouse put HCM south --rank 2", "warehouse HCM in region south, rank 2"},
		{"adjust HCM SKU-1 RECEIPT 100 --key k", "on hand 0 → 100"},
		{"adjust HCM SKU-1 RECEIPT 100 --key k", "on hand 0 → 100"}, // nothing twice
		{"adjust HCM SKU-1 DAMAGE -3", "on hand 100 → 97"},
		{"reserve o-1 SKU-1=2 --ttl 1h", "order o-1: HELD until"},
		{"reserve o-2 SKU-1=5@HCM --region south", "order o-2: HELD until"},
		{"stock SKU-1", "HCM      south    97        7      90"},
		{"confirm o-1", "order o-1: CONFIRMED"},
		{"release o-2 --reason PAYMENT_FAILED", "order o-2: RELEASED (PAYMENT_FAILED)"},
		{"order o-1 --json", `"order_id":"o-1","status":"CONFIRMED"`},
		{"stock SKU-1 --json", `"on_hand":95,"held":0,"available":95`},
		{"reserve o-3 SKU-1=5", "order o-3: HELD until"},
		{"adjust HCM SKU-1 COUNT 2 --key c", "SHORT of 3"},
		{"stock SKU-1 --json", `"on_hand":2,"held":5,"available":0,"short":3`},
		{"confirm o-3", "order o-3: CONFIRMED"}, // the goods are gone, whatever the count said
		{"stock SKU-1 --json", `"on_hand":0,"held":0,"available":0,"short":0`},
		{"ledgers", "stock/HCM/0"},
		{"reconcile", "all agree with the journals"},
		{"migrate", "up to date"},
		{"version", "inventory "},
	}
	for _, s := range steps {
		if out := must(t, append(strings.Fields(s.command), dir)...); !strings.Contains(out, s.says) {
			t.Errorf("%s: expected %q in:\n%s", s.command, s.says, out)
		}
	}
}

func TestRefusalsEndWithADocumentedExitCodeAndSayWhatToDo(t *testing.T) {
	dir := "--data-dir=" + t.TempDir()
	must(t, "warehouse", "put", "HCM", "south", dir)
	must(t, "adjust", "HCM", "A", "RECEIPT", "5", "--key", "k", dir)
	for _, c := range []struct {
		command string
		exit    int
		says    string
	}{
		{"reserve o-1 A=6", exitRefused, "sku A: requested 6, available 5"},
		{"reserve o-1 A=1@XXX", exitRefused, "unknown warehouse XXX\n  `warehouse list`"},
		{"reserve o-1 A=1 --region west", exitRefused, "unknown region"},
		{"order o-9", exitRefused, "unknown order"},
		{"stock B", exitRefused, "unknown sku B"},
		{"adjust HCM A LOSS -6", exitRefused, "on_hand would be below zero"},
		{"adjust HCM A RECEIPT 6 --key k --actor operator", exitRefused, "another --key"},
		{"warehouse put HCM north", exitRefused, "region and ledgers of a warehouse never change"},
		{"adjust HCM A THEFT 6", exitUsage, "expected RECEIPT, RETURN"},
		{"reserve o-1 A=0", exitUsage, "expected 1 to 1000000000 units"},
		{"reserve o-1 A", exitUsage, "expected SKU=QUANTITY"},
		{"reserve o-1", exitUsage, "`inventory reserve --help` tells more"},
		{"adjust HCM A RECEIPT some", exitUsage, "expected a whole number of units"},
		{"stock A --sotre sqlite", exitUsage, "unknown flag --sotre"},
		{"stok A", exitUsage, "unexpected argument stok"},
		{"stock A --store=paper", exitUsage, "must be one of"},
		{"stock A --store=cassandra", exitUsage, "--cassandra-hosts: expected"},
		{"stock A --store=memory", exitUsage, "use it with shell"},
		{"stock A --lease=0s --timeout=0s --log-level=loud", exitUsage, "--timeout=0s: expected more than 0\n  log level \"loud\""},
		{"stock A --store=cassandra --cassandra-hosts=127.0.0.1:1 --cassandra-dc=dc1", exitRetry, "Is Cassandra up"},
		{"migrate --store=cassandra --cassandra-hosts=h --cassandra-dc=dc1 --cassandra-replication=three", exitUsage, "--cassandra-replication"},
		{"shell --parallel=0", exitUsage, "--parallel=0: expected 1 to 10000"},
		{"demo --orders=0", exitUsage, "expected --orders from 1"},
	} {
		out, _, err := try(t, "", append(strings.Fields(c.command), dir)...)
		if err == nil {
			t.Errorf("%s: expected an error, found %s", c.command, out)
			continue
		}
		if exitCode(err) != c.exit || !strings.Contains(explain(err), c.says) {
			t.Errorf("%s: expected %d and %q, found %d and %q", c.command, c.exit, c.says, exitCode(err), explain(err))
		}
	}
}

func TestSettingsComeFromFlagsFirstAndThenFromTheEnvironment(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	env := []string{"INVENTORY_DATA_DIR=" + one, "INVENTORY_LEASE=3s", "INVENTORY_REASON=not a setting"}
	if _, _, err := tryIn(t, env, "", "warehouse", "put", "HCM", "south"); err != nil {
		t.Fatal(err)
	}
	if out := must(t, "warehouse", "list", "--data-dir="+one); !strings.Contains(out, "HCM") {
		t.Errorf("INVENTORY_DATA_DIR was not used: %s", out)
	}
	if out, _, err := tryIn(t, env, "", "warehouse", "list", "--data-dir="+two); err != nil || strings.Contains(out, "HCM") {
		t.Errorf("the flag does not come first: %s %v", out, err)
	}
	_, _, err := tryIn(t, []string{"INVENTORY_LEASE=soon"}, "", "warehouse", "list", "--data-dir="+two)
	if exitCode(err) != exitUsage || !strings.Contains(err.Error(), "--lease") {
		t.Errorf("a bad value in the environment: %v", err)
	}
}

func TestHelpIsForStdoutAndNoError(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"adjust", "--help"}, {"warehouse", "put", "-h"}} {
		out, _, err := try(t, "", args...)
		if err != nil || !strings.Contains(out, "Usage: inventory") || !strings.Contains(out, "Settings:") {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}

func TestADataDirectoryInUseNamesTheProcess(t *testing.T) {
	dir := t.TempDir()
	in, feed := io.Pipe()
	var out, errs output
	ended := make(chan error, 1)
	go func() { ended <- run(t.Context(), []string{"shell", "--data-dir=" + dir}, nil, in, &out, &errs) }()
	waitFor(t, func() bool { return strings.Contains(errs.String(), "ready: 4 ledgers owned") })
	_, _, err := try(t, "", "stock", "A", "--data-dir="+dir)
	if exitCode(err) != exitFailed || !strings.Contains(explain(err), "is in use by process") {
		t.Errorf("expected a refusal that names the process, found %v", err)
	}
	if err := errors.Join(feed.Close(), <-ended); err != nil {
		t.Error(err)
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(30 * time.Second); !ok(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}

func TestTheDemoLeavesADataDirectoryThatTheShellCanOpenAndRunsAgain(t *testing.T) {
	dir := t.TempDir()
	for run, says := range []string{"100 deliveries of 40 units came in", "they are there from an earlier run"} {
		out := must(t, "demo", "--data-dir="+dir, "--pace=0s", "--orders=30", "--seed=1")
		for _, want := range []string{says, "held", "cancelled", "picked", "refused:", "delivery of", "all agree with the journals", os.Args[0] + " shell"} {
			if !strings.Contains(out, want) {
				t.Errorf("run %d: expected %q in\n%s", run+1, want, out)
			}
		}
	}
	if r := ask(t, dir, "stock SKU-01"); len(get(t, r[0], "result", "warehouses").([]any)) != 2 {
		t.Errorf("stock: %v", r)
	}
}

func TestTheDemoEndsWellWhenItIsAskedTo(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	var out, errs output
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"demo", "--store=memory", "--for=1h", "--pace=1ms"}, nil, strings.NewReader(""), &out, &errs)
	}()
	waitFor(t, func() bool { return strings.Count(out.String(), "held") > 3 })
	end(errSignal)
	if err := <-ended; err != nil || !strings.Contains(out.String(), "all agree with the journals") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
