package embedded

import "net/http"

// levelBody is a level in a request; Confluent names it otherwise in an answer to GET.
type levelBody struct {
	Level string `json:"compatibility"`
}

// verdict is the answer to whether a schema is compatible.
type verdict struct {
	Compatible bool     `json:"is_compatible"`
	Messages   []string `json:"messages,omitempty"`
}

func levelAnswer(l level) any { return map[string]level{"compatibilityLevel": l} }

func (a *api) getLevel(r *http.Request) (any, error) {
	s, subject := a.catalogue.now.Load(), r.PathValue("subject")
	if _, own := s.levels[subject]; subject != "" && !own && !flag(r, "defaultToGlobal") {
		return nil, refuse(codeSubjectWithoutLevel, "Subject '%s' does not have subject-level compatibility configured", subject)
	}
	return levelAnswer(s.levelOf(subject)), nil
}

func (a *api) putLevel(r *http.Request) (any, error) {
	var body levelBody
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	l, err := parseLevel(body.Level)
	if err != nil {
		return nil, err
	}
	return body, a.catalogue.setLevel(r.PathValue("subject"), l)
}

func (a *api) deleteLevel(r *http.Request) (any, error) {
	was, err := a.catalogue.dropLevel(r.PathValue("subject"))
	if err != nil {
		return nil, err
	}
	return levelAnswer(was), nil
}

// testAll holds a schema against what registering it would hold it against.
func (a *api) testAll(r *http.Request) (any, error) {
	s, subject := a.catalogue.now.Load(), r.PathValue("subject")
	return s.test(r, subject, s.versions(subject, false))
}

// testOne holds a schema against one version. A subject that isn't there yet has no
// latest version to break.
func (a *api) testOne(r *http.Request) (any, error) {
	version, err := versionOf(r)
	if err != nil {
		return nil, err
	}
	s, subject := a.catalogue.now.Load(), r.PathValue("subject")
	if version == latest && len(s.versions(subject, false)) == 0 {
		return s.test(r, subject, nil)
	}
	found, err := s.find(subject, version, false)
	if err != nil {
		return nil, err
	}
	return s.test(r, subject, []registered{found})
}

func (s *snapshot) test(r *http.Request, subject string, versions []registered) (any, error) {
	sc, err := readSchema(r)
	if err != nil {
		return nil, err
	}
	broken := incompatibilities(s.levelOf(subject), sc.contract, s.earlier(versions))
	v := verdict{Compatible: len(broken) == 0}
	if flag(r, "verbose") {
		v.Messages = broken
	}
	return v, nil
}
