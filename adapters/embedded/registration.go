package embedded

import (
	"slices"
	"strings"
)

// register adds a version to a subject, or finds the one that has this schema already.
func (c *catalogue) register(subject string, sc schema) (r registered, err error) {
	err = c.change(func(s *snapshot) (bool, error) {
		live := s.versions(subject, false)
		if found, ok := s.same(live, sc); ok {
			r = found
			return false, nil
		}
		if broken := incompatibilities(s.levelOf(subject), sc.contract, s.earlier(live)); len(broken) > 0 {
			return false, refuse(codeIncompatible, "Schema being registered is incompatible with an earlier schema for subject \"%s\": %s", subject, strings.Join(broken, "; "))
		}
		r = registered{Version: 1, ID: s.idOf(sc)}
		if all := s.subjects[subject]; len(all) > 0 {
			r.Version = all[len(all)-1].Version + 1
		}
		s.subjects[subject] = append(s.subjects[subject], r)
		return true, nil
	})
	return r, err
}

// same finds the newest version that has the schema.
func (s *snapshot) same(versions []registered, sc schema) (registered, bool) {
	id, ok := s.ids[sc.identity]
	if !ok {
		return registered{}, false
	}
	for _, r := range slices.Backward(versions) {
		if r.ID == id {
			return r, true
		}
	}
	return registered{}, false
}

// deleteSubject deletes softly, or for good what is deleted softly already.
func (c *catalogue) deleteSubject(subject string, permanent bool) (versions []int, err error) {
	err = c.change(func(s *snapshot) (bool, error) {
		all, err := s.existing(subject, true)
		if err != nil {
			return false, err
		}
		live := s.versions(subject, false)
		switch {
		case permanent && len(live) > 0:
			return false, refuse(codeSubjectNotDeleted, "Subject '%s' was not deleted first before being permanently deleted", subject)
		case permanent:
			versions = numbers(all)
			delete(s.subjects, subject)
			delete(s.levels, subject)
		case len(live) == 0:
			return false, refuse(codeSubjectSoftDeleted, "Subject '%s' was soft deleted. Set permanent=true to delete permanently", subject)
		default:
			versions = numbers(live)
			for i := range all {
				all[i].Deleted = true
			}
		}
		return true, nil
	})
	return versions, err
}

func (c *catalogue) deleteVersion(subject string, version int, permanent bool) (deleted int, err error) {
	err = c.change(func(s *snapshot) (bool, error) {
		r, err := s.find(subject, version, true)
		if err != nil {
			return false, err
		}
		deleted = r.Version
		at := slices.Index(s.subjects[subject], r)
		switch {
		case permanent && !r.Deleted:
			return false, refuse(codeVersionNotDeleted, "Subject '%s' Version %d was not deleted first before being permanently deleted", subject, deleted)
		case permanent:
			s.subjects[subject] = slices.Delete(s.subjects[subject], at, at+1)
			if len(s.subjects[subject]) == 0 {
				delete(s.subjects, subject)
				delete(s.levels, subject)
			}
		case r.Deleted:
			return false, refuse(codeVersionSoftDeleted, "Subject '%s' Version %d was soft deleted. Set permanent=true to delete permanently", subject, deleted)
		default:
			s.subjects[subject][at].Deleted = true
		}
		return true, nil
	})
	return deleted, err
}

// setLevel sets a subject's level, or for "" that of all subjects that have none.
func (c *catalogue) setLevel(subject string, l level) error {
	return c.change(func(s *snapshot) (bool, error) {
		if subject == "" {
			s.level = l
		} else {
			s.levels[subject] = l
		}
		return true, nil
	})
}

// dropLevel returns to the general level, or for "" to Confluent's, and says what it was.
func (c *catalogue) dropLevel(subject string) (was level, err error) {
	err = c.change(func(s *snapshot) (bool, error) {
		if subject == "" {
			was, s.level = s.level, defaultLevel
			return true, nil
		}
		own, ok := s.levels[subject]
		if !ok {
			return false, refuse(codeSubjectNotFound, "Subject '%s' not found.", subject)
		}
		was = own
		delete(s.levels, subject)
		return true, nil
	})
	return was, err
}

func numbers(versions []registered) []int {
	all := make([]int, len(versions))
	for i, r := range versions {
		all[i] = r.Version
	}
	return all
}
