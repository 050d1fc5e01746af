package schemas

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/linkedin/goavro/v2"
	"github.com/twmb/avro"

	"inventory/ports"
)

func TestEveryTopicHasASchema(t *testing.T) {
	topics := slices.Concat(ports.OrderEventTopics(), ports.PublicEventTopics())
	for _, topic := range topics {
		s, ok := Avro()[topic]
		if !ok {
			t.Errorf("%s has no schema", topic)
			continue
		}
		if want := "eu." + topic + "-value"; s.Topic != topic || s.Name("eu.") != want {
			t.Errorf("%s: subject %q, want %q", topic, s.Name("eu."), want)
		}
	}
	if len(Avro()) != len(topics) {
		t.Errorf("%d subjects for %d topics", len(Avro()), len(topics))
	}
}

// eachVersion runs a test on every version ever published.
func eachVersion(t *testing.T, test func(t *testing.T, text string)) {
	for _, s := range Avro() {
		for i, text := range s.Versions {
			t.Run(fmt.Sprintf("%s/%d", s.Topic, i+1), func(t *testing.T) { test(t, text) })
		}
	}
}

func TestEverySchemaParsesInBothLibraries(t *testing.T) {
	eachVersion(t, func(t *testing.T, text string) {
		if _, err := goavro.NewCodec(text); err != nil {
			t.Errorf("goavro: %v", err)
		}
		if _, err := avro.Parse(text); err != nil {
			t.Errorf("twmb/avro: %v", err)
		}
	})
}

func TestEverySchemaSaysWhatItsRecordsAndFieldsMean(t *testing.T) {
	eachVersion(t, func(t *testing.T, text string) {
		root := avro.MustParse(text).Root()
		if root.Namespace != "inventory.v1" {
			t.Errorf("namespace %q, want inventory.v1", root.Namespace)
		}
		checkDocs(t, root.Name, root)
	})
}

func checkDocs(t *testing.T, path string, n *avro.SchemaNode) {
	if n.Type == "record" && n.Doc == "" {
		t.Errorf("record %s has no doc", path)
	}
	for _, f := range n.Fields {
		if f.Doc == "" {
			t.Errorf("field %s.%s has no doc", path, f.Name)
		}
		checkDocs(t, path+"."+f.Name, &f.Type)
	}
	for _, b := range n.Branches {
		checkDocs(t, path, &b)
	}
	if n.Items != nil {
		checkDocs(t, path+"[]", n.Items)
	}
}

// Spec S4: optional fields are nullable with default null, whole numbers long, times
// timestamp-millis, closed sets strings, since enums can't grow under full compatibility.
func TestEverySchemaKeepsToTheRules(t *testing.T) {
	eachVersion(t, func(t *testing.T, text string) {
		root := avro.MustParse(text).Root()
		checkRules(t, root.Name, root)
	})
}

func checkRules(t *testing.T, path string, n *avro.SchemaNode) {
	for _, f := range n.Fields {
		at, typ := path+"."+f.Name, &f.Type
		if typ.Type == "union" {
			if len(typ.Branches) != 2 || typ.Branches[0].Type != "null" || !f.HasDefault || f.Default != nil {
				t.Errorf("%s: expected [\"null\", T] with default null", at)
			}
			typ = &typ.Branches[1]
		} else if f.HasDefault {
			t.Errorf("%s: has a default and no null", at)
		}
		isTime := strings.HasSuffix(f.Name, "_at") || f.Name == "ttl_expire" || f.Name == "as_of"
		switch {
		case !slices.Contains([]string{"string", "long", "boolean", "array"}, typ.Type):
			t.Errorf("%s: type %s", at, typ.Type)
		case isTime != (typ.LogicalType == "timestamp-millis"):
			t.Errorf("%s: logical type %q", at, typ.LogicalType)
		case typ.Items != nil:
			checkRules(t, at, typ.Items)
		}
	}
}

// The text of a published version is what registries and consumers have: a change is a new
// file, and a line of its own here.
func TestPublishedSchemasNeverChange(t *testing.T) {
	published, err := os.ReadFile("testdata/avro.sha256")
	if err != nil {
		t.Fatal(err)
	}
	var now strings.Builder
	err = fs.WalkDir(avroFiles, "avro", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := avroFiles.ReadFile(path)
		fmt.Fprintf(&now, "%x  %s\n", sha256.Sum256(text), path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(published))
	for lines.Scan() {
		if !strings.Contains(now.String(), lines.Text()+"\n") {
			t.Errorf("published, and changed or gone: %s\nput it back as it was, and what is new in the next version", lines.Text())
		}
	}
	if !t.Failed() && now.String() != string(published) {
		t.Errorf("a version is not listed in testdata/avro.sha256; once it is final, let the file say:\n%s", now.String())
	}
}

func TestFoldersOfSchemasAreReadWholeOrRefused(t *testing.T) {
	file := &fstest.MapFile{Data: []byte(`"string"`)}
	for name, files := range map[string]fstest.MapFS{
		"a version is missing":  {"avro/a-value/1.avsc": file, "avro/a-value/3.avsc": file},
		"a file of other kind":  {"avro/a-value/1.avsc": file, "avro/a-value/note.avsc": file},
		"a folder of keys":      {"avro/a-key/1.avsc": file},
		"there are no schemas":  {},
		"version 1 is not here": {"avro/a-value/2.avsc": file},
	} {
		if got, err := readAvro(files); err == nil {
			t.Errorf("%s: read as %v", name, got)
		}
	}
	got, err := readAvro(fstest.MapFS{"avro/a-value/1.avsc": file, "avro/a-value/2.avsc": &fstest.MapFile{Data: []byte(`"long"`)}})
	if err != nil {
		t.Fatal(err)
	}
	if v, text := got["a"].Newest(); v != 2 || text != `"long"` || !json.Valid([]byte(text)) {
		t.Errorf("newest is %d %s", v, text)
	}
}
