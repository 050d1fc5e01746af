package embedded

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

const (
	registryContentType = "application/vnd.schemaregistry.v1+json"
	maxBodyBytes        = 1 << 20
)

// latest stands for a subject's newest version.
const latest = -1

// api answers HTTP requests from a catalogue.
type api struct {
	catalogue *catalogue
}

// handler answers a request with what becomes JSON, or an error.
type handler func(r *http.Request) (any, error)

func (a *api) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range map[string]handler{
		"GET /{$}": func(*http.Request) (any, error) { return struct{}{}, nil },
		"/": func(r *http.Request) (any, error) {
			return nil, refuse(codeNotFound, "no %s %s here", r.Method, r.URL.Path)
		},
		"GET /mode":           mode,
		"GET /mode/{subject}": mode,
		"PUT /mode":           putMode,
		"PUT /mode/{subject}": putMode,

		"GET /subjects":                                     a.listSubjects,
		"POST /subjects/{subject}":                          a.lookUp,
		"DELETE /subjects/{subject}":                        a.deleteSubject,
		"GET /subjects/{subject}/versions":                  a.listVersions,
		"POST /subjects/{subject}/versions":                 a.register,
		"GET /subjects/{subject}/versions/{version}":        a.getVersion,
		"DELETE /subjects/{subject}/versions/{version}":     a.deleteVersion,
		"GET /subjects/{subject}/versions/{version}/schema": a.getVersionText,

		"GET /schemas/types":             func(*http.Request) (any, error) { return []string{"AVRO"}, nil },
		"GET /schemas/ids/{id}":          a.getSchema,
		"GET /schemas/ids/{id}/schema":   a.getSchemaText,
		"GET /schemas/ids/{id}/versions": a.schemaVersions,
		"GET /schemas/ids/{id}/subjects": a.schemaSubjects,

		"GET /config":              a.getLevel,
		"PUT /config":              a.putLevel,
		"DELETE /config":           a.deleteLevel,
		"GET /config/{subject}":    a.getLevel,
		"PUT /config/{subject}":    a.putLevel,
		"DELETE /config/{subject}": a.deleteLevel,

		"POST /compatibility/subjects/{subject}/versions":           a.testAll,
		"POST /compatibility/subjects/{subject}/versions/{version}": a.testOne,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { answer(w, r, handle) })
	}
	return mux
}

func answer(w http.ResponseWriter, r *http.Request, handle handler) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
	body, err := handle(r)
	status := http.StatusOK
	if err != nil {
		refused := refusalOf(err)
		body, status = refused, refused.status()
	}
	raw, isText := body.(json.RawMessage)
	if !isText {
		if raw, err = json.Marshal(body); err != nil {
			status, raw = http.StatusInternalServerError, []byte(`{"error_code":500,"message":"the answer is not JSON"}`)
		}
	}
	w.Header().Set("Content-Type", registryContentType)
	w.WriteHeader(status)
	_, _ = w.Write(raw) // a client that has gone can't be told
}

// decode reads a body. Fields that this registry doesn't know are not its concern: newer
// clients send more.
func decode(r *http.Request, into any) error {
	err := json.NewDecoder(r.Body).Decode(into)
	var large *http.MaxBytesError
	if err == nil || errors.As(err, &large) {
		return err
	}
	return refuse(codeMalformed, "the body is not what was expected: %v", err)
}

// flag is a query parameter that is true or false.
func flag(r *http.Request, name string) bool {
	on, err := strconv.ParseBool(r.URL.Query().Get(name))
	return err == nil && on
}

func versionOf(r *http.Request) (int, error) {
	text := r.PathValue("version")
	if text == "latest" || text == "-1" {
		return latest, nil
	}
	version, err := strconv.ParseInt(text, 10, 32)
	if err != nil || version < 1 {
		return 0, refuse(codeInvalidVersion, "The specified version '%s' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"", text)
	}
	return int(version), nil
}

func mode(*http.Request) (any, error) { return map[string]string{"mode": "READWRITE"}, nil }

func putMode(r *http.Request) (any, error) {
	var body struct {
		Mode string `json:"mode"`
	}
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	if body.Mode != "READWRITE" {
		return nil, refuse(codeInvalidMode, "mode %q: this registry has READWRITE only", body.Mode)
	}
	return body, nil
}
