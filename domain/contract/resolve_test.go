package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func parse(t testing.TB, text string) *Schema {
	t.Helper()
	s, err := Parse(Source{File: "a.avsc", Text: text})
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return s
}

// rec writes a record R of fields.
func rec(fields ...string) string {
	return `{"type": "record", "name": "R", "fields": [` + strings.Join(fields, ", ") + `]}`
}

func fld(name, typ string) string { return fmt.Sprintf(`{"name": %q, "type": %s}`, name, typ) }

func opt(name, typ string) string {
	return fmt.Sprintf(`{"name": %q, "type": ["null", %s], "default": null}`, name, typ)
}

const (
	colours     = `{"type": "enum", "name": "Colour", "symbols": ["RED", "BLUE"]}`
	moreColours = `{"type": "enum", "name": "Colour", "symbols": ["RED", "BLUE", "GREEN"]}`
	safeColours = `{"type": "enum", "name": "Colour", "symbols": ["RED", "BLUE"], "default": "RED"}`
	tree        = `{"type": "record", "name": "Tree", "fields": [{"name": "v", "type": %s}, {"name": "next", "type": ["null", "Tree"]}]}`
)

// Each fault is told as rule, path and pointer.
func TestWhatAReaderCannotReadIsFoundWithRuleAndPlace(t *testing.T) {
	for _, c := range []struct {
		name, reader, writer string
		want                 []string
	}{
		{"the same", rec(fld("a", `"int"`)), rec(fld("a", `"int"`)), nil},
		{"int to long", `"long"`, `"int"`, nil},
		{"long to int", `"int"`, `"long"`, []string{"TYPE_MISMATCH | /"}},
		{"string and bytes", `"string"`, `"bytes"`, nil},
		{"double to float", `"float"`, `"double"`, []string{"TYPE_MISMATCH | /"}},
		{"a field more, optional", rec(opt("a", `"int"`)), rec(), nil},
		{"a field more, needed", rec(fld("a", `"int"`)), rec(), []string{"READER_FIELD_MISSING_DEFAULT_VALUE a /fields/0"}},
		{"a field less", rec(), rec(fld("a", `"int"`)), nil},
		{"an alias", rec(`{"name": "b", "aliases": ["a"], "type": "int"}`), rec(fld("a", `"int"`)), nil},
		{
			"two aliases that are both there", rec(`{"name": "b", "aliases": ["a", "c"], "type": "int"}`), rec(fld("a", `"int"`), fld("c", `"int"`)),
			[]string{"AMBIGUOUS_ALIAS b /fields/0"},
		},
		{
			"all faults, not the first", rec(fld("a", `"int"`), fld("b", `"string"`), fld("c", `{"type": "array", "items": "int"}`)),
			rec(fld("b", `"int"`), fld("c", `{"type": "array", "items": "string"}`)),
			[]string{"READER_FIELD_MISSING_DEFAULT_VALUE a /fields/0", "TYPE_MISMATCH b /fields/1/type", "TYPE_MISMATCH c[] /fields/2/type/items"},
		},
		{
			"in arrays, maps and records", rec(fld("items", `{"type": "array", "items": {"type": "map", "values": {"type": "record", "name": "I", "fields": [`+fld("quantity", `"int"`)+`]}}}`)),
			rec(fld("items", `{"type": "array", "items": {"type": "map", "values": {"type": "record", "name": "I", "fields": [`+fld("quantity", `"long"`)+`]}}}`)),
			[]string{"TYPE_MISMATCH items[]{}.quantity /fields/0/type/items/values/fields/0/type"},
		},
		{"another name space", `{"type": "fixed", "name": "a.F", "size": 2}`, `{"type": "fixed", "name": "b.F", "size": 2}`, nil},
		{
			"another name and size", `{"type": "fixed", "name": "F", "size": 2}`, `{"type": "fixed", "name": "G", "size": 3}`,
			[]string{"NAME_MISMATCH | /name", "FIXED_SIZE_MISMATCH | /size"},
		},
		{"a type's alias", `{"type": "fixed", "name": "x.F", "aliases": ["G"], "size": 2}`, `{"type": "fixed", "name": "x.G", "size": 2}`, nil},
		{"symbols more", colours, moreColours, []string{"MISSING_ENUM_SYMBOLS | /symbols"}},
		{"symbols less", moreColours, colours, nil},
		{"symbols more and a default", safeColours, moreColours, nil},
		{"into a union", `["null", "string"]`, `"string"`, nil},
		{"out of a union", `"string"`, `["null", "string"]`, []string{"TYPE_MISMATCH | /0"}},
		{"a branch more", `["null", "int"]`, `["null", "int", "string"]`, []string{"MISSING_UNION_BRANCH <string> /2"}},
		{
			"what is wrong within a branch", rec(opt("o", `{"type": "record", "name": "O", "fields": [`+fld("x", `"int"`)+`]}`)),
			rec(opt("o", `{"type": "record", "name": "O", "fields": []}`)),
			[]string{"READER_FIELD_MISSING_DEFAULT_VALUE o.x /fields/0/type/1/fields/0"},
		},
		{"a type in itself", fmt.Sprintf(tree, `"long"`), fmt.Sprintf(tree, `"int"`), nil},
		{"a type in itself that differs", fmt.Sprintf(tree, `"int"`), fmt.Sprintf(tree, `"long"`), []string{"TYPE_MISMATCH v /fields/0/type"}},
		{"an error is a record", `{"type": "error", "name": "R", "fields": []}`, rec(), nil},
		{"logical types don't count", `{"type": "long", "logicalType": "timestamp-millis"}`, `"long"`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var found []string
			for _, f := range Leaves(Incompatibilities(parse(t, c.reader), parse(t, c.writer))) {
				found = append(found, strings.Join([]string{string(f.Rule), orBar(f.Path), f.Pointer}, " "))
			}
			if !slices.Equal(found, c.want) {
				t.Errorf("found\n%s\nexpected\n%s", strings.Join(found, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func orBar(path string) string {
	if path == "" {
		return "|"
	}
	return path
}

// B is compatible only if A is, and A turns out not to be: what was found of B by that assumption is forgotten.
func TestWhatRestsOnAWrongAssumptionIsLookedAtAgain(t *testing.T) {
	const text = `{"type": "record", "name": "Root", "fields": [
		{"name": "first", "type": ["null", {"type": "record", "name": "A", "fields": [
			{"name": "b", "type": {"type": "record", "name": "B", "fields": [{"name": "a", "type": ["null", "A"]}]}},
			{"name": "x", "type": %s}]}%s]},
		{"name": "second", "type": "B"}]}`
	// first reads the A of the writer as another record that takes all.
	reader := parse(t, fmt.Sprintf(text, `"int"`, `, {"type": "record", "name": "Any", "aliases": ["A"], "fields": []}`))
	writer := parse(t, fmt.Sprintf(text, `"long"`, ""))
	found := Leaves(Incompatibilities(reader, writer))
	if len(found) != 1 || found[0].Rule != TypeMismatch || !strings.HasSuffix(found[0].Path, ".x") {
		t.Errorf("found %+v", found)
	}
}

// Two records that each name the other twice, forty deep, would be walked 2^40 times.
func TestTypesThatAreMetAgainAreNotWalkedAgain(t *testing.T) {
	deep := func(leaf string) string {
		text := fmt.Sprintf(`{"type": "record", "name": "R0", "fields": [%s]}`, fld("leaf", leaf))
		for i := 1; i < 40; i++ {
			text = fmt.Sprintf(`{"type": "record", "name": "R%d", "fields": [%s, %s]}`, i, fld("a", text), fld("b", fmt.Sprintf(`"R%d"`, i-1)))
		}
		return text
	}
	reader, writer := parse(t, deep(`"int"`)), parse(t, deep(`"long"`))
	if found := Leaves(Incompatibilities(reader, writer)); len(found) != 1 {
		t.Errorf("found %d faults, expected the one", len(found))
	}
}

// Of two unions of thousands of types each pair would be millions, and each of those kept.
func TestTypesOfOtherNamesAreNotLookedInto(t *testing.T) {
	union := func(prefix string) *Schema {
		all := make([]string, 3000)
		for i := range all {
			all[i] = fmt.Sprintf(`{"type": "record", "name": "%s%d", "fields": [%s]}`, prefix, i, fld("a", `"int"`))
		}
		return parse(t, "["+strings.Join(all, ",")+"]")
	}
	c := checker{known: map[pair]*verdict{}}
	if v := c.check(nil, union("A"), union("B")); v.ok || len(v.faults) != maxFaults || len(c.known) > 0 {
		t.Errorf("%d faults, %d pairs were looked into", len(v.faults), len(c.known))
	}
}
