package embedded

import (
	"strings"
	"testing"

	"github.com/twmb/avro"
)

func TestTheSameSchemaWrittenOtherwiseHasTheSameID(t *testing.T) {
	r := startRegistry(t, "")
	id := register(t, r, "s", orderV1)
	for _, same := range []string{
		"  " + strings.ReplaceAll(orderV1, ",", " ,\n "),
		`{"namespace":"inventory.v1","name":"Order","fields":[{"type":"string","name":"id"}],"type":"record"}`,
		`{"type":"record","name":"inventory.v1.Order","fields":[{"name":"id","type":{"type":"string"}}]}`,
	} {
		if got := register(t, r, "other-subject", same); got != id {
			t.Errorf("id %d, expected %d for %s", got, id, same)
		}
	}
	for _, differs := range []string{
		`{"type":"record","name":"Order","namespace":"inventory.v2","fields":[{"name":"id","type":"string"}]}`,
		`{"type":"record","name":"Order","namespace":"inventory.v1","fields":[{"name":"id","type":"string","default":""}]}`,
		`{"type":"record","name":"Order","namespace":"inventory.v1","aliases":["Old"],"fields":[{"name":"id","type":"string"}]}`,
	} {
		if got := register(t, r, "different", differs); got == id {
			t.Errorf("the id is the same for %s", differs)
		}
	}
}

func FuzzASchemaIsTakenOrRefusedAndTakenAgain(f *testing.F) {
	for _, seed := range []string{orderV1, orderV2, `"string"`, `["null","int"]`, `{"type":"enum","name":"a.B","symbols":["X"]}`, `{"type":"array","items":{"type":"map","values":"long"}}`, `{}`, `[`, `{"type":{"type":"fixed","name":"F","size":3}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s schema
		var err error
		lean(t, text, func() { s, err = sent(text) })
		if err != nil {
			return
		}
		again, err := parseSchema(s.text)
		if err != nil || again.identity != s.identity {
			t.Errorf("%q is kept as %q: %v", text, s.text, err)
		}
		normal, err := avro.Parse(s.identity)
		if err != nil || string(normal.Canonical()) != string(avro.MustParse(text).Canonical()) {
			t.Errorf("%q is identified by another schema: %q: %v", text, s.identity, err)
		}
	})
}
