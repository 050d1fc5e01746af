package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"inventory/ports"
)

const (
	orderV1    = `{"type":"record","name":"Order","namespace":"inventory.v1","fields":[{"name":"id","type":"string"}]}`
	orderV2    = `{"type":"record","name":"Order","namespace":"inventory.v1","fields":[{"name":"id","type":"string"},{"name":"region","type":["null","string"],"default":null}]}`
	orderV3    = `{"type":"record","name":"Order","namespace":"inventory.v1","fields":[{"name":"id","type":"string"},{"name":"ttl","type":["null","long"],"default":null}]}`
	withNeeded = `{"type":"record","name":"Order","namespace":"inventory.v1","fields":[{"name":"id","type":"string"},{"name":"needed","type":"string"}]}`
	without    = `{"type":"record","name":"Order","namespace":"inventory.v1","fields":[]}`
	other      = `{"type":"record","name":"Order","namespace":"inventory.v1","fields":[{"name":"id","type":"long"}]}`
)

func startRegistry(t testing.TB, dir string) *Registry {
	t.Helper()
	r, err := StartRegistry(t.Context(), RegistryConfig{Addr: "127.0.0.1:0", DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// call makes a request and returns the status and the answer without its spaces.
func call(t testing.TB, r *Registry, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Content-Type"); got != registryContentType {
		t.Errorf("%s %s: content type %q", method, path, got)
	}
	return resp.StatusCode, string(raw)
}

func wrap(text string) string {
	raw, _ := json.Marshal(map[string]string{"schema": text})
	return string(raw)
}

// register registers a schema and returns its id.
func register(t testing.TB, r *Registry, subject, text string) int {
	t.Helper()
	status, body := call(t, r, "POST", "/subjects/"+url.PathEscape(subject)+"/versions", wrap(text))
	var answer struct{ ID int }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	return answer.ID
}

func TestTwentyAtOnceRegisterOneSchemaUnderOneID(t *testing.T) {
	r := startRegistry(t, t.TempDir())
	ids := make(chan int, 40)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { ids <- register(t, r, "orders-value", orderV1) })
		all.Go(func() { ids <- register(t, r, "copies-value", orderV1) })
	}
	all.Wait()
	close(ids)
	for id := range ids {
		if id != 1 {
			t.Errorf("id %d, expected 1", id)
		}
	}
	if _, versions := call(t, r, "GET", "/subjects/orders-value/versions", ""); versions != "[1]" {
		t.Errorf("versions %s, expected one", versions)
	}
}

func TestARestartKeepsIDsVersionsAndLevelsAndGivesNoIDTwice(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "registry")
	first := startRegistry(t, dir)
	register(t, first, "orders-value", orderV1)
	register(t, first, "orders-value", orderV2)
	call(t, first, "PUT", "/config/orders-value", `{"compatibility":"FULL"}`)
	call(t, first, "PUT", "/config", `{"compatibility":"NONE"}`)
	call(t, first, "DELETE", "/subjects/orders-value/versions/1", "")
	ask := func(r *Registry) string {
		var all strings.Builder
		for _, path := range []string{"/subjects/orders-value/versions/2", "/subjects/orders-value/versions?deleted=true", "/subjects/orders-value/versions", "/config", "/config/orders-value", "/schemas/ids/1"} {
			status, body := call(t, r, "GET", path, "")
			fmt.Fprintln(&all, status, body)
		}
		return all.String()
	}
	before := ask(first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := startRegistry(t, dir)
	if after := ask(second); after != before {
		t.Errorf("%s\nexpected\n%s", after, before)
	}
	if id := register(t, second, "other", orderV3); id != 3 {
		t.Errorf("id %d, expected 3", id)
	}
}

func TestADamagedFileIsNamedAndLeftAsItIs(t *testing.T) {
	dir := t.TempDir()
	register(t, startRegistry(t, dir), "s", orderV1)
	file := filepath.Join(dir, registryFile)
	good := string(readFile(t, file))
	for name, bad := range map[string]string{
		"cut":             good[:len(good)/2],
		"empty":           "",
		"doubled":         good + good,
		"other format":    strings.Replace(good, `"format": 1`, `"format": 2`, 1),
		"id given again":  strings.Replace(good, `"next_id": 2`, `"next_id": 1`, 1),
		"missing schema":  strings.Replace(good, `"id": 1`, `"id": 7`, 1),
		"invalid schema":  strings.Replace(good, `string`, `strin`, 1),
		"unknown level":   strings.Replace(good, `BACKWARD`, `SIDEWARDS`, 1),
		"something other": `{"format":1,"kind":"x"}`,
	} {
		writeFile(t, file, []byte(bad))
		r, err := StartRegistry(t.Context(), RegistryConfig{Addr: "127.0.0.1:0", DataDir: dir})
		if err == nil {
			t.Errorf("%s: started", name)
			_ = r.Close()
			continue
		}
		if !errors.Is(err, ports.ErrPermanent) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
		if string(readFile(t, file)) != bad {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

func TestABusyRegistryPortIsNamedTogetherWithItsFlag(t *testing.T) {
	first := startRegistry(t, "")
	addr := strings.TrimPrefix(first.URL(), "http://")
	_, port, _ := net.SplitHostPort(addr)
	_, err := StartRegistry(t.Context(), RegistryConfig{Addr: addr})
	if err == nil || !strings.Contains(err.Error(), "port "+port) || !strings.Contains(err.Error(), "--registry-addr") {
		t.Errorf("%v", err)
	}
}
