package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	subject = "order.created.v1-value"
	text    = `{"type":"record","name":"OrderCreated","fields":[]}`
)

// routes answers requests by method and path. What is not among them gets Confluent's
// answer to a request that it does not know.
type routes map[string]string

// status puts a status before a body.
func status(code int, body string) string { return fmt.Sprintf("%d %s", code, body) }

func (r routes) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	answer, ok := r[req.Method+" "+req.URL.Path]
	if !ok {
		answer = status(404, `{"error_code":404,"message":"HTTP 404 Not Found"}`)
	}
	w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
	var code int
	if n, err := fmt.Sscanf(answer, "%d ", &code); n == 1 && err == nil {
		_, answer, _ = strings.Cut(answer, " ")
		w.WriteHeader(code)
	}
	_, _ = io.WriteString(w, answer)
}

// asked is a client of a server that ends with the test.
func asked(t *testing.T, h http.Handler, change ...func(*Config)) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg := Config{URL: server.URL + "/api/"}
	for _, c := range change {
		c(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func quoted(schema string) string {
	body, _ := json.Marshal(map[string]string{"schema": schema})
	return string(body)
}

const (
	byID     = "GET /api/schemas/ids/7"
	versions = "GET /api/schemas/ids/7/versions"
	lookUp   = "POST /api/subjects/" + subject
	create   = "POST /api/subjects/" + subject + "/versions"
	config   = "PUT /api/config/" + subject
)

// honest is a registry that has one schema of the subject, and of another before it.
func honest() routes {
	return routes{
		byID:     quoted(text),
		versions: `[{"subject":"other-value","version":1},{"subject":"` + subject + `","version":1}]`,
		lookUp:   `{"subject":"` + subject + `","id":7,"version":1,"schema":"{}"}`,
		create:   `{"id":7}`,
		config:   `{"compatibility":"FULL_TRANSITIVE"}`,
		"GET /api/subjects/" + subject + "/versions":   `[1,2,3]`,
		"GET /api/subjects/" + subject + "/versions/1": `{"id":7,"version":1,"schema":"{}"}`,
		"GET /api/subjects/" + subject + "/versions/2": status(404, `{"error_code":40402,"message":"deleted"}`),
		"GET /api/subjects/" + subject + "/versions/3": `{"id":9,"version":3,"schema":"{}"}`,
	}
}

func (r routes) but(route, answer string) routes {
	if answer == "" {
		delete(r, route)
	} else {
		r[route] = answer
	}
	return r
}

func TestARegistryIsAskedForWhatIsNeeded(t *testing.T) {
	var seen []string
	handler := honest()
	c := asked(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		if user != "u" || password != "p" {
			t.Errorf("asked as %q %q", user, password)
		}
		seen = append(seen, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
		handler.ServeHTTP(w, r)
	}), func(cfg *Config) { cfg.Username, cfg.Password = "u", "p" })
	got, err := c.ByID(t.Context(), subject, 7)
	if err != nil || got != text {
		t.Errorf("got %q, %v", got, err)
	}
	if id, err := c.IDOf(t.Context(), subject, text); err != nil || id != 7 {
		t.Errorf("got %d, %v", id, err)
	}
	if id, err := c.Register(t.Context(), subject, text); err != nil || id != 7 {
		t.Errorf("got %d, %v", id, err)
	}
	schema := quoted(text)
	want := []string{
		"GET /api/schemas/ids/7", "GET /api/schemas/ids/7/versions?deleted=true",
		"POST /api/subjects/" + subject + "?normalize=true " + schema,
		`PUT /api/config/` + subject + ` {"compatibility":"FULL_TRANSITIVE"}`,
		"POST /api/subjects/" + subject + "/versions?normalize=true " + schema,
		"GET /api/schemas/ids/7",
	}
	if strings.Join(seen, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked\n%s\nwant\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
	}
}

func TestASchemaIsReadOnlyForTheSubjectThatHasIt(t *testing.T) {
	noRoute := status(404, `{"error_code":404,"message":"HTTP 404 Not Found"}`)
	for name, test := range map[string]struct {
		handler routes
		class   error // nil: read
		says    string
	}{
		"of another subject":               {honest().but(versions, `[{"subject":"other-value","version":1}]`), ports.ErrUnknownSchema, "other-value"},
		"of none":                          {honest().but(versions, `[]`), ports.ErrUnknownSchema, "not a schema of the subject"},
		"unknown":                          {honest().but(byID, status(404, `{"error_code":40403,"message":"Schema not found"}`)), ports.ErrUnknownSchema, "Schema not found"},
		"gone in between":                  {honest().but(versions, status(404, `{"error_code":40403,"message":"Schema not found"}`)), ports.ErrUnknownSchema, "Schema not found"},
		"no route by id":                   {honest().but(versions, noRoute), nil, ""},
		"no such method by id":             {honest().but(versions, status(405, "")), nil, ""},
		"no route, of another subject":     {honest().but(versions, noRoute).but("GET /api/subjects/"+subject+"/versions/1", `{"id":5,"schema":"{}"}`), ports.ErrUnknownSchema, "none of its newest 3"},
		"no route, and no such subject":    {honest().but(versions, noRoute).but("GET /api/subjects/"+subject+"/versions", status(404, `{"error_code":40401,"message":"Subject not found"}`)), ports.ErrUnknownSchema, "Subject not found"},
		"no route, and versions of no use": {honest().but(versions, noRoute).but("GET /api/subjects/"+subject+"/versions", `["a"]`), ports.ErrIncompatibleSchema, "cannot unmarshal"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := asked(t, test.handler).ByID(t.Context(), subject, 7)
			if test.class == nil && (err != nil || got != text) {
				t.Fatalf("got %q, %v", got, err)
			}
			if test.class != nil && (!errors.Is(err, test.class) || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("got %v, want it to say %q", err, test.says)
			}
		})
	}
}

func TestAnswersThatMakeNoSense(t *testing.T) {
	html := "<html><body>Please log in</body></html>"
	for name, test := range map[string]struct {
		answer string
		class  error
		says   string
	}{
		"a page":                {html, ports.ErrTransient, `begins with "<html>`},
		"nothing":               {status(200, ""), ports.ErrTransient, "found"},
		"null":                  {"null", ports.ErrTransient, "JSON"},
		"a text":                {`"schema"`, ports.ErrTransient, "JSON"},
		"half an answer":        {`{"schema":`, ports.ErrTransient, "JSON"},
		"a huge answer":         {`{"schema":"` + strings.Repeat("x", mostBytes) + `"}`, ports.ErrTransient, "more than 1048576 bytes"},
		"a page with an error":  {status(502, html), ports.ErrTransient, "status 502"},
		"an error":              {status(500, `{"error_code":50001,"message":"Error in the backend"}`), ports.ErrTransient, "Error in the backend"},
		"too many requests":     {status(429, ""), ports.ErrTransient, "status 429"},
		"wrong credentials":     {status(401, `{"error_code":401,"message":"Unauthorized"}`), ports.ErrTransient, "user name and password"},
		"another server":        {status(404, html), ports.ErrTransient, "check the path in the registry's URL"},
		"a list":                {"[]", ports.ErrIncompatibleSchema, "cannot unmarshal"},
		"no schema":             {"{}", ports.ErrIncompatibleSchema, `found ""`},
		"a schema that is none": {quoted("<html>"), ports.ErrIncompatibleSchema, `found "<html>"`},
		"a number for a schema": {`{"schema":5}`, ports.ErrIncompatibleSchema, "cannot unmarshal number"},
		"a Protobuf schema":     {`{"schemaType":"PROTOBUF","schema":"{}"}`, ports.ErrIncompatibleSchema, "PROTOBUF"},
		"a part of a schema":    {`{"schema":"{}","references":[{"name":"a","subject":"b","version":1}]}`, ports.ErrIncompatibleSchema, "refers to 1 other"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := asked(t, honest().but(byID, test.answer)).ByID(t.Context(), subject, 7)
			if !errors.Is(err, test.class) || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "http://127.0.0.1:") {
				t.Errorf("got %v\nwant %v that says %q", err, test.class, test.says)
			}
		})
	}
}

func TestTheIDOfASchemaIsKnownOrNotOrTheRegistryIsNoHelp(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		class  error
		says   string
	}{
		"no such schema":   {status(404, `{"error_code":40403,"message":"Schema not found"}`), ports.ErrUnknownSchema, "Schema not found"},
		"no such subject":  {status(404, `{"error_code":40401,"message":"Subject not found"}`), ports.ErrUnknownSchema, "Subject not found"},
		"no id":            {`{"version":1}`, ports.ErrTransient, "its id is 0"},
		"a negative id":    {`{"id":-4}`, ports.ErrTransient, "its id is -4"},
		"an id too large":  {`{"id":2147483648}`, ports.ErrTransient, "its id is 2147483648"},
		"a text for an id": {`{"id":"7"}`, ports.ErrTransient, "cannot unmarshal"},
		"a page":           {"<html>", ports.ErrTransient, "check the registry's URL"},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := asked(t, honest().but(lookUp, test.answer)).IDOf(t.Context(), subject, text)
			if !errors.Is(err, test.class) || !strings.Contains(err.Error(), test.says) || id != 0 || errors.Is(err, ports.ErrIncompatibleSchema) {
				t.Errorf("got %d, %v\nwant %v that says %q", id, err, test.class, test.says)
			}
		})
	}
}

func TestRegisteringIsRefusedOrFails(t *testing.T) {
	for name, test := range map[string]struct {
		handler routes
		class   error
		says    string
	}{
		"incompatible":            {honest().but(create, status(409, `{"error_code":409,"message":"READER_FIELD_MISSING_DEFAULT_VALUE"}`)), ports.ErrIncompatibleSchema, "READER_FIELD_MISSING_DEFAULT_VALUE"},
		"invalid":                 {honest().but(create, status(422, `{"error_code":42201,"message":"Invalid schema"}`)), ports.ErrIncompatibleSchema, "Invalid schema"},
		"not allowed":             {honest().but(config, status(403, `{"error_code":40301,"message":"Forbidden"}`)), ports.ErrTransient, "what they may do"},
		"another mode than asked": {honest().but(config, `{"compatibility":"NONE"}`), ports.ErrTransient, `it has "NONE"`},
		"an empty answer":         {honest().but(config, `{}`).but("GET /api/config/"+subject, `{"compatibilityLevel":"BACKWARD"}`), ports.ErrTransient, `it has "BACKWARD"`},
		"no id":                   {honest().but(create, `{}`).but("GET /api/schemas/ids/0", quoted(text)), ports.ErrTransient, "its id is 0"},
		"its id leads nowhere":    {honest().but(create, `{"id":8}`).but("GET /api/schemas/ids/8", status(404, `{"error_code":40403}`)), ports.ErrTransient, "40403"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := asked(t, test.handler).Register(t.Context(), subject, text)
			if !errors.Is(err, test.class) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v\nwant %v that says %q", err, test.class, test.says)
			}
		})
	}
}

func TestAModeInApicuriosFormIsAskedForAgain(t *testing.T) {
	handler := honest().but(config, `{"compatibilityLevel":"FULL_TRANSITIVE"}`).but("GET /api/config/"+subject, `{"compatibilityLevel":"FULL_TRANSITIVE"}`)
	if id, err := asked(t, handler).Register(t.Context(), subject, text); err != nil || id != 7 {
		t.Errorf("got %d, %v", id, err)
	}
}

// Apicurio 2 keeps no mode for a subject that has no schema yet.
func TestTheModeIsSetAfterTheFirstSchemaWhereItCannotBeBefore(t *testing.T) {
	var modes []bool
	created := false
	handler := honest()
	c := asked(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case create:
			created = true
		case config:
			modes = append(modes, created)
			if !created {
				routes{config: status(404, `{"error_code":40401,"message":"No artifact"}`)}.ServeHTTP(w, r)
				return
			}
		}
		handler.ServeHTTP(w, r)
	}))
	if id, err := c.Register(t.Context(), subject, text); err != nil || id != 7 || len(modes) != 2 || !modes[1] {
		t.Errorf("got %d, %v; modes set %v", id, err, modes)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer elsewhere.Close()
	c := asked(t, http.RedirectHandler(elsewhere.URL+"/subjects", http.StatusFound))
	_, err := c.ByID(t.Context(), subject, 7)
	if ports.ClassOf(err) != ports.Transient || !strings.Contains(err.Error(), "set the registry's URL to where it is") || !strings.Contains(err.Error(), elsewhere.URL) {
		t.Errorf("got %v", err)
	}
}

// hanging holds each request until the test ends; with begun, after half an answer.
func hanging(t *testing.T, begun bool) http.Handler {
	end := make(chan struct{})
	var once sync.Once
	t.Cleanup(func() { once.Do(func() { close(end) }) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if begun {
			_, _ = io.WriteString(w, `{"schema":`)
			w.(http.Flusher).Flush()
		}
		select {
		case <-end:
		case <-r.Context().Done():
		}
	})
}

func TestARegistryThatHangsIsGivenUpInTime(t *testing.T) {
	for _, begun := range []bool{false, true} {
		c := asked(t, hanging(t, begun), func(cfg *Config) { cfg.Timeout = 50 * time.Millisecond })
		_, err := c.ByID(t.Context(), subject, 7)
		if ports.ClassOf(err) != ports.Transient || !strings.Contains(err.Error(), "no answer within 50ms") {
			t.Errorf("begun %v: class %v of %v", begun, ports.ClassOf(err), err)
		}
	}
}

func TestACallerThatGivesUpNeedNotWaitForTheRegistry(t *testing.T) {
	arrived := make(chan struct{})
	hang := hanging(t, true)
	c := asked(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		hang.ServeHTTP(w, r)
	}), func(cfg *Config) { cfg.Timeout = time.Hour })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if _, err := c.IDOf(ctx, subject, text); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNobodyThere(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	c, err := New(Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Register(t.Context(), subject, text)
	if ports.ClassOf(err) != ports.Transient || !strings.Contains(err.Error(), server.URL) || !strings.Contains(err.Error(), "connection refused: is the registry up") {
		t.Errorf("got %v", err)
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no URL":                    {},
		"no scheme":                 {URL: "registry:8081"},
		"another scheme":            {URL: "kafka://registry:8081"},
		"no host":                   {URL: "http:///api"},
		"a query":                   {URL: "http://registry?a=b"},
		"credentials in the URL":    {URL: "http://user:secret@registry"},
		"not a URL, with a secret":  {URL: "http://user:secret@regi stry:%zz"},
		"a user without a password": {URL: "http://registry", Username: "u"},
		"a negative time-out":       {URL: "http://registry", Timeout: -1},
	} {
		_, err := New(cfg)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
