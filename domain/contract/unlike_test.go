package contract

import (
	"strings"
	"testing"
)

func TestSchemasAreUnlikeWhereTheySayOtherThings(t *testing.T) {
	const of = `{"type": "record", "name": "n.R", "fields": [{"name": "a", "type": "int", "doc": "ms"}, {"name": "b", "type": ["null", "R"], "default": null}]}`
	for _, c := range []struct{ other, says string }{
		{of, ""},
		{`{"namespace": "n", "name": "R", "fields": [{"doc": "ms", "name": "a", "type": {"type": "int"}}, {"type": ["null", "n.R"], "name": "b", "default": null}], "type": "record"}`, ""},
		{strings.Replace(of, "ms", "s", 1), `fields[a].doc: "ms" here, "s" there`},
		{strings.Replace(of, `, "doc": "ms"`, "", 1), `fields[a].doc: "ms" here, nothing there`},
		{strings.Replace(of, `"type": "int"`, `"type": "int", "x": 1`, 1), `fields[a].x: nothing here, 1 there`},
		{strings.Replace(of, `["null", "R"]`, `["R", "null"]`, 1), `fields[b].type: ["null","n.R"] here, ["n.R","null"] there`},
		{strings.Replace(of, `"name": "a"`, `"name": "c"`, 1), `fields[a]: only here; fields[c]: only there; fields: in another order there`},
		{`"int"`, `the schema: {"fields"`},
		{`{`, "there it is not JSON"},
	} {
		got := Unlike(of, c.other)
		if c.says == "" && got != "" || !strings.HasPrefix(got, c.says) {
			t.Errorf("%s: found %q, expected %q", c.other, got, c.says)
		}
	}
	if got := Unlike(`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}`, `{}`); !strings.HasSuffix(got, "; and 2 more") {
		t.Errorf("found %q", got)
	}
}
