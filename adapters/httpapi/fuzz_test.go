package httpapi

import (
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"
)

// What is read without a fault is what the library's own strict decoder reads.
func FuzzABodyIsReadAsTheStrictLibraryReadsIt(f *testing.F) {
	for _, row := range strictness {
		f.Add([]byte(row.body))
	}
	f.Add([]byte(reserve1))
	s := shapeOf(reflect.TypeFor[reserveRequest]())
	f.Fuzz(func(t *testing.T, text []byte) {
		var ours, theirs reserveRequest
		var found faults
		d := decoders.Get().(*decoder)
		defer d.giveBack()
		d.text.Write(text)
		d.decode(s, reflect.ValueOf(&ours).Elem(), &found)
		if found.err() != nil {
			return
		}
		if err := json.Unmarshal(text, &theirs, json.RejectUnknownMembers(true)); err != nil || !reflect.DeepEqual(ours, theirs) {
			t.Errorf("%s: ours %+v, theirs %+v, %v", text, ours, theirs, err)
		}
	})
}
