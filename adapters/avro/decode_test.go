package avro

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/linkedin/goavro/v2"

	"inventory/ports"
)

// written gives a record's value as another program would write it, with a schema that it
// registers.
func written(t testing.TB, r *registry, subject, schema string, native map[string]any) []byte {
	t.Helper()
	codec, err := goavro.NewCodec(strings.ReplaceAll(schema, `"logicalType"`, `"unit"`))
	if err != nil {
		t.Fatal(err)
	}
	return framed(t, r.add(subject, schema), codec, native)
}

func framed(t testing.TB, id int, codec *goavro.Codec, native map[string]any) []byte {
	t.Helper()
	value, err := codec.BinaryFromNative(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), native)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func decoded(t *testing.T, c *Codec, topic string, value []byte) ports.OrderEvent {
	t.Helper()
	e, err := c.Decode(t.Context(), topic, value)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEventsAreReadAsTheyWereWritten(t *testing.T) {
	r := full(t)
	c := newCodec(t, r)
	for topic, want := range orders() {
		got := decoded(t, c, topic, written(t, r, topic+"-value", newest(topic), nativeOrder(want)))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", topic, got, want)
		}
	}
}

func TestWhatIsOptionalMayBeNull(t *testing.T) {
	r := full(t)
	c := newCodec(t, r)
	for topic, want := range map[string]ports.OrderEvent{
		ports.OrderCreatedTopic:     ports.OrderCreated{EventID: "e", OrderID: "o", OccurredAt: at, Items: []ports.OrderItem{{SKU: "S", Quantity: 1}}},
		ports.OrderCancelledTopic:   ports.OrderCancelled{EventID: "e", OrderID: "o", OccurredAt: at},
		ports.FulfilmentPickedTopic: ports.FulfilmentPicked{EventID: "e", OrderID: "o", OccurredAt: at},
	} {
		got := decoded(t, c, topic, written(t, r, topic+"-value", newest(topic), nativeOrder(want)))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", topic, got, want)
		}
	}
}

// Records of version 1 that are out there are read for ever: these bytes never change.
func TestGoldenOrderEvents(t *testing.T) {
	r := full(t)
	c := newCodec(t, r)
	for topic, want := range orders() {
		value := written(t, r, topic+"-value", newest(topic), nativeOrder(want))
		golden(t, topic, value)
		if got := decoded(t, c, topic, append(value[:headerBytes:headerBytes], readGolden(t, topic)...)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", topic, got, want)
		}
	}
}

// golden compares a value's datum with testdata/<topic>.hex.
func golden(t *testing.T, topic string, value []byte) {
	t.Helper()
	if os.Getenv("WRITE_GOLDEN") != "" {
		text := hex.EncodeToString(value[headerBytes:]) + "\n"
		if err := os.WriteFile("testdata/"+topic+".hex", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := readGolden(t, topic); string(value[headerBytes:]) != string(want) {
		t.Errorf("%s:\ngot  %x\nwant %x", topic, value[headerBytes:], want)
	}
}

func readGolden(t testing.TB, topic string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + topic + ".hex")
	if err != nil {
		t.Fatal(err)
	}
	datum, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return datum
}

func TestTopicsHaveThePrefixInTheRegistryOnly(t *testing.T) {
	r := newRegistry()
	c := newCodec(t, r, func(cfg *Config) { cfg.Prefix = "eu." })
	want := orders()[ports.OrderCancelledTopic]
	value := written(t, r, "eu.order.cancelled.v1-value", newest(ports.OrderCancelledTopic), nativeOrder(want))
	if got := decoded(t, c, ports.OrderCancelledTopic, value); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestATopicWithoutOrderEventsIsRefused(t *testing.T) {
	if _, err := newCodec(t, newRegistry()).Decode(context.Background(), "other.v1", []byte{0, 0, 0, 0, 1}); err == nil {
		t.Error("read")
	}
}
