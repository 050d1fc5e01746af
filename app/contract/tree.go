package contract

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Tree has the texts of schema files by their paths below one folder, with slashes.
type Tree map[string]string

const (
	// Extension is that of the files that are schemas; others are left alone.
	Extension = ".avsc"
	// maxBytes bounds a file: far beyond any schema of use.
	maxBytes = 4 << 20
)

// ReadTree reads all schema files of a folder and of those in it, but for hidden ones.
func ReadTree(files fs.FS) (Tree, error) {
	texts := map[string]string{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, Extension):
			return nil
		}
		text, err := fs.ReadFile(files, name)
		texts[name] = string(text)
		return err
	})
	if err != nil {
		return nil, err
	}
	return NewTree(texts)
}

// NewTree takes the schema files among texts by path.
func NewTree(texts map[string]string) (Tree, error) {
	tree := make(Tree, len(texts))
	for name, text := range texts {
		switch {
		case !strings.HasSuffix(name, Extension):
		case len(text) > maxBytes:
			return nil, fmt.Errorf("%s: %d bytes: expected at most %d", name, len(text), maxBytes)
		default:
			tree[name] = plain(text)
		}
	}
	return tree, nil
}

// plain is a text with the ends of lines that git keeps: a checkout may have others.
func plain(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// subject is what a tree has of one subject: numbered versions, or a file that is changed in place, or both where it moved
// from one to the other.
type subject struct {
	name     string
	versions []int  // in order
	file     string // "" for none
}

func (s *subject) path(version int) string {
	return path.Join(s.name, strconv.Itoa(version)+Extension)
}

var numbered = regexp.MustCompile(`^[1-9][0-9]{0,5}$`)

// subjects sorts the files of a tree: <subject>/<version>.avsc, else <subject>.avsc.
func (t Tree) subjects() map[string]*subject {
	all := map[string]*subject{}
	get := func(name string) *subject {
		if all[name] == nil {
			all[name] = &subject{name: name}
		}
		return all[name]
	}
	for _, file := range slices.Sorted(maps.Keys(t)) {
		folder, base := path.Split(strings.TrimSuffix(file, Extension))
		if folder != "" && numbered.MatchString(base) {
			s := get(strings.TrimSuffix(folder, "/"))
			version, _ := strconv.Atoi(base) // six digits at most
			s.versions = append(s.versions, version)
			continue
		}
		get(folder + base).file = file
	}
	for _, s := range all {
		slices.Sort(s.versions)
	}
	return all
}
