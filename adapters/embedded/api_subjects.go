package embedded

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// schemaBody is a schema in a request.
type schemaBody struct {
	Schema     string            `json:"schema"`
	SchemaType string            `json:"schemaType"`
	References []json.RawMessage `json:"references"`
	ID         int               `json:"id"`
}

// versionBody is a version in an answer.
type versionBody struct {
	Subject string `json:"subject"`
	Version int    `json:"version"`
	ID      int    `json:"id"`
	Schema  string `json:"schema"`
}

func readSchema(r *http.Request) (schema, error) {
	var body schemaBody
	if err := decode(r, &body); err != nil {
		return schema{}, err
	}
	return body.schema()
}

func (a *api) listSubjects(r *http.Request) (any, error) {
	s := a.catalogue.now.Load()
	names := []string{}
	prefix := r.URL.Query().Get("subjectPrefix")
	if prefix == ":*:" { // how Confluent's clients say: of all contexts
		prefix = ""
	}
	for _, subject := range slices.Sorted(maps.Keys(s.subjects)) {
		if strings.HasPrefix(subject, prefix) && len(s.versions(subject, flag(r, "deleted"))) > 0 {
			names = append(names, subject)
		}
	}
	return names, nil
}

func (a *api) register(r *http.Request) (any, error) {
	sc, err := readSchema(r)
	if err != nil {
		return nil, err
	}
	made, err := a.catalogue.register(r.PathValue("subject"), sc)
	if err != nil {
		return nil, err
	}
	return map[string]int{"id": made.ID, "version": made.Version}, nil
}

func (a *api) lookUp(r *http.Request) (any, error) {
	s, subject := a.catalogue.now.Load(), r.PathValue("subject")
	versions, err := s.existing(subject, flag(r, "deleted"))
	if err != nil {
		return nil, err
	}
	sc, err := readSchema(r)
	if err != nil {
		return nil, err
	}
	found, ok := s.same(versions, sc)
	if !ok {
		return nil, refuse(codeSchemaNotFound, "Schema not found")
	}
	return s.body(subject, found), nil
}

func (s *snapshot) body(subject string, r registered) versionBody {
	return versionBody{subject, r.Version, r.ID, s.schemas[r.ID].text}
}

func (a *api) deleteSubject(r *http.Request) (any, error) {
	return a.catalogue.deleteSubject(r.PathValue("subject"), flag(r, "permanent"))
}

func (a *api) listVersions(r *http.Request) (any, error) {
	versions, err := a.catalogue.now.Load().existing(r.PathValue("subject"), flag(r, "deleted"))
	if err != nil {
		return nil, err
	}
	return numbers(versions), nil
}

func (a *api) getVersion(r *http.Request) (any, error) {
	version, err := versionOf(r)
	if err != nil {
		return nil, err
	}
	s, subject := a.catalogue.now.Load(), r.PathValue("subject")
	found, err := s.find(subject, version, flag(r, "deleted"))
	if err != nil {
		return nil, err
	}
	return s.body(subject, found), nil
}

func (a *api) getVersionText(r *http.Request) (any, error) {
	body, err := a.getVersion(r)
	if err != nil {
		return nil, err
	}
	return json.RawMessage(body.(versionBody).Schema), nil
}

func (a *api) deleteVersion(r *http.Request) (any, error) {
	version, err := versionOf(r)
	if err != nil {
		return nil, err
	}
	return a.catalogue.deleteVersion(r.PathValue("subject"), version, flag(r, "permanent"))
}
