package registry

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"inventory/ports"
)

const (
	listed1  = "GET /api/subjects/" + subject + "/versions"
	version1 = "GET /api/subjects/" + subject + "/versions/1"
	levelOf  = "GET /api/config/" + subject
	test1    = "POST /api/compatibility/subjects/" + subject + "/versions"
)

func TestVersionsThatAreDeletedAreNotListed(t *testing.T) {
	var asked1 []string
	c := asked(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked1 = append(asked1, r.URL.RequestURI())
		_, _ = io.WriteString(w, `[3,1]`)
	}))
	if got, err := c.Versions(t.Context(), subject); err != nil || !reflect.DeepEqual(got, []int{1, 3}) || asked1[0] != "/api/subjects/"+subject+"/versions" {
		t.Errorf("found %v, %v, asked %q", got, err, asked1)
	}
}

func TestASubjectThatIsNotThereHasNoVersions(t *testing.T) {
	c := asked(t, routes{}.but(listed1, status(404, `{"error_code":40401,"message":"Subject not found"}`)))
	if got, err := c.Versions(t.Context(), subject); err != nil || len(got) != 0 {
		t.Errorf("found %v, %v", got, err)
	}
	c = asked(t, routes{})
	if got, err := c.Versions(t.Context(), subject); !errors.Is(err, ErrSettings) {
		t.Errorf("no registry is there: found %v, %v", got, err)
	}
}

func TestNoSubjectIsCalledByWhatMovesTheCursor(t *testing.T) {
	_, err := asked(t, routes{"GET /api/subjects": `["a","b\nc"]`}).Subjects(t.Context())
	if ports.ClassOf(err) != ports.Transient || !strings.Contains(err.Error(), `a subject is called "b\nc"`) {
		t.Errorf("found %v", err)
	}
	all, err := asked(t, routes{"GET /api/subjects": `["b","a","b"]`}).Subjects(t.Context())
	if err != nil || !reflect.DeepEqual(all, []string{"a", "b"}) {
		t.Errorf("found %q, %v", all, err)
	}
}

func TestAVersionComesWithItsTypeAndReferences(t *testing.T) {
	for answer, want := range map[string]ports.RegisteredSchema{
		`{"id":7,"version":1,"schema":"\"int\""}`: {Subject: subject, Version: 1, ID: 7, Type: "AVRO", Text: `"int"`},
		`{"id":7,"version":1,"schema":"\"int\"","schemaType":"AVRO","references":[{"name":"n","subject":"s","version":4}]}`: {
			Subject: subject, Version: 1, ID: 7, Type: "AVRO", Text: `"int"`, References: []ports.SchemaReference{{Subject: "s", Version: 4}},
		},
		`{"id":7,"version":1,"schema":"syntax","schemaType":"PROTOBUF"}`: {Subject: subject, Version: 1, ID: 7, Type: "PROTOBUF", Text: "syntax"},
	} {
		if got, err := asked(t, routes{version1: answer}).Version(t.Context(), subject, 1); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: found %+v, %v", answer, got, err)
		}
	}
	for _, answer := range []string{`{"id":7,"version":2,"schema":"\"int\""}`, `{"id":0,"version":1,"schema":"\"int\""}`, `{"id":7,"version":1}`, `[]`} {
		if got, err := asked(t, routes{version1: answer}).Version(t.Context(), subject, 1); ports.ClassOf(err) != ports.Transient {
			t.Errorf("%s: found %+v, %v", answer, got, err)
		}
	}
	gone := asked(t, routes{version1: status(404, `{"error_code":40402,"message":"Version not found"}`)})
	if _, err := gone.Version(t.Context(), subject, 1); !errors.Is(err, ports.ErrUnknownSchema) {
		t.Errorf("a version that is gone: %v", err)
	}
}

func TestALevelIsTheSubjectsOrTheRegistrys(t *testing.T) {
	none := status(404, `{"error_code":40408,"message":"no level of its own"}`)
	for _, c := range []struct{ own, global, want string }{
		{`{"compatibilityLevel":"FULL"}`, "", "FULL"},
		{none, `{"compatibilityLevel":"NONE"}`, "NONE"},
		{`{"compatibilityLevel":"MUCH"}`, "", ""},
		{`{}`, "", ""},
		{status(500, `{}`), `{"compatibilityLevel":"NONE"}`, ""},
	} {
		got, err := asked(t, routes{}.but(levelOf, c.own).but("GET /api/config", c.global)).Level(t.Context(), subject)
		if got != c.want || (err == nil) != (c.want != "") || err != nil && ports.ClassOf(err) != ports.Transient {
			t.Errorf("%+v: found %s, %v", c, got, err)
		}
	}
}

func TestTheRegistrysOwnCheckerIsAsked(t *testing.T) {
	for name, c := range map[string]struct {
		handler routes
		want    []string
		class   error // nil: an answer
	}{
		"fits":              {routes{test1: `{"is_compatible":true,"messages":["x"]}`}, nil, nil},
		"breaks":            {routes{test1: `{"is_compatible":false,"messages":["a","b"]}`}, []string{"a", "b"}, nil},
		"breaks in lines":   {routes{test1: `{"is_compatible":false,"messages":["a\n::error::\u001b[2J"]}`}, []string{"a ::error:: [2J"}, nil},
		"breaks in silence": {routes{test1: `{"is_compatible":false}`}, []string{"it does not say why"}, nil},
		"no such subject":   {routes{test1: status(404, `{"error_code":40401,"message":"Subject not found"}`)}, nil, nil},
		"an older registry": {routes{test1 + "/latest": `{"is_compatible":false,"messages":["old"]}`}, []string{"old"}, nil},
		"no schema":         {routes{test1: status(422, `{"error_code":42201,"message":"no schema"}`)}, nil, ports.ErrIncompatibleSchema},
		"no answer":         {routes{test1: `{}`}, nil, ports.ErrTransient},
		"no registry":       {routes{}, nil, ErrSettings},
	} {
		got, err := asked(t, c.handler).Refusals(t.Context(), subject, text)
		if !reflect.DeepEqual(got, c.want) || !errors.Is(err, c.class) {
			t.Errorf("%s: found %q, %v", name, got, err)
		}
	}
}

func TestASecretIsInNoMessage(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"password": func(c *Config) { c.Username, c.Password = "u", "s3cret" },
		"token":    func(c *Config) { c.Token = "s3cret" },
	} {
		for code, body := range map[int]string{401: `{"error_code":401,"message":"%"}`, 200: `%`, 302: ``, 500: `{"message":"%"}`} {
			c := asked(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, password, _ := r.BasicAuth()
				sent := r.Header.Get("Authorization") + " " + password
				w.Header().Set("Location", "/"+sent)
				w.Header().Set("Content-Type", sent)
				w.WriteHeader(code)
				_, _ = io.WriteString(w, strings.ReplaceAll(body, "%", sent))
			}), change)
			_, err := c.Subjects(t.Context())
			_, other := c.Refusals(t.Context(), subject, text)
			if said := errors.Join(err, other).Error(); strings.Contains(said, "s3cret") || strings.Contains(said, "dTpzM2NyZXQ") {
				t.Errorf("%s, %d: %s", name, code, said)
			}
		}
	}
}
