package avro

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"inventory/ports"
	"inventory/schemas"
)

// What reading may take of memory, in bytes, in all: so much, and so much for each byte read.
// Most is what goavro makes of a union's branch, a map.
const (
	datumMemory, datumMemoryPerByte   = 1 << 18, 512
	schemaMemory, schemaMemoryPerByte = 1 << 20, 1024
)

// lean fails the test where reading takes more memory. It is the sum of what was ever
// allocated, so that it bounds the work, too.
func lean(t *testing.T, most int, read func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > uint64(most) {
		t.Errorf("reading takes %d bytes of memory, at most %d are justified", took, most)
	}
}

func leanDatum(t *testing.T, datum []byte, read func()) {
	t.Helper()
	lean(t, datumMemory+datumMemoryPerByte*len(datum), read)
}

func leanSchema(t *testing.T, text string, read func()) {
	t.Helper()
	lean(t, schemaMemory+schemaMemoryPerByte*len(text), read)
}

// anyEvent is an event of any subject, as goavro gives it.
type anyEvent map[string]any

func (anyEvent) About() string { return "" }

// reading gives what reads the records of any subject's schema, as the codec's do.
func reading(t testing.TB, text string) *writer {
	t.Helper()
	schema, err := parseSchema(text)
	if err != nil {
		t.Fatal(err)
	}
	in := &input{read: func(r *record) ports.OrderEvent { return anyEvent(r.fields) }}
	w, err := in.compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// wholeData has a datum of each topic, with all that is optional.
func wholeData(t testing.TB) map[string][]byte {
	t.Helper()
	c := newCodec(t, full(t))
	all := make(map[string][]byte)
	for _, topic := range ports.OrderEventTopics() {
		all[topic] = readGolden(t, topic)
	}
	for _, e := range outcomes() {
		value, err := c.Encode(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		all[e.Topic()] = value[headerBytes:]
	}
	return all
}

func TestOfEverySubjectAnEventThatIsCutOffOrGoesOnIsUnreadable(t *testing.T) {
	data := wholeData(t)
	for topic, s := range schemas.Avro() {
		for v, text := range s.Versions {
			w, datum := reading(t, text), data[topic]
			if v+1 == len(s.Versions) {
				if _, err := w.decode(datum); err != nil {
					t.Fatalf("%s: %v", topic, err)
				}
			}
			for n := range datum {
				if e, err := w.decode(datum[:n]); !errors.Is(err, ports.ErrUnreadable) || e != nil {
					t.Errorf("%s, version %d, cut off after %d of %d bytes: got %v, %v", topic, v+1, n, len(datum), e, err)
				}
			}
			if e, err := w.decode(append(slices.Clip(datum), 0)); !errors.Is(err, ports.ErrUnreadable) || e != nil {
				t.Errorf("%s, version %d, with a byte too many: got %v, %v", topic, v+1, e, err)
			}
		}
	}
}

// chain is a record in a record in a record, of one byte in all.
func chain(depth int) string {
	inner := `"boolean"`
	for i := range depth {
		inner = fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"a","type":%s}]}`, i, inner)
	}
	return inner
}

// cancelledMore is a schema of cancelled orders with another field, whose data follow.
func cancelledMore(kind string) string {
	return cancelledBy(eventID, orderID, occurredAt, `{"name":"more","type":`+kind+`}`)
}

func TestABombOfAFewBytesTakesLittleMemory(t *testing.T) {
	const n = 1 << 17
	many := binary.AppendVarint(nil, n)
	for name, test := range map[string]struct {
		kind  string
		datum []byte
		says  string // empty: it is read
	}{
		"records in records":    {`{"type":"array","items":` + chain(50) + `}`, slices.Concat(many, make([]byte, n+1)), "than its bytes justify"},
		"a map in each byte":    {`{"type":"array","items":{"type":"map","values":"int"}}`, slices.Concat(many, make([]byte, n+1)), "than its bytes justify"},
		"a branch in each byte": {`{"type":"array","items":["null",{"type":"record","name":"E","fields":[]}]}`, slices.Concat(many, bytes.Repeat([]byte{2}, n), []byte{0}), "than its bytes justify"},
		"arrays of nothing":     {`{"type":"array","items":{"type":"array","items":"null"}}`, slices.Concat(many, make([]byte, n+1)), ""},
		"truths":                {`{"type":"array","items":"boolean"}`, slices.Concat(many, make([]byte, n+1)), ""},
		"no texts":              {`{"type":"array","items":"string"}`, slices.Concat(many, make([]byte, n+1)), ""},
		"blocks of one":         {`{"type":"array","items":"boolean"}`, append(bytes.Repeat([]byte{2, 0}, n), 0), ""},
		"numbers":               {`{"type":"array","items":"long"}`, slices.Concat(many, bytes.Repeat([]byte{0xff, 1}, n), []byte{0}), ""},
		"a count and no more":   {`{"type":"array","items":"long"}`, binary.AppendVarint(nil, 1<<62), "it ends too early"},
		"a map's count alone":   {`{"type":"map","values":"null"}`, binary.AppendVarint(nil, -(1 << 40)), "it ends too early"},
		"a text's length alone": {`"string"`, binary.AppendVarint(nil, 1<<40), "1099511627776 bytes expected, 0 left"},
		"a fixed's size alone":  {`{"type":"fixed","name":"F","size":1000000000}`, nil, "1000000000 bytes expected, 0 left"},
	} {
		t.Run(name, func(t *testing.T) {
			w := reading(t, cancelledMore(test.kind))
			datum := append([]byte{2, 'e', 2, 'o', 2}, test.datum...)
			var err error
			leanDatum(t, datum, func() { _, err = w.decode(datum) })
			switch {
			case test.says == "" && err != nil:
				t.Error(err)
			case test.says != "" && (!errors.Is(err, ports.ErrUnreadable) || !strings.Contains(err.Error(), test.says)):
				t.Errorf("got %v, want it to say %q", err, test.says)
			}
		})
	}
}

func TestAnOrderOfAllTheItemsThatFitTakesLittleMemory(t *testing.T) {
	w := reading(t, newest(ports.OrderCreatedTopic))
	begin := []byte{2, 'e', 2, 'o', 2, 0, 0}
	for item, most := range map[string]int{"\x00\x00\x02": mostMaps - 1, "\x00\x02\x00\x02": (mostMaps - 1) / 2} {
		for more, says := range []string{"", "than its bytes justify"} {
			count := most + more
			datum := slices.Concat(begin, binary.AppendVarint(nil, int64(count)), bytes.Repeat([]byte(item), count), []byte{0})
			var err error
			leanDatum(t, datum, func() { _, err = w.decode(datum) })
			if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
				t.Errorf("%d items of %d bytes: got %v, want it to say %q", count, len(item), err, says)
			}
		}
	}
}

// mentions is a schema that mentions a type of a long name often.
func mentions(name string, times int) string {
	fields := []string{eventID, orderID, occurredAt, `{"name":"m","type":{"type":"enum","name":"E","symbols":["A"]}}`}
	for i := range times {
		fields = append(fields, fmt.Sprintf(`{"name":"f%d","type":"E"}`, i))
	}
	return strings.Replace(cancelledBy(fields...), "shop.orders", name, 1)
}

func TestASchemaTakesLittleMemoryWhateverItSays(t *testing.T) {
	const n = 2000
	listed := func(form, separator string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf(form, i)
		}
		return strings.Join(all, separator)
	}
	for name, test := range map[string]struct{ text, says string }{
		"a long name, often":       {mentions(strings.Repeat("n", 100_000), n), "a namespace has 100000 bytes: at most 255"},
		"a name as long as can be": {mentions(strings.Repeat("n", schemas.MostNameBytes), n), ""},
		"arrays of arrays":         {cancelledMore(strings.Repeat(`{"type":"array","items":`, n) + `"int"` + strings.Repeat("}", n)), "more than 256 brackets"},
		"as deep as can be":        {cancelledMore(strings.Repeat(`{"type":"array","items":`, schemas.MostDepth-3) + `"int"` + strings.Repeat("}", schemas.MostDepth-3)), ""},
		"records in records":       {cancelledMore(chain(80)), ""},
		"a union of many":          {cancelledMore(`["null",` + listed(`{"type":"record","name":"R%d","fields":[]}`, ",") + "]"), ""},
		"an enum of many":          {cancelledMore(`{"type":"enum","name":"E","symbols":["` + listed("s%d", `","`) + `"]}`), ""},
		"many aliases":             {cancelledMore(`{"type":"enum","name":"E","symbols":["A"],"aliases":["` + listed("s%d", `","`) + `"]}`), ""},
		"many fields":              {cancelledBy(eventID, orderID, occurredAt, listed(`{"name":"f%d","type":["null","int"],"default":null}`, ",")), ""},
		"no end":                   {strings.Repeat("[", mostSchemaBytes), "more than 256 brackets"},
	} {
		t.Run(name, func(t *testing.T) {
			in := newCodec(t, newRegistry()).inputs[ports.OrderCancelledTopic]
			var err error
			leanSchema(t, test.text, func() { _, err = in.newWriter(test.text) })
			switch {
			case test.says == "" && err != nil:
				t.Error(err)
			case test.says != "" && (!errors.Is(err, ports.ErrIncompatibleSchema) || !strings.Contains(err.Error(), test.says)):
				t.Errorf("got %.500v, want it to say %q", err, test.says)
			}
		})
	}
}

// FuzzEverySubject reads any bytes as a record of any version of any subject.
func FuzzEverySubject(f *testing.F) {
	topics := slices.Sorted(maps.Keys(schemas.Avro()))
	var all []*writer
	data := wholeData(f)
	for _, topic := range topics {
		for _, text := range schemas.Avro()[topic].Versions {
			f.Add(uint8(len(all)), data[topic])
			all = append(all, reading(f, text))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, datum []byte) {
		var e ports.OrderEvent
		var err error
		leanDatum(t, datum, func() { e, err = all[int(which)%len(all)].decode(datum) })
		if (e == nil) == (err == nil) || err != nil && !errors.Is(err, ports.ErrUnreadable) {
			t.Errorf("got %v and %v", e, err)
		}
	})
}
