package httpapi

import (
	"bytes"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// lean fails the test where reading a body takes memory out of proportion, in all that was
// ever allocated: faults are told with what was expected, up to maxFaults of them.
func lean(t *testing.T, text []byte, read func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read()
	runtime.ReadMemStats(&after)
	if took, most := after.TotalAlloc-before.TotalAlloc, uint64(1<<18+40*len(text)); took > most {
		t.Errorf("reading %d bytes, %.40q…, takes %d bytes of memory, at most %d are justified", len(text), text, took, most)
	}
}

// hostileBodies are those that try to cost more than they have bytes.
func hostileBodies() map[string][]byte {
	const n = 200_000
	return map[string][]byte{
		"arrays in arrays":     bytes.Repeat([]byte("["), n),
		"objects in objects":   bytes.Repeat([]byte(`{"a":`), n),
		"deep where lines are": []byte(`{"items":` + strings.Repeat("[", n)),
		"empty lines":          []byte(`{"items":[` + strings.Repeat("{},", n) + `{}]}`),
		"lines that are none":  []byte(`{"items":[` + strings.Repeat("0,", n) + `0]}`),
		"unknown keys":         []byte(`{` + strings.Repeat(`"a":0,`, n) + `"a":0}`),
		"keys given twice":     []byte(`{` + strings.Repeat(`"order_id":0,`, n) + `"order_id":0}`),
		"a long key":           []byte(`{"` + strings.Repeat("a", n) + `":0}`),
		"a long number":        []byte(`{"ttl_seconds":` + strings.Repeat("9", n) + `}`),
		"a long exponent":      []byte(`{"ttl_seconds":1e` + strings.Repeat("9", n) + `}`),
		"escapes":              []byte(`{"order_id":"` + strings.Repeat(`\u0041`, n) + `"}`),
		"surrogates alone":     []byte(`{"order_id":"` + strings.Repeat(`\ud800`, n) + `"}`),
		"invalid UTF-8":        []byte(`{"order_id":"` + strings.Repeat("\xff", n) + `"}`),
		"long SKUs":            []byte(`{"items":[` + strings.Repeat(`{"sku":"`+strings.Repeat("s", 300)+`"},`, 500) + `{}]}`),
		"only white space":     bytes.Repeat([]byte(" "), n),
	}
}

func TestAHostileBodyTakesLittleMemoryAndIsRefused(t *testing.T) {
	for _, body := range []any{reserveRequest{}, releaseRequest{}, confirmRequest{}, extendRequest{}, adjustRequest{}, warehouseRequest{}, repairRequest{}} {
		s := shapeOf(reflect.TypeOf(body))
		for name, text := range hostileBodies() {
			var found faults
			d := new(decoder)
			d.text.Write(text)
			lean(t, text, func() { d.decode(s, reflect.New(reflect.TypeOf(body)).Elem(), &found) })
			if name != "escapes" && found.err() == nil {
				t.Errorf("%T: %s: read without a fault", body, name)
			}
		}
	}
}

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
		lean(t, text, func() { d.decode(s, reflect.ValueOf(&ours).Elem(), &found) })
		if found.err() != nil {
			return
		}
		if err := json.Unmarshal(text, &theirs, json.RejectUnknownMembers(true)); err != nil || !reflect.DeepEqual(ours, theirs) {
			t.Errorf("%s: ours %+v, theirs %+v, %v", text, ours, theirs, err)
		}
	})
}
