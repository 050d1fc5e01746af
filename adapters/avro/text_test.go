package avro

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/linkedin/goavro/v2"

	"inventory/ports"
)

// orderTexts has the events of orders() as people see them.
var orderTexts = map[string]string{
	ports.OrderCreatedTopic: `{"event_id":"e-1","order_id":"o-1","occurred_at":"2026-11-25T03:04:05.678Z","region":"eu","ttl_seconds":900,"items":[` +
		`{"sku":"SKU-1","warehouse_id":null,"quantity":2},{"sku":"SKU-2","warehouse_id":"BER-1","quantity":1},{"sku":"SKU-3","warehouse_id":null,"quantity":1000000000}]}`,
	ports.OrderCancelledTopic:   `{"event_id":"e-2","order_id":"o-1","occurred_at":"2026-11-25T03:04:05.678Z","reason":"PAYMENT_FAILED"}`,
	ports.FulfilmentPickedTopic: `{"event_id":"e-3","order_id":"o-1","occurred_at":"2026-11-25T03:04:05.678Z","warehouse_id":"BER-1","items":[{"sku":"SKU-1","warehouse_id":null,"quantity":2}]}`,
}

func TestTextOfAnEventIsWhatPeopleWriteAndMakesTheSameEvent(t *testing.T) {
	c := newCodec(t, full(t))
	for topic, text := range orderTexts {
		value, err := c.FromText(t.Context(), topic, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		event, err := c.Decode(t.Context(), topic, value)
		if err != nil || !reflect.DeepEqual(event, orders()[topic]) {
			t.Errorf("%s: found %+v and %v", topic, event, err)
		}
		again, err := c.Text(t.Context(), topic, value)
		if err != nil || string(again) != text {
			t.Errorf("%s:\nfound %s and %v\nwant  %s", topic, again, err, text)
		}
	}
}

func TestWhatMayBeNullMayBeLeftOutAndTimesMayBeWrittenInOtherWays(t *testing.T) {
	c := newCodec(t, full(t))
	for text, want := range map[string]string{
		`{"order_id":"o","event_id":"e","occurred_at":"2026-11-25T04:04:05+01:00"}`:    `"occurred_at":"2026-11-25T03:04:05.000Z","reason":null}`,
		`{"order_id":"o", "event_id":"e", "occurred_at":1764039845001, "reason":null}`: `"occurred_at":"2025-11-25T03:04:05.001Z","reason":null}`,
		`{"order_id":"o","event_id":"e","occurred_at":9223372036854775807}`:            `"occurred_at":9223372036854775807,"reason":null}`,
	} {
		value, err := c.FromText(t.Context(), ports.OrderCancelledTopic, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Text(t.Context(), ports.OrderCancelledTopic, value)
		if err != nil || string(got) != `{"event_id":"e","order_id":"o",`+want {
			t.Errorf("%s: found %s and %v", text, got, err)
		}
	}
}

func TestTextThatIsNoEventNamesAllThatIsWrongWithItsPath(t *testing.T) {
	c := newCodec(t, full(t), func(cfg *Config) { cfg.MaxBytes = 1000 })
	event := func(rest string) string {
		return `{"event_id":"e","order_id":"o","occurred_at":0,"items":[{"sku":"A","quantity":1}]` + rest + `}`
	}
	items := func(item string) string {
		return `{"event_id":"e","order_id":"o","occurred_at":0,"items":[{"sku":"A","quantity":1},` + item + `]}`
	}
	for name, test := range map[string]struct {
		text string
		says []string
	}{
		"no JSON":       {`{"event_id":`, []string{"not JSON: after byte 12"}},
		"two values":    {event("") + "{}", []string{"not JSON"}},
		"no UTF-8":      {"\"\xff\"", []string{"not UTF-8"}},
		"an array":      {`[]`, []string{"the event: expected an object, found an array"}},
		"too deep":      {strings.Repeat("[", 100) + strings.Repeat("]", 100), []string{"more than 64 deep"}},
		"unknown field": {event(`,"regoin":"eu"`), []string{"regoin: unknown field", `"region"`}},
		"case counts":   {event(`,"Region":"eu"`), []string{"Region: unknown field"}},
		"many faults": {
			`{"event_id":7,"occurred_at":"yesterday","items":{}}`,
			[]string{"event_id: expected a string, found 7", "order_id: it is missing", `occurred_at: expected a time such as`, `found "yesterday"`, "items: expected an array, found an object"},
		},
		"twice":                {event(`,"event_id":"f"`), []string{"event_id: it is there twice"}},
		"twice in an item":     {items(`{"sku":"B","quantity":1,"sku":"C"}`), []string{"items[1].sku: it is there twice"}},
		"in an item":           {items(`{"sku":null,"amount":1}`), []string{"items[1].sku: expected a string, found null", "items[1].quantity: it is missing", "items[1].amount: unknown field"}},
		"a part of a unit":     {items(`{"sku":"B","quantity":1.5}`), []string{"items[1].quantity: expected a whole number", "found 1.5"}},
		"out of range":         {items(`{"sku":"B","quantity":9223372036854775808}`), []string{"items[1].quantity: expected a whole number of -9223372036854775808"}},
		"a number as text":     {items(`{"sku":"B","quantity":"1"}`), []string{`items[1].quantity`, `found "1"`}},
		"Avro's way of unions": {event(`,"region":{"string":"eu"}`), []string{"region: expected a string, found an object"}},
		"a time too fine":      {strings.Replace(event(""), ":0,", `:"2026-11-25T03:04:05.6789Z",`, 1), []string{"occurred_at: expected no part of a second smaller than 1ms"}},
		"too large":            {strings.Replace(event(""), `"o"`, `"`+strings.Repeat("o", 1000)+`"`, 1), []string{"at most 1000 are written"}},
		"too much text":        {event(strings.Repeat(" ", 16001)), []string{"at most 16000 are read"}},
		"very many faults":     {`{"items":[` + strings.Repeat("1,", 100) + `1]}`, []string{"items[10]: expected an object, found 1", "and more"}},
	} {
		t.Run(name, func(t *testing.T) {
			value, err := c.FromText(t.Context(), ports.OrderCreatedTopic, []byte(test.text))
			if !errors.Is(err, ports.ErrUnreadable) || value != nil {
				t.Fatalf("found % x and %v", value, err)
			}
			for _, says := range test.says {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("found %v\nwant it to say %q", err, says)
				}
			}
			if n := strings.Count(err.Error(), "\n"); n > mostFaults {
				t.Errorf("%d faults are told", n)
			}
		})
	}
}

// everything is a schema of another writer, with fields of all types besides ours.
const everything = `{"type":"record","name":"OrderCancelled","namespace":"inventory.v1","fields":[
	{"name":"order_id","type":"string"},{"name":"event_id","type":"string"},{"name":"occurred_at","type":"long"},
	{"name":"reason","type":["null","string"],"default":null},
	{"name":"x","type":{"type":"record","name":"X","fields":[
		{"name":"b","type":"boolean"},{"name":"i","type":"int"},{"name":"f","type":"float"},{"name":"d","type":"double"},{"name":"raw","type":"bytes"},
		{"name":"fix","type":{"type":"fixed","name":"F","size":2}},{"name":"e","type":{"type":"enum","name":"E","symbols":["P","Q"]}},
		{"name":"m","type":{"type":"map","values":"long"}},{"name":"u","type":["null","string",{"type":"long","logicalType":"timestamp-micros"}]},
		{"name":"next","type":["null","X"]},{"name":"none","type":{"type":"array","items":"X"}}
	]}}
]}`

func TestAnotherWritersFieldsAreShown(t *testing.T) {
	r := full(t)
	id := r.add("order.cancelled.v1-value", everything)
	codec, err := goavro.NewCodec(everything)
	if err != nil {
		t.Fatal(err)
	}
	x := func(next any) map[string]any {
		return map[string]any{
			"b": true, "i": math.MinInt32, "f": float32(0.1), "d": math.Inf(1), "raw": []byte{0xca, 0xfe}, "fix": []byte{0, 1}, "e": "Q",
			"m": map[string]any{"k": 1}, "u": nullable("string", "t"), "next": next, "none": []any{},
		}
	}
	value, err := codec.BinaryFromNative(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), map[string]any{
		"order_id": "o<1>", "event_id": "e", "occurred_at": at.UnixMilli(), "reason": nullable("string", "R"), "x": x(nullable("inventory.v1.X", x(nil))),
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := newCodec(t, r).Text(t.Context(), ports.OrderCancelledTopic, value)
	inner := `{"b":true,"i":-2147483648,"f":0.1,"d":"+Inf","raw":"cafe","fix":"0001","e":"Q","m":{"k":1},"u":"t","next":%s,"none":[]}`
	want := `{"order_id":"o<1>","event_id":"e","occurred_at":"2026-11-25T03:04:05.678Z","reason":"R","x":` + fmt.Sprintf(inner, fmt.Sprintf(inner, "null")) + `}`
	if err != nil || string(got) != want {
		t.Errorf("found %s and %v\nwant  %s", got, err, want)
	}
}

func TestTextOfPoisonIsAsDecodingHasIt(t *testing.T) {
	r := full(t)
	c := newCodec(t, r)
	cancelled := r.find("order.cancelled.v1-value", newest(ports.OrderCancelledTopic))
	for _, value := range [][]byte{nil, []byte("{}"), with(999, 2), with(cancelled, 2, 'e'), with(cancelled, 2, 'e', 2, 'o', 2, 0, 9)} {
		_, want := c.Decode(t.Context(), ports.OrderCancelledTopic, value)
		text, err := c.Text(t.Context(), ports.OrderCancelledTopic, value)
		if text != nil || fmt.Sprint(err) != fmt.Sprint(want) {
			t.Errorf("% x: found %s and %v, want %v", value, text, err, want)
		}
	}
	if _, err := c.Text(t.Context(), "nowhere", nil); !errors.Is(err, ports.ErrUnreadable) {
		t.Errorf("of no topic of ours: %v", err)
	}
	if _, err := c.FromText(t.Context(), "nowhere", nil); !errors.Is(err, ports.ErrUnreadable) {
		t.Errorf("for no topic of ours: %v", err)
	}
}

func TestAnEventOfTextNeedsTheRegistryOnceAndIsNoMatterOfReadiness(t *testing.T) {
	text := []byte(orderTexts[ports.OrderCancelledTopic])
	r := newRegistry()
	c := newCodec(t, r)
	_, err := c.FromText(t.Context(), ports.OrderCancelledTopic, text)
	if !errors.Is(err, ports.ErrTransient) || !strings.Contains(err.Error(), "order.cancelled.v1-value: register it") {
		t.Errorf("not registered: %v", err)
	}
	if err := c.Ready(); err != nil {
		t.Errorf("not ready for want of a schema that others write with: %v", err)
	}
	r = full(t)
	c = newCodec(t, r)
	for range 3 {
		value, err := c.FromText(t.Context(), ports.OrderCancelledTopic, text)
		if want := r.find("order.cancelled.v1-value", newest(ports.OrderCancelledTopic)); err != nil || int(value[4]) != want {
			t.Errorf("found % x and %v, want id %d", value[:min(5, len(value))], err, want)
		}
	}
	if _, asked := r.calls(); asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// FuzzFromText writes any text: what is taken can be decoded, and says the same again.
func FuzzFromText(f *testing.F) {
	topics := ports.OrderEventTopics()
	for i, topic := range topics {
		f.Add(uint8(i), []byte(orderTexts[topic]))
	}
	f.Add(uint8(0), []byte(`{"a":1,"a":2}`))
	c := newCodec(f, full(f))
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		topic := topics[int(which)%len(topics)]
		value, err := c.FromText(t.Context(), topic, text)
		if err != nil {
			if !errors.Is(err, ports.ErrUnreadable) {
				t.Errorf("found %v", err)
			}
			return
		}
		told, err := c.Text(t.Context(), topic, value)
		if err != nil || !json.Valid(told) {
			t.Fatalf("%s: found %s and %v", text, told, err)
		}
		again, err := c.FromText(t.Context(), topic, told)
		if err != nil || string(again) != string(value) {
			t.Errorf("%s: found % x and %v, want % x", told, again, err, value)
		}
	})
}

// FuzzText shows any datum that can be decoded, as JSON.
func FuzzText(f *testing.F) {
	r := full(f)
	id := r.add("order.cancelled.v1-value", everything)
	c := newCodec(f, r)
	f.Add([]byte{2, 'o', 2, 'e', 0, 0, 1})
	f.Fuzz(func(t *testing.T, datum []byte) {
		value := with(id, datum...)
		_, undecoded := c.Decode(t.Context(), ports.OrderCancelledTopic, value)
		text, err := c.Text(t.Context(), ports.OrderCancelledTopic, value)
		if (err == nil) != (undecoded == nil) || err == nil && !json.Valid(text) {
			t.Errorf("found %s and %v, where decoding says %v", text, err, undecoded)
		}
	})
}
