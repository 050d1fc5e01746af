package main

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inventory/adapters/embedded"
)

// schemaRegistry is a registry, empty, until the test ends.
func schemaRegistry(t *testing.T) string {
	t.Helper()
	r, err := embedded.StartRegistry(t.Context(), embedded.RegistryConfig{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return r.URL()
}

// send changes a registry as any client may.
func send(t *testing.T, method, url string, body any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s", method, url, res.Status)
	}
}

func level(t *testing.T, url, subject, level string) {
	t.Helper()
	send(t, http.MethodPut, url+"/config/"+subject, map[string]string{"compatibility": level})
}

func register(t *testing.T, url, subject, schema string) {
	t.Helper()
	send(t, http.MethodPost, url+"/subjects/"+subject+"/versions", map[string]string{"schema": schema})
}

// record is a schema with fields.
func record(fields ...string) string {
	return `{"type": "record", "name": "R", "fields": [` + strings.Join(fields, ", ") + `]}`
}

const (
	fieldA = `{"name": "a", "type": "int", "doc": "in ms"}`
	fieldB = `{"name": "b", "type": "int"}`
	mayB   = `{"name": "b", "type": "int", "default": 0}`
)

// write makes files, by path, in a folder of their own.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// ends runs a command that ends with an exit code, and gives all that it says.
func ends(t *testing.T, exit int, args ...string) string {
	t.Helper()
	out, errs, err := try(t, append([]string{"schemas"}, args...)...)
	said := out + errs
	if err != nil {
		said += explain(err)
	}
	if exitCode(err) != exit {
		t.Errorf("%v: exit code %d, expected %d: %s", args, exitCode(err), exit, said)
	}
	return said
}

// says looks for texts in what a command said.
func says(t *testing.T, said string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(said, text) {
			t.Errorf("expected %q in\n%s", text, said)
		}
	}
}

func TestVersionsAreHeldAgainstEveryOneThatTheRegistryHas(t *testing.T) {
	url := schemaRegistry(t)
	level(t, url, "s-value", "NONE")
	register(t, url, "s-value", record(fieldA))
	register(t, url, "s-value", record(mayB))
	dir := write(t, map[string]string{"s-value/1.avsc": record(fieldA), "s-value/2.avsc": record(mayB), "s-value/3.avsc": record(fieldB)})
	said := ends(t, exitFailed, "check", "--registry="+url, "--dir="+dir, "--warnings=error")
	says(t, said, "2 versions that "+url+" has of 1 of the folder's 1 subject", "s-value/3.avsc:1: error READER_FIELD_MISSING_DEFAULT_VALUE",
		"version 3 cannot read what version 1 wrote", "the registry, at NONE, does not find that", "warning REGISTRY_LEVEL_WEAKER", "is NONE, weaker than FULL_TRANSITIVE: it looks at nothing")
}

func TestAVersionThatOnlyTheRegistryHasIsHeldAgainstToo(t *testing.T) {
	url := schemaRegistry(t)
	register(t, url, "team.s-value", record(fieldA))
	dir := write(t, map[string]string{"s-value/2.avsc": record(fieldB), "new-value/1.avsc": record()})
	said := ends(t, exitFailed, "check", "--registry="+url, "--topic-prefix=team.", "--dir="+dir)
	says(t, said, "1 version that", "has of 1 of the folder's 2 subjects", "a: version 1 (registry) cannot read what version 2 writes", "b: version 2 cannot read what version 1 (registry) wrote",
		"at BACKWARD")
	if strings.Contains(said, "LAYOUT") {
		t.Errorf("the registry has version 1: %s", said)
	}
	says(t, ends(t, exitFailed, "check", "--registry="+url, "--topic-prefix=other.", "--dir="+dir), "0 versions that", "version 2 comes after version 0")
}

func TestAPublishedVersionThatIsOtherHereIsChanged(t *testing.T) {
	url := schemaRegistry(t)
	level(t, url, "s-value", "FULL_TRANSITIVE")
	register(t, url, "s-value", record(fieldA))
	dir := write(t, map[string]string{"s-value/1.avsc": record(fieldA, mayB)})
	said := ends(t, exitFailed, "check", "--registry="+url, "--dir="+dir)
	says(t, said, "s-value/1.avsc: error PUBLISHED_CHANGED", "what is new into 2.avsc", ": 1 error, 0 warnings\n")
}

func TestWhatIsWrittenOtherwiseIsTheSame(t *testing.T) {
	url := schemaRegistry(t)
	level(t, url, "s-value", "FULL_TRANSITIVE")
	register(t, url, "s-value", `{"type": "record", "name": "R", "namespace": "n", "fields": [`+fieldA+`]}`)
	dir := write(t, map[string]string{"s-value/1.avsc": `{"fields": [{"doc": "in ms", "type": {"type": "int"}, "name": "a"}], "name": "n.R",` + "\n" + `"type": "record"}`})
	says(t, ends(t, 0, "check", "--registry="+url, "--dir="+dir, "--warnings=error"), "0 errors, 0 warnings")
	says(t, ends(t, 0, "diff", "--registry="+url, "--dir="+dir), "1 subject: 1 version in both, 1 of them written otherwise; 0 differences")
}

func TestAFileThatIsChangedInPlaceIsHeldAgainstAllThatTheRegistryHas(t *testing.T) {
	url := schemaRegistry(t)
	level(t, url, "s-value", "FULL_TRANSITIVE")
	register(t, url, "s-value", record(fieldA))
	register(t, url, "s-value", record(fieldA, mayB))
	newest := write(t, map[string]string{"s-value.avsc": record(fieldA, mayB)})
	says(t, ends(t, 0, "check", "--registry="+url, "--dir="+newest, "--warnings=error"), "0 errors, 0 warnings")
	says(t, ends(t, 0, "diff", "--registry="+url, "--dir="+newest), "1 version in both", "0 differences")
	older := write(t, map[string]string{"s-value.avsc": record(fieldA)})
	says(t, ends(t, exitDifferences, "diff", "--registry="+url, "--dir="+older), "version 2 is only in the registry")
	changed := write(t, map[string]string{"s-value.avsc": record(fieldB)})
	says(t, ends(t, exitFailed, "check", "--registry="+url, "--dir="+changed), "b: the new schema cannot read what version 1 (registry) wrote", "a: versions 1 (registry) and 2 (registry) cannot read")
	says(t, ends(t, exitDifferences, "diff", "--registry="+url, "--dir="+changed), "it is none of the registry's, whose newest is version 2", "fields[a]: only there")
}

func TestDifferencesAreToldBothWays(t *testing.T) {
	url := schemaRegistry(t)
	for _, text := range []string{record(fieldA), record(fieldA, mayB), `"string"`} {
		level(t, url, "s-value", "NONE")
		register(t, url, "s-value", text)
	}
	register(t, url, "theirs-value", `"string"`)
	dir := write(t, map[string]string{
		"s-value/1.avsc": record(strings.Replace(fieldA, "ms", "s", 1)), "s-value/2.avsc": `"string"`, "s-value/4.avsc": `"long"`, "ours.avsc": `"int"`,
	})
	said := ends(t, exitDifferences, "diff", "--registry="+url, "--dir="+dir)
	says(t, said, "version 1 is another schema in the registry", `fields[a].doc: "in s" here, "in ms" there`, "version 2 is version 3 in the registry", "version 2 is only in the registry",
		"version 4 is only here: "+dir+"/s-value/4.avsc", "it is only here: "+dir+"/ours.avsc", "theirs-value\n  version 1 is only in the registry", "3 subjects: 0 versions in both", "6 differences")
	var found compared
	out, _, _ := try(t, "schemas", "diff", "--registry="+url, "--dir="+dir, "--json")
	if err := json.Unmarshal([]byte(out), &found); err != nil || len(found.Differences) != 6 || found.Differences[1].Kind != "OTHER_SCHEMA" {
		t.Errorf("%v: found %+v", err, found)
	}
}

func TestPullingWritesWhatIsMissingAndOverwritesNothing(t *testing.T) {
	url := schemaRegistry(t)
	register(t, url, "s-value", record(fieldA))
	register(t, url, "s-value", record(fieldA, mayB))
	register(t, url, "other-value", `"string"`)
	dir := filepath.Join(t.TempDir(), "new", "schemas")
	says(t, ends(t, 0, "pull", "--registry="+url, "--dir="+dir, "s-value"), "wrote "+dir+"/s-value/1.avsc", "1 subject: 2 written, 0 already there")
	says(t, ends(t, 0, "pull", "--registry="+url, "--dir="+dir), "wrote "+dir+"/other-value/1.avsc", "2 subjects: 1 written, 2 already there")
	says(t, ends(t, 0, "diff", "--registry="+url, "--dir="+dir), "3 versions in both", "0 differences")
	mine := filepath.Join(dir, "s-value", "2.avsc")
	if err := os.WriteFile(mine, []byte(`"long"`), 0o644); err != nil {
		t.Fatal(err)
	}
	says(t, ends(t, exitDifferences, "pull", "--registry="+url, "--dir="+dir), "kept "+mine+", which has another schema", "1 there with another schema")
	if text, err := os.ReadFile(mine); err != nil || string(text) != `"long"` {
		t.Errorf("found %s, %v", text, err)
	}
	says(t, ends(t, exitUsage, "pull", "--registry="+url, "--dir="+dir, "nobody-value"), "has no subject nobody-value")
}

func TestADeletedVersionIsAGapThatIsTold(t *testing.T) {
	url := schemaRegistry(t)
	level(t, url, "s-value", "FULL_TRANSITIVE")
	register(t, url, "s-value", record(fieldA))
	register(t, url, "s-value", record(fieldA, mayB))
	send(t, http.MethodDelete, url+"/subjects/s-value/versions/1", nil)
	dir := t.TempDir()
	says(t, ends(t, 0, "pull", "--registry="+url, "--dir="+dir), "what came before version 2 is deleted in the registry", "1 subject: 1 written")
	says(t, ends(t, 0, "check", "--registry="+url, "--dir="+dir, "--warnings=error"), "held against 1 version ")
	says(t, ends(t, 0, "diff", "--registry="+url, "--dir="+dir), "1 version in both", "0 differences")
}

func TestNoSubjectLeadsOutOfTheFolder(t *testing.T) {
	url := schemaRegistry(t)
	for _, subject := range []string{"..%2Fevil-value", "%2Fevil-value", ".hidden-value", "a%2F..%2F..%2Fevil-value"} {
		register(t, url, subject, `"string"`)
	}
	dir := filepath.Join(t.TempDir(), "in")
	says(t, ends(t, 0, "pull", "--registry="+url, "--dir="+dir), "it can't be the name of a folder", "4 subjects: 0 written, 0 already there, 0 there with another schema, 4 left out")
	if found, err := filepath.Glob(filepath.Dir(dir) + "/*"); err != nil || len(found) != 1 {
		t.Errorf("found %q, %v", found, err)
	}
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(dir, "link-value")); err != nil {
		t.Fatal(err)
	}
	register(t, url, "link-value", `"string"`)
	says(t, ends(t, exitUsage, "pull", "--registry="+url, "--dir="+dir, "link-value"), "path escapes")
	if found, err := os.ReadDir(elsewhere); err != nil || len(found) > 0 {
		t.Errorf("found %q, %v", found, err)
	}
}

func TestADryRunSaysWhatWouldBeRegisteredAndWritesNothing(t *testing.T) {
	url := schemaRegistry(t)
	says(t, ends(t, 0, "register", "--registry="+url, "--dry-run"), "order.created.v1-value, version 1: would be registered, as the first of its subject", "12 versions would be registered, 0 are already; nothing was written")
	says(t, ends(t, exitDifferences, "diff", "--registry="+url, "--dir=../../schemas/avro"), "12 differences")
	ends(t, 0, "register", "--registry="+url)
	says(t, ends(t, 0, "register", "--registry="+url, "--dry-run"), "order.created.v1-value, version 1: is registered already, id 12", "0 versions would be registered, 12 are already")
}

func TestADryRunAsksBothCheckers(t *testing.T) {
	url := schemaRegistry(t)
	register(t, url, "order.created.v1-value", record(fieldA)) // another record: BACKWARD refuses ours
	level(t, url, "order.cancelled.v1-value", "NONE")
	register(t, url, "order.cancelled.v1-value", record(fieldA)) // the registry takes ours, and we don't
	said := ends(t, exitFailed, "register", "--registry="+url, "--dry-run")
	says(t, said, "order.created.v1-value, version 1: would be refused by the registry's own checker (level BACKWARD, as it says):\n    ",
		"order.cancelled.v1-value, version 1: would be registered; the subject's level, NONE, would become FULL_TRANSITIVE",
		"Our checker, FULL_TRANSITIVE:\norder.cancelled.v1-value\n", "the registry would refuse 1 version, our checker finds")
	says(t, ends(t, exitDifferences, "diff", "--registry="+url, "--dir=../../schemas/avro"), "12 differences") // nothing was written
	says(t, ends(t, exitFailed, "register", "--registry="+url), "order.created.v1-value, version 1", "order.cancelled.v1-value, version 1")
}

// failing are the commands that ask a registry, for one that can't be asked.
func failing(t *testing.T) [][]string {
	dir := write(t, map[string]string{"s-value/1.avsc": record(fieldA)})
	return [][]string{{"check", "--dir=" + dir}, {"diff", "--dir=" + dir}, {"pull", "--dir=" + dir}, {"register", "--dry-run"}, {"register"}}
}

func TestARegistryThatCannotBeAskedIsToldWithWhatToDo(t *testing.T) {
	const secret = "s3cret-t0ken"
	done := make(chan struct{})
	handlers := map[string]http.HandlerFunc{
		"locked": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, `{"error_code": 40101, "message": "not with `+r.Header.Get("Authorization")+`"}`, http.StatusUnauthorized)
		},
		"echo":   func(w http.ResponseWriter, r *http.Request) { http.Error(w, r.Header.Get("Authorization"), 200) },
		"forbid": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) },
		"moved": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere?"+r.Header.Get("Authorization"), http.StatusFound)
		},
		"busy":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"nothing": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) },
		"hangs":   func(http.ResponseWriter, *http.Request) { <-done },
		"dawdling": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("["))
			w.(http.Flusher).Flush()
			<-done
		},
	}
	mux := http.NewServeMux()
	for name, h := range handlers {
		mux.HandleFunc("/"+name+"/", h)
	}
	plain, private := httptest.NewServer(mux), httptest.NewUnstartedServer(mux)
	private.Config.ErrorLog = log.New(io.Discard, "", 0)
	private.StartTLS()
	t.Cleanup(func() { close(done); plain.Close(); private.Close() })
	for _, c := range []struct {
		url   string
		exit  int
		texts []string
	}{
		{"http://" + freeAddr(t), exitRetry, []string{"connection refused", "is the registry up, and the URL right?"}},
		{plain.URL + "/locked", exitUsage, []string{"status 401", "not with Bearer ********", "INVENTORY_REGISTRY_TOKEN"}},
		{plain.URL + "/echo", exitUsage, []string{"expected a schema registry's JSON", "Bearer ********"}},
		{plain.URL + "/forbid", exitUsage, []string{"status 403", "what they may do"}},
		{plain.URL + "/moved", exitUsage, []string{"redirected (302)", "set the registry's URL"}},
		{plain.URL + "/nothing", exitUsage, []string{"status 404", "check the path in the registry's URL"}},
		{plain.URL + "/busy", exitRetry, []string{"status 503"}},
		{plain.URL + "/hangs", exitRetry, []string{"no answer within 150ms"}},
		{plain.URL + "/dawdling", exitRetry, []string{"no answer within 150ms"}},
		{private.URL + "/busy", exitUsage, []string{"certificate is not trusted", "--registry-ca"}},
		{strings.Replace(plain.URL, "http:", "https:", 1), exitUsage, []string{"does not speak TLS"}},
		{strings.Replace(private.URL, "https:", "http:", 1), exitUsage, []string{"status 400"}},
		{plain.URL + "/busy?token=" + secret, exitUsage, []string{"and nothing after it"}},
		{"http://user:" + secret + "@127.0.0.1", exitUsage, []string{"has credentials"}},
	} {
		for _, args := range failing(t) {
			args = append(append([]string{"schemas"}, args...), "--registry="+c.url)
			if strings.Contains(c.texts[0], "150ms") {
				args = append(args, "--registry-timeout=150ms")
			}
			out, errs, err := tryIn(t, []string{"INVENTORY_REGISTRY_TOKEN=" + secret}, args...)
			if exitCode(err) != c.exit {
				t.Errorf("%v: exit code %d, expected %d: %v", args, exitCode(err), c.exit, err)
				continue
			}
			said := out + errs + explain(err)
			says(t, said, c.texts...)
			if host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(c.url, "http://"), "https://"), "/"); !strings.Contains(host, secret) {
				says(t, said, host)
			}
			if strings.Contains(said, secret) {
				t.Errorf("%v: the secret is in %s", args, said)
			}
		}
	}
}

func TestTheTimeoutOfTheCommandEndsAQuestionToo(t *testing.T) {
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
	t.Cleanup(func() { close(done); server.Close() })
	says(t, ends(t, exitRetry, "diff", "--dir="+t.TempDir(), "--registry="+server.URL, "--timeout=100ms"), "within --timeout=100ms", server.URL)
}

func TestARegistryIsSpokenToAsTheSettingsSay(t *testing.T) {
	var seen string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Get("Authorization")
		_, _ = w.Write([]byte("[]"))
	}))
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"schemas", "diff", "--dir=" + t.TempDir(), "--registry-url=" + server.URL, "--registry-ca=" + ca}
	for _, c := range []struct{ env, flag, want string }{
		{"INVENTORY_REGISTRY_TOKEN=abc", "--json", "Bearer abc"},
		{"INVENTORY_REGISTRY_PASSWORD=p", "--registry-username=u", "Basic dTpw"},
		{"X=", "--json", ""},
	} {
		if _, _, err := tryIn(t, []string{c.env}, append(args, c.flag)...); err != nil || seen != c.want {
			t.Errorf("%s: asked with %q, expected %q: %v", c.env, seen, c.want, err)
		}
	}
	for _, c := range []struct{ env, flag, says string }{
		{"INVENTORY_REGISTRY_TOKEN=abc", "--registry-username=u", "expected one of them"},
		{"INVENTORY_REGISTRY_TOKEN=a\nb", "--json", "its token has white space"},
		{"X=", "--registry-cert=" + ca, "expected both, or neither"},
		{"X=", "--registry-ca=/nowhere.pem", "the registry's CA: open /nowhere.pem"},
		{"X=", "--registry-timeout=0s", "expected more than 0"},
	} {
		_, _, err := tryIn(t, []string{c.env}, append(args, c.flag)...)
		if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s: %v", c.env, c.flag, err)
		}
	}
}
