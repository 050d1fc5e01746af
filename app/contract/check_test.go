package contract

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"inventory/domain/contract"
)

const (
	one     = `{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}`
	two     = `{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": ["null", "int"], "default": null}]}`
	broken  = `{"type": "record", "name": "R", "fields": [{"name": "a", "type": "string"}]}`
	invalid = `{"type": "record", "name": "R"}`
)

func rules(r *Report) []string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, fmt.Sprintf("%s %s %s", f.Severity, f.Rule, f.File))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestFilesAreJudgedByWhatTheyAreAndWhatIsPublished(t *testing.T) {
	for _, c := range []struct {
		name      string
		base, now Tree
		judged    int
		want      []string
	}{
		{"without a base all are held against each other", nil, Tree{"s/1.avsc": one, "s/2.avsc": two}, 2, nil},
		{"and what breaks is found", nil, Tree{"s/1.avsc": one, "s/2.avsc": broken}, 2, []string{"error TYPE_MISMATCH d/s/2.avsc"}},
		{"ten comes after nine", nil, numberedTree(10), 10, nil},
		{"a gap", nil, Tree{"s/1.avsc": one, "s/3.avsc": one}, 2, []string{"error LAYOUT d/s/3.avsc"}},
		{"no first version", nil, Tree{"s/2.avsc": one}, 1, []string{"error LAYOUT d/s/2.avsc"}},
		{"a version that is no schema", nil, Tree{"s/1.avsc": one, "s/2.avsc": invalid, "s/3.avsc": broken}, 2, []string{"error INVALID_SCHEMA d/s/2.avsc", "error TYPE_MISMATCH d/s/3.avsc"}},
		{"files in place without a base", nil, Tree{"s.avsc": one}, 1, nil},
		{"both layouts of one subject", nil, Tree{"s.avsc": one, "s/1.avsc": one}, 1, []string{"error LAYOUT d/s.avsc"}},
		{"subjects in folders", nil, Tree{"team/s/1.avsc": one, "team/t.avsc": broken}, 2, nil},

		{"nothing changes", Tree{"s/1.avsc": one, "t.avsc": one}, Tree{"s/1.avsc": one, "t.avsc": one}, 0, nil},
		{"a version more", Tree{"s/1.avsc": one}, Tree{"s/1.avsc": one, "s/2.avsc": two}, 1, nil},
		{"a version more that breaks", Tree{"s/1.avsc": one}, Tree{"s/1.avsc": one, "s/2.avsc": broken}, 1, []string{"error TYPE_MISMATCH d/s/2.avsc"}},
		{"published breaks are over", Tree{"s/1.avsc": one, "s/2.avsc": broken}, Tree{"s/1.avsc": one, "s/2.avsc": broken}, 0, nil},
		{"a published version changes", Tree{"s/1.avsc": one}, Tree{"s/1.avsc": two}, 0, []string{"error PUBLISHED_CHANGED d/s/1.avsc"}},
		{"a published version goes", Tree{"s/1.avsc": one, "s/2.avsc": two}, Tree{"s/2.avsc": two}, 0, []string{"error PUBLISHED_REMOVED d/s/1.avsc"}},
		{"all of a subject goes", Tree{"s/1.avsc": one}, Tree{}, 0, []string{"error PUBLISHED_REMOVED d/s/1.avsc"}},
		{"what is published and no schema", Tree{"s/1.avsc": invalid}, Tree{"s/1.avsc": invalid, "s/2.avsc": two}, 1, []string{"warning INVALID_SCHEMA d/s/1.avsc"}},
		{"a file in place changes", Tree{"s.avsc": one}, Tree{"s.avsc": two}, 1, nil},
		{"and breaks", Tree{"s.avsc": one}, Tree{"s.avsc": broken}, 1, []string{"error TYPE_MISMATCH d/s.avsc"}},
		{"a file in place goes", Tree{"s.avsc": one}, Tree{}, 0, []string{"warning SUBJECT_REMOVED d/s.avsc"}},
		{"from a file to versions", Tree{"s.avsc": one}, Tree{"s/1.avsc": one, "s/2.avsc": two}, 1, nil},
		{"from a file to versions that break", Tree{"s.avsc": one}, Tree{"s/1.avsc": broken}, 1, []string{"error TYPE_MISMATCH d/s/1.avsc"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var base *Base
			if c.base != nil {
				base = &Base{"main", c.base}
			}
			r := Check(c.now, "d", base)
			if found := rules(r); !slices.Equal(found, c.want) || r.Judged != c.judged {
				t.Errorf("judged %d, found %v\nexpected %d, %v", r.Judged, found, c.judged, c.want)
			}
		})
	}
}

func numberedTree(n int) Tree {
	tree := Tree{}
	for i := range n {
		tree[fmt.Sprintf("s/%d.avsc", i+1)] = one
	}
	return tree
}

func TestATypeOfAnotherSubjectIsThatOfItsNewestSchema(t *testing.T) {
	now := Tree{
		"money/1.avsc": `{"type": "record", "name": "x.Money", "fields": [{"name": "cents", "type": "int"}]}`,
		"money/2.avsc": `{"type": "record", "name": "x.Money", "fields": [{"name": "cents", "type": "int"}, {"name": "currency", "type": ["null", "string"], "default": null}]}`,
		"a.avsc":       `{"type": "record", "name": "x.A", "fields": [{"name": "b", "type": "B"}]}`,
		"b.avsc":       `{"type": "record", "name": "x.B", "fields": [{"name": "price", "type": "x.Money"}]}`,
	}
	if r := Check(now, "d", nil); len(r.Findings) > 0 || len(r.Subjects) != 3 {
		t.Errorf("found %v", r.Findings)
	}
	now["other.avsc"] = now["b.avsc"]
	r := Check(now, "d", nil)
	if len(r.Findings) != 1 || r.Findings[0].File != "d/a.avsc" || !strings.Contains(r.Findings[0].Message, "type x.B: several other subjects define it") {
		t.Errorf("found %v", r.Findings)
	}
	delete(now, "b.avsc")
	delete(now, "other.avsc")
	r = Check(now, "d", nil)
	if len(r.Findings) != 1 || !strings.Contains(r.Findings[0].Message, "unknown type x.B") {
		t.Errorf("found %v", r.Findings)
	}
}

func TestAFolderIsReadWithoutWhatIsHiddenOrNoSchema(t *testing.T) {
	tree, err := ReadTree(fstest.MapFS{
		"s/1.avsc": {Data: []byte("\"int\"\r\n")}, "s/README.md": {}, ".git/x/1.avsc": {}, "note.txt": {},
	})
	if err != nil || len(tree) != 1 || tree["s/1.avsc"] != "\"int\"\n" {
		t.Errorf("%v %v", tree, err)
	}
	if _, err := ReadTree(fstest.MapFS{"s/1.avsc": {Data: make([]byte, maxBytes+1)}}); err == nil {
		t.Error("a file of any size is read")
	}
	if _, err := ReadTree(fstest.MapFS{"s/1.avsc": {Mode: fs.ModeDir}, "s/1.avsc/x.avsc": {}}); err != nil {
		t.Errorf("a folder with a file's name: %v", err)
	}
}

func TestWarningsCanBeLeftOut(t *testing.T) {
	r := &Report{Findings: []contract.Finding{{Severity: contract.Warning}, {Severity: contract.Error}}}
	if r.DropWarnings(); r.Count(contract.Warning) != 0 || r.Count(contract.Error) != 1 {
		t.Errorf("left %v", r.Findings)
	}
}
