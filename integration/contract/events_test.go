package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linkedin/goavro/v2"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"inventory/integration/service"
)

const (
	asyncAPI      = "../../schemas/asyncapi/inventory.yaml"
	eventPatience = 2 * time.Minute
)

// suite runs services for the tests of this package.
var suite = service.NewSuite("contract")

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite.Of(m)) }

// channel is a topic as the AsyncAPI document has it.
type channel struct {
	topic   string
	send    bool // by the service
	message described
	codec   *goavro.Codec // nil: values are as they came
	schema  string
}

type described struct {
	Headers struct {
		Properties map[string]struct{ Const string }
		Required   []string
	}
	Payload  *struct{ Schema any }
	Bindings struct {
		Kafka struct{ Key struct{ Description string } }
	}
	Examples []struct {
		Headers map[string]string
		Payload any
	}
}

// readChannels gives the channels of the checked-in document by topic, as a program reads it
// that knows nothing else.
func readChannels(t *testing.T) map[string]*channel {
	t.Helper()
	text, err := os.ReadFile(asyncAPI)
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Channels map[string]struct {
			Address  string
			Messages map[string]any
		}
		Operations map[string]struct {
			Action  string
			Channel map[string]string
		}
		Components struct{ Messages map[string]described }
	}
	if err := yaml.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	all := map[string]*channel{}
	for _, op := range d.Operations {
		of := d.Channels[strings.TrimPrefix(op.Channel["$ref"], "#/channels/")]
		for name := range of.Messages {
			c := &channel{topic: of.Address, send: op.Action == "send", message: d.Components.Messages[name]}
			c.prepare(t)
			all[c.topic] = c
		}
	}
	return all
}

func (c *channel) prepare(t *testing.T) {
	t.Helper()
	if c.message.Payload == nil {
		return
	}
	c.schema = asJSON(t, c.message.Payload.Schema)
	var err error
	if c.codec, err = goavro.NewCodec(c.schema); err != nil {
		t.Fatalf("%s: %v", c.topic, err)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// datum encodes a message that is Avro's JSON.
func (c *channel) datum(t *testing.T, text string) []byte {
	t.Helper()
	native, rest, err := c.codec.NativeFromTextual([]byte(text))
	if err != nil || len(rest) > 0 {
		t.Fatalf("%s: %s: %v", c.topic, text, err)
	}
	datum, err := c.codec.BinaryFromNative(nil, native)
	if err != nil {
		t.Fatalf("%s: %s: %v", c.topic, text, err)
	}
	return datum
}

// key makes a record's key of a message's fields, as the document says.
func (c *channel) key(fields map[string]any) string {
	parts := strings.Split(c.message.Bindings.Kafka.Key.Description, ":")
	for i, field := range parts {
		parts[i] = fmt.Sprint(fields[field])
	}
	return strings.Join(parts, ":")
}

func TestEveryExampleOfTheAsyncAPIDocumentIsTheMessageThatJavaWrites(t *testing.T) {
	avros := 0
	for _, c := range readChannels(t) {
		if c.codec == nil {
			continue
		}
		avros++
		java, err := os.ReadFile(filepath.Join(goldenFolder, c.topic+"-value", "1", "full.bin"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range c.message.Examples {
			if datum := c.datum(t, asJSON(t, e.Payload)); !bytes.Equal(datum, java) {
				t.Errorf("%s: the example is %x, Java's message %x", c.topic, datum, java)
			}
		}
		if native, rest, err := c.codec.NativeFromBinary(java); err != nil || len(rest) > 0 || native == nil {
			t.Errorf("%s: %v, %d bytes are left", c.topic, err, len(rest))
		}
	}
	if avros != 12 {
		t.Errorf("%d channels of events, expected 12", avros)
	}
}

func TestExamplesOfTheAsyncAPIDocumentAreHeardAndWhatIsToldIsAsItSays(t *testing.T) {
	s := suite.Embedded(t)
	process := s.Start()
	p := join(t, s)
	p.stock(process.Client())
	p.sendExample("order.created.v1", nil)
	p.await("inventory.reserved.v1", "o-1", anything)
	p.sendExample("order.created.v1", map[string]any{"event_id": "e-9", "order_id": "o-9"})
	p.await("inventory.rejected.v1", "o-9", func(e map[string]any) bool { return e["reason"] == "INSUFFICIENT_STOCK" })
	p.sendExample("fulfillment.picked.v1", nil)
	p.await("inventory.confirmed.v1", "o-1", anything)
	p.sendExample("order.cancelled.v1", nil)
	p.await("inventory.released.v1", "o-1", func(e map[string]any) bool { return e["reason"] == "PAYMENT_FAILED" })
	p.await("inventory.adjusted.v1", "SKU-3", anything)
	p.await("inventory.threshold.v1", "SKU-3:HAM-1", func(e map[string]any) bool { return e["threshold"] == "LOW" && e["low_mark"] == int64(1_000_000_000) })
	p.await("inventory.stock_level.v1", "SKU-3:HAM-1", func(e map[string]any) bool { return e["held"] == int64(0) && e["version"].(int64) > 2 })
	for topic, c := range p.channels {
		if !c.send {
			p.send(&kgo.Record{Topic: topic, Key: []byte("junk"), Value: []byte("{}")})
			p.await(topic+".dlq", "junk", anything)
		}
	}
	for _, records := range p.told {
		for _, r := range records {
			p.check(r)
		}
	}
	s.Stop(process)
}
