package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func history(t testing.TB, texts ...string) []Version {
	t.Helper()
	all := make([]Version, len(texts))
	for i, text := range texts {
		file := fmt.Sprintf("s/%d.avsc", i+1)
		s, err := Parse(Source{File: file, Text: text})
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		all[i] = Version{Name: VersionName(i + 1), File: file, Schema: s, New: true}
	}
	return all
}

// order is a record over several lines, so that places can be told.
func order(fields ...string) string {
	return "{\"type\": \"record\", \"name\": \"Order\", \"doc\": \"Key: order_id.\", \"fields\": [\n" + strings.Join(fields, ",\n") + "\n]}"
}

func TestABreakSaysWhoCannotReadWhatWhereAndWhatToDo(t *testing.T) {
	id, note := fld("order_id", `"string"`), opt("note", `"string"`)
	for _, c := range []struct {
		name     string
		versions []string
		want     string // rule, line, path, message and fix
	}{
		{
			"a field that is needed",
			[]string{order(id), order(id, note), order(id, note, fld("quantity", `"long"`))},
			`READER_FIELD_MISSING_DEFAULT_VALUE 4 quantity: version 3 cannot read what versions 1 and 2 wrote: the reader needs the field, for it has no default, and the writer doesn't write it. Make it optional: "type": ["null", "long"], "default": null.`,
		},
		{
			"a field that was needed",
			[]string{order(id, fld("quantity", `"long"`)), order(id)},
			`READER_FIELD_MISSING_DEFAULT_VALUE 1 quantity: version 1 cannot read what version 2 writes: the reader needs the field, for it has no default, and the writer doesn't write it. Put quantity back and go on writing it: readers that need it are out there.`,
		},
		{
			"a type that grows",
			[]string{order(id, fld("quantity", `"int"`)), order(id, fld("quantity", `"long"`))},
			`TYPE_MISMATCH 3 quantity: version 1 cannot read what version 2 writes: the writer has long, the reader has int. Leave the type as it was, int, and add an optional field of another name for the new one.`,
		},
		{
			"a symbol more",
			[]string{order(id, fld("colour", colours)), order(id, fld("colour", moreColours))},
			`MISSING_ENUM_SYMBOLS 3 colour: version 1 cannot read what version 2 writes: the writer may write GREEN, which the reader's enum Colour has not, and it has no default. Take GREEN out again: earlier readers have no default for it. What has to grow is a string in an optional field of another name.`,
		},
		{
			"a branch less",
			[]string{order(id, fld("v", `["int", "string"]`)), order(id, fld("v", `["int"]`))},
			`MISSING_UNION_BRANCH 3 v<string>: version 2 cannot read what version 1 wrote: the writer may write string, and the reader's [int] has no such branch. Put string back into the union.`,
		},
		{
			"null no longer",
			[]string{order(id, opt("n", `"int"`)), order(id, fld("n", `"int"`))},
			`TYPE_MISMATCH 3 n: version 2 cannot read what version 1 wrote: the writer may write null, for it has [null, int], and the reader has int. Leave the type as it was, [null, int], and add an optional field of another name for the new one.`,
		},
		{
			"null from now on",
			[]string{order(id, fld("n", `"int"`)), order(id, opt("n", `"int"`))},
			`TYPE_MISMATCH 3 n: version 1 cannot read what version 2 writes: the writer may write null, for it has [null, int], and the reader has int. Leave the type as it was, int, and add an optional field of another name for the new one.`,
		},
		{
			"a name twice",
			[]string{order(id, opt("a", `"int"`), opt("b", `"int"`)), order(id, `{"name": "a", "aliases": ["b"], "type": ["null", "int"], "default": null}`)},
			`AMBIGUOUS_ALIAS 3 a: version 2 cannot read what version 1 wrote: the reader's field is each of the writer's a, b by its name and aliases. Leave one of these names in the field's name and aliases, once.`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := errorsOf(Check("s", history(t, c.versions...)))
			if len(found) != 1 {
				t.Fatalf("found %d: %v", len(found), found)
			}
			f := found[0]
			last := fmt.Sprintf("s/%d.avsc", len(c.versions))
			if text := tellOne(f); text != c.want || f.File != last || f.Subject != "s" {
				t.Errorf("%s\n%s\nexpected\n%s", f.File, text, c.want)
			}
		})
	}
}

func tellOne(f Finding) string {
	return fmt.Sprintf("%s %d %s: %s. %s", f.Rule, f.Line, f.Path, f.Message, f.Fix)
}

func errorsOf(all []Finding) []Finding {
	return slices.DeleteFunc(all, func(f Finding) bool { return f.Severity != Error })
}

func TestEachVersionIsHeldAgainstEachBeforeIt(t *testing.T) {
	id := fld("order_id", `"string"`)
	versions := history(t, order(id, fld("a", `"int"`)), order(id, opt("a", `"int"`)), order(id))
	found := errorsOf(Check("s", versions))
	if len(found) != 2 || !slices.Equal(found[1].Readers, []string{"version 1"}) || !slices.Equal(found[1].Writers, []string{"version 3"}) {
		t.Errorf("expected what versions 2 and 3 do to version 1, found %v", found)
	}
	for i := range versions {
		versions[i].New = false
	}
	if found := Check("s", versions); len(found) > 0 {
		t.Errorf("what is published was judged: %v", found)
	}
}

// Fifty subjects with twenty versions each: parsed, and all pairs held against each other.
func BenchmarkFiftySubjectsOfTwentyVersions(b *testing.B) {
	texts := make([]string, 20)
	for i := range texts {
		fields := []string{fld("order_id", `"string"`), fld("at", `{"type": "long", "logicalType": "timestamp-millis"}`)}
		for j := range 15 + i {
			fields = append(fields, opt(fmt.Sprintf("f%d", j), `"string"`))
		}
		fields = append(fields, fld("items", `{"type": "array", "items": {"type": "record", "name": "Item", "fields": [`+fld("sku", `"string"`)+", "+fld("quantity", `"long"`)+`]}}`))
		texts[i] = order(fields...)
	}
	for b.Loop() {
		for range 50 {
			if found := Check("s", history(b, texts...)); len(found) > 0 {
				b.Fatal(found)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/check")
	if each := b.Elapsed() / time.Duration(b.N); each > time.Second {
		b.Errorf("a check of 50 subjects with 20 versions each took %s, expected less than a second", each)
	}
}
