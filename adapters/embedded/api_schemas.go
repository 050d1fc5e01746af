package embedded

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// use is where a schema is registered.
type use struct {
	Subject string `json:"subject"`
	Version int    `json:"version"`
}

func (a *api) schemaByID(r *http.Request) (*snapshot, int, error) {
	s := a.catalogue.now.Load()
	id, err := strconv.Atoi(r.PathValue("id"))
	if _, ok := s.schemas[id]; err != nil || !ok {
		return nil, 0, refuse(codeSchemaNotFound, "Schema %s not found", r.PathValue("id"))
	}
	return s, id, nil
}

func (a *api) getSchema(r *http.Request) (any, error) {
	s, id, err := a.schemaByID(r)
	if err != nil {
		return nil, err
	}
	return map[string]string{"schema": s.schemas[id].text}, nil
}

func (a *api) getSchemaText(r *http.Request) (any, error) {
	s, id, err := a.schemaByID(r)
	if err != nil {
		return nil, err
	}
	return json.RawMessage(s.schemas[id].text), nil
}

func (a *api) schemaVersions(r *http.Request) (any, error) {
	s, id, err := a.schemaByID(r)
	if err != nil {
		return nil, err
	}
	return s.uses(id, flag(r, "deleted")), nil
}

func (a *api) schemaSubjects(r *http.Request) (any, error) {
	s, id, err := a.schemaByID(r)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, u := range s.uses(id, flag(r, "deleted")) {
		names = append(names, u.Subject)
	}
	return slices.Compact(names), nil
}

// uses are where a schema is registered, by subject and version.
func (s *snapshot) uses(id int, deleted bool) []use {
	all := []use{}
	for _, subject := range slices.Sorted(maps.Keys(s.subjects)) {
		for _, r := range s.versions(subject, deleted) {
			if r.ID == id {
				all = append(all, use{subject, r.Version})
			}
		}
	}
	return all
}
