package embedded

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
)

// registered is a version of a subject.
type registered struct {
	Version int  `json:"version"`
	ID      int  `json:"id"` // of its schema
	Deleted bool `json:"deleted,omitempty"`
}

// snapshot is what a registry holds at one time, and never changes.
type snapshot struct {
	nextID   int // ids are never given twice
	level    level
	levels   map[string]level        // by subject, where it has its own
	schemas  map[int]schema          // by id
	ids      map[string]int          // of schemas, by identity
	subjects map[string][]registered // in order of versions
}

// catalogue holds schemas. Readers see a snapshot; one writer at a time makes the next
// one, which counts once it is on disk.
type catalogue struct {
	file  string // empty: memory only
	now   atomic.Pointer[snapshot]
	write sync.Mutex
}

func openCatalogue(file string) (*catalogue, error) {
	c := &catalogue{file: file}
	empty := &snapshot{nextID: 1, level: defaultLevel, levels: map[string]level{}, schemas: map[int]schema{}, ids: map[string]int{}, subjects: map[string][]registered{}}
	c.now.Store(empty)
	if file == "" {
		return c, nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return nil, err
	}
	saved, err := loadSnapshot(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w. Moved elsewhere, it is made anew, without the schemas it held", file, err)
	}
	if saved != nil {
		c.now.Store(saved)
	}
	return c, nil
}

// change lets edit change a copy, and keeps it unless there is an error. Where edit
// changes nothing it says so, and nothing is written.
func (c *catalogue) change(edit func(*snapshot) (changed bool, err error)) error {
	c.write.Lock()
	defer c.write.Unlock()
	next := c.now.Load().copy()
	changed, err := edit(next)
	if err != nil || !changed {
		return err
	}
	if c.file != "" {
		if err := saveSnapshot(c.file, next); err != nil {
			return fmt.Errorf("the change is not kept: %w", err)
		}
	}
	c.now.Store(next)
	return nil
}

func (s *snapshot) copy() *snapshot {
	next := *s
	next.levels, next.schemas, next.ids = maps.Clone(s.levels), maps.Clone(s.schemas), maps.Clone(s.ids)
	next.subjects = make(map[string][]registered, len(s.subjects))
	for subject, versions := range s.subjects {
		next.subjects[subject] = slices.Clone(versions)
	}
	return &next
}

// idOf gives a schema its id, which is the same in all subjects.
func (s *snapshot) idOf(sc schema) int {
	if id, ok := s.ids[sc.identity]; ok {
		return id
	}
	id := s.nextID
	s.nextID++
	s.schemas[id], s.ids[sc.identity] = sc, id
	return id
}

// versions are a subject's, with or without those deleted softly.
func (s *snapshot) versions(subject string, deleted bool) []registered {
	all := s.subjects[subject]
	if deleted {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(r registered) bool { return r.Deleted })
}

// existing is versions, or a refusal where there are none.
func (s *snapshot) existing(subject string, deleted bool) ([]registered, error) {
	versions := s.versions(subject, deleted)
	if len(versions) == 0 {
		return nil, refuse(codeSubjectNotFound, "Subject '%s' not found.", subject)
	}
	return versions, nil
}

// find is one version of a subject; latest is its newest that isn't deleted.
func (s *snapshot) find(subject string, version int, deleted bool) (registered, error) {
	versions, err := s.existing(subject, deleted)
	if err != nil {
		return registered{}, err
	}
	if version == latest {
		if live := s.versions(subject, false); len(live) > 0 {
			return live[len(live)-1], nil
		}
		return versions[len(versions)-1], nil
	}
	for _, r := range versions {
		if r.Version == version {
			return r, nil
		}
	}
	return registered{}, refuse(codeVersionNotFound, "Version %d not found.", version)
}

func (s *snapshot) levelOf(subject string) level { return cmp.Or(s.levels[subject], s.level) }

func (s *snapshot) earlier(versions []registered) []earlier {
	var all []earlier
	for _, r := range versions {
		all = append(all, earlier{r.Version, s.schemas[r.ID].contract})
	}
	return all
}
