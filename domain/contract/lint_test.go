package contract

import (
	"strings"
	"testing"
)

func docd(doc string) string { return `{"name": "n", "type": "long", "doc": "` + doc + `"}` }

func TestWhatIsRegrettedIsWarnedOf(t *testing.T) {
	id := fld("order_id", `"string"`)
	for _, c := range []struct {
		name     string
		versions []string
		want     string // rule, path and a part of the message; "": no warning
	}{
		{"an enum without default", []string{order(id, fld("colour", colours))}, "ENUM_WITHOUT_DEFAULT 3 colour: enum Colour has no default"},
		{"one that was there before", []string{order(id, fld("colour", colours)), order(id, fld("colour", colours), opt("a", `"int"`))}, ""},
		{"a new one later", []string{order(id), order(id, opt("colour", colours))}, "ENUM_WITHOUT_DEFAULT 3 colour"},
		{"with a default", []string{order(id, fld("colour", safeColours))}, ""},
		{
			"another default of an enum",
			[]string{order(id, fld("colour", safeColours)), order(id, fld("colour", strings.Replace(safeColours, `: "RED"`, `: "BLUE"`, 1)))},
			"DEFAULT_CHANGED 3 colour: the default of enum Colour changes from RED to BLUE",
		},
		{
			"another default",
			[]string{order(id, `{"name": "n", "type": "int", "default": 1}`), order(id, `{"name": "n", "type": "int", "default": 2}`)},
			"DEFAULT_CHANGED 3 n: its default changes from 1 to 2",
		},
		{
			"a default that goes",
			[]string{order(id, `{"name": "n", "type": "int", "default": 1}`), order(id, `{"name": "n", "type": "int"}`)},
			"DEFAULT_CHANGED 3 n: its default 1 goes",
		},
		{"the same default in other words", []string{order(id, `{"name": "n", "type": "string", "default": "\u0041"}`), order(id, `{"name": "n", "type": "string", "default":"A"}`)}, ""},
		{"another unit", []string{order(id, docd("How long, in ms.")), order(id, docd("How long, in seconds."))}, "UNIT_CHANGED 3 n: its doc named milliseconds, and names seconds now"},
		{"the unit is no longer named", []string{order(id, docd("Price in cents.")), order(id, docd("Price."))}, "UNIT_CHANGED 3 n: its doc named cents, and names none now"},
		{"the same unit, spelled out", []string{order(id, docd("in ms")), order(id, docd("A time in milliseconds."))}, ""},
		{"a unit is named at last", []string{order(id, docd("Price.")), order(id, docd("Price in cents."))}, ""},
		{"another name", []string{order(id, opt("a", `"int"`)), order(id, opt("b", `"int"`))}, "FIELD_RENAMED 3 b: a goes and b, of the same type, comes in its place"},
		{"another name with an alias", []string{order(id, opt("a", `"int"`)), order(id, `{"name": "b", "aliases": ["a"], "type": ["null", "int"], "default": null}`)}, ""},
		{"one goes, one of another type comes", []string{order(id, opt("a", `"int"`)), order(id, opt("b", `"string"`))}, ""},
		{"one goes, one comes elsewhere", []string{order(opt("a", `"int"`), id, opt("c", `"string"`)), order(id, opt("c", `"string"`), opt("b", `"int"`))}, ""},
		{
			"times in another grain",
			[]string{order(id, fld("at", `{"type": "long", "logicalType": "timestamp-millis"}`)), order(id, fld("at", `{"type": "long", "logicalType": "timestamp-micros"}`))},
			"LOGICAL_TYPE_CHANGED 3 at: the meaning of the long changes from timestamp-millis to timestamp-micros",
		},
		{
			"decimals of another scale",
			[]string{order(id, opt("p", `{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}`)), order(id, opt("p", `{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3}`))},
			"LOGICAL_TYPE_CHANGED 3 p: the meaning of the bytes changes from decimal(9,2) to decimal(9,3)",
		},
		{"a default of a later branch", []string{order(id, `{"name": "n", "type": ["null", "int"], "default": 1}`)}, "DEFAULT_OF_LATER_BRANCH 3 n"},
		{"the key's field goes", []string{order(id), order()}, "KEY_FIELD_MOVED 1 order_id: order_id, a field of the key, is gone"},
		{
			"the key's field moves",
			[]string{order(id), order(fld("head", `{"type": "record", "name": "Head", "fields": [`+id+`]}`))},
			"KEY_FIELD_MOVED 1 order_id: order_id, a field of the key, moves to head.order_id",
		},
		{"the key's field may be null", []string{order(id), order(opt("order_id", `"string"`))}, "KEY_FIELD_MOVED 2 order_id: order_id, a field of the key, may be null"},
		{
			"another key",
			[]string{order(id, fld("sku", `"string"`)), strings.Replace(order(id, fld("sku", `"string"`)), "Key: order_id", "Key: sku", 1)},
			"KEY_FIELD_MOVED 1 : the key changes from order_id to sku",
		},
		{"a key that is no field", []string{`{"type": "record", "name": "R", "key": "a:b", "fields": [` + fld("a", `"int"`) + `]}`}, "KEY_FIELD_MOVED 1 b: the key names the field b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var found []string
			versions := history(t, c.versions...)
			versions[0].Past = len(versions) > 1
			for _, f := range Check("s", versions) {
				if f.Severity == Warning {
					found = append(found, tellOne(f))
				}
			}
			if c.want == "" && len(found) == 0 || c.want != "" && len(found) == 1 && strings.HasPrefix(found[0], c.want) {
				return
			}
			t.Errorf("found\n%s\nexpected\n%s", strings.Join(found, "\n"), c.want)
		})
	}
}
