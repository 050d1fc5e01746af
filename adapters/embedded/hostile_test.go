package embedded

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"inventory/schemas"
)

// lean fails the test where reading a text takes memory out of proportion, in all that was
// ever allocated.
func lean(t *testing.T, text string, read func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read()
	runtime.ReadMemStats(&after)
	if took, most := after.TotalAlloc-before.TotalAlloc, uint64(1<<20+1024*len(text)); took > most {
		t.Errorf("reading %d bytes takes %d bytes of memory, at most %d are justified", len(text), took, most)
	}
}

// sent gives the schema of a request.
func sent(text string) (schema, error) { return (&schemaBody{Schema: text}).schema() }

// mentions is a schema that mentions a type of a long name often.
func mentions(name string, times int) string {
	var fields strings.Builder
	for i := range times {
		fmt.Fprintf(&fields, `,{"name":"f%d","type":"E"}`, i)
	}
	return `{"type":"record","name":"R","namespace":"` + name + `","fields":[{"name":"m","type":{"type":"enum","name":"E","symbols":["A"]}}` + fields.String() + `]}`
}

func TestASchemaTakesLittleMemoryWhateverItSays(t *testing.T) {
	for name, test := range map[string]struct{ text, says string }{
		"a long name, often":       {mentions(strings.Repeat("n", 100_000), 2000), "a namespace has 100000 bytes: at most 255"},
		"a name as long as can be": {mentions(strings.Repeat("n", schemas.MostNameBytes), 2000), ""},
		"arrays of arrays":         {strings.Repeat(`{"type":"array","items":`, 2000) + `"int"` + strings.Repeat("}", 2000), "more than 256 brackets"},
		"as deep as can be":        {strings.Repeat(`{"type":"array","items":`, 256) + `"int"` + strings.Repeat("}", 256), ""},
		"no end":                   {strings.Repeat("[", maxBodyBytes), "more than 256 brackets"},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			lean(t, test.text, func() { _, err = sent(test.text) })
			if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %.500v, want it to say %q", err, test.says)
			}
		})
	}
	r := startRegistry(t, "")
	status, answer := call(t, r, "POST", "/subjects/s/versions", wrap(mentions(strings.Repeat("n", 300), 2)))
	if status != 422 || !strings.Contains(answer, "at most 255 are read") {
		t.Errorf("%d %s", status, answer)
	}
}
