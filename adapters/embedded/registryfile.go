package embedded

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// registryFormat is the version of the file.
const registryFormat = 1

// savedSnapshot is a snapshot as it is on disk.
type savedSnapshot struct {
	Format   int                     `json:"format"`
	NextID   int                     `json:"next_id"`
	Level    level                   `json:"compatibility"`
	Levels   map[string]level        `json:"compatibility_of,omitempty"`
	Schemas  map[int]string          `json:"schemas"`
	Subjects map[string][]registered `json:"subjects"`
}

func saveSnapshot(file string, s *snapshot) error {
	saved := savedSnapshot{registryFormat, s.nextID, s.level, s.levels, make(map[int]string), s.subjects}
	for id, sc := range s.schemas {
		saved.Schemas[id] = sc.text
	}
	raw, err := json.MarshalIndent(saved, "", " ")
	if err != nil {
		return err
	}
	return replaceFile(file, append(raw, '\n'))
}

// loadSnapshot reads a file, nil where there is none. It trusts nothing in it.
func loadSnapshot(file string) (*snapshot, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	var saved savedSnapshot
	if err := decoder.Decode(&saved); err != nil {
		return nil, fmt.Errorf("the file is damaged: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the file is damaged: something follows its content")
	}
	if saved.Format != registryFormat {
		return nil, fmt.Errorf("format %d, expected %d: was it written by another release?", saved.Format, registryFormat)
	}
	s, err := saved.snapshot()
	if err != nil {
		return nil, fmt.Errorf("the file is damaged: %w", err)
	}
	return s, nil
}

func (saved savedSnapshot) snapshot() (*snapshot, error) {
	s := &snapshot{nextID: saved.NextID, level: saved.Level, levels: saved.Levels, schemas: map[int]schema{}, ids: map[string]int{}, subjects: saved.Subjects}
	if s.levels == nil {
		s.levels = map[string]level{}
	}
	if s.subjects == nil {
		s.subjects = map[string][]registered{}
	}
	for id, text := range saved.Schemas {
		sc, err := parseSchema(text)
		if err != nil {
			return nil, fmt.Errorf("schema %d: %w", id, err)
		}
		if id < 1 || id >= saved.NextID {
			return nil, fmt.Errorf("schema %d: expected an id from 1 to %d", id, saved.NextID-1)
		}
		s.schemas[id], s.ids[sc.identity] = sc, id
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *snapshot) check() error {
	if _, err := parseLevel(string(s.level)); err != nil {
		return err
	}
	for subject, l := range s.levels {
		if _, err := parseLevel(string(l)); err != nil {
			return fmt.Errorf("subject %s: %w", subject, err)
		}
	}
	for subject, versions := range s.subjects {
		before := 0
		for _, r := range versions {
			if _, ok := s.schemas[r.ID]; !ok || r.Version <= before {
				return fmt.Errorf("subject %s: version %d with schema %d is out of order or has no schema", subject, r.Version, r.ID)
			}
			before = r.Version
		}
	}
	return nil
}
