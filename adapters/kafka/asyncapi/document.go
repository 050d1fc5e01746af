// Package asyncapi describes what the service hears and tells on Kafka, as AsyncAPI 3: the
// topics that package kafka makes, the schemas that package schemas publishes, the headers that
// package kafka writes.
//
// It makes a document and talks to nobody. Only tests import it: they keep
// schemas/asyncapi/inventory.yaml what the code does.
package asyncapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"

	"go.yaml.in/yaml/v3"

	"inventory/adapters/kafka"
	"inventory/ports"
	"inventory/schemas"
)

// Version is the document's: what is added changes its second number.
const Version = "1.2.0"

const about = `Holds stock for orders: hears of orders, their cancellation and what was picked, and tells what became of them and how much there is.

Values are Avro in the Confluent wire format (a zero byte, the schema's id in four bytes, the datum); subjects are <topic>-value, at
FULL_TRANSITIVE. Examples are in Avro's JSON. Topics have the deployment's prefix before their names, if it has one. Events come at least once: the same event
has the same ce_id, and records of one key keep their order within a topic. What can't be handled is in <topic>.dlq.`

// Document gives the document in YAML, the same each time. golden has a message of each
// schema as <subject>/<version>/full.json: schemas/testdata/golden. An error is one of a
// file that is missing or no JSON, or of a schema that names no key.
func Document(golden fs.FS) ([]byte, error) {
	d := newDocument()
	for _, topic := range kafka.Topics(kafka.DefaultConfig()) {
		if topic.Name == ports.LetterNotesTopic { // the service's own: nobody else reads or writes it
			continue
		}
		d.Channels[topic.Name] = channel{Address: topic.Name, Bindings: topicBindings(topic)}
	}
	for _, topic := range ports.OrderEventTopics() {
		record, err := d.describe(topic, golden, heardHeaders())
		if err != nil {
			return nil, err
		}
		d.operate("receive"+record, receive, topic, record, "")
		letters := topic + ports.DeadLetterSuffix
		d.letters(letters)
		d.operate("send"+record+deadLetter, send, letters, deadLetter, "Sends a record that can't be handled, as it came, and why.")
	}
	for _, topic := range ports.PublicEventTopics() {
		record, err := d.describe(topic, golden, toldHeaders(topic))
		if err != nil {
			return nil, err
		}
		d.operate("send"+record, send, topic, record, "")
	}
	return d.yaml()
}

func newDocument() *document {
	return &document{
		AsyncAPI: "3.0.0",
		Info: info{
			Title: "Inventory", Version: Version, Description: about,
			Tags: []tag{{"orders", "Order events, which are heard."}, {"outcomes", "What became of orders, and how much there is."}, {"dead letters", "What can't be handled."}},
		},
		DefaultContentType: contentType,
		Servers: map[string]server{"laptop": {
			Host: "127.0.0.1:9092", Protocol: "kafka", Description: "The embedded broker and registry of `make run`.",
			Bindings: serverBindings{serverKafka{"http://127.0.0.1:8081", "confluent", bindingVersion}},
		}},
		Channels:   map[string]channel{},
		Operations: map[string]operation{},
		Components: components{Messages: map[string]message{deadLetter: letterMessage()}},
	}
}

// avroRecord is what is read of a topic's schema.
type avroRecord struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
}

// keyDoc is how a schema's doc says what the record's key is.
var keyDoc = regexp.MustCompile(`^(.+) Key: ([a-z_:]+)\.$`)

// describe adds a topic's message, and gives its name.
func (d *document) describe(topic string, golden fs.FS, headers []header) (string, error) {
	version, text := schemas.Avro()[topic].Newest()
	var record avroRecord
	if err := json.Unmarshal([]byte(text), &record); err != nil {
		return "", fmt.Errorf("asyncapi: schema %d of %s: %w", version, topic, err)
	}
	parts := keyDoc.FindStringSubmatch(record.Doc)
	if parts == nil {
		return "", fmt.Errorf("asyncapi: schema %d of %s: its doc is %q, expected it to end in the key, as in `Key: order_id.`", version, topic, record.Doc)
	}
	full, err := readExample(golden, schemas.Avro()[topic], headers, parts[2])
	if err != nil {
		return "", err
	}
	schema, err := node([]byte(text))
	if err != nil {
		return "", fmt.Errorf("asyncapi: schema %d of %s: %w", version, topic, err)
	}
	d.Components.Messages[record.Name] = message{
		Name: record.Name, Title: parts[1], ContentType: contentType,
		Headers:  objectOf(headers),
		Payload:  &payload{avroFormat, schema},
		Bindings: &messageBindings{messageKafka{keySchema{"string", parts[2]}, "payload", "confluent", "TopicIdStrategy", bindingVersion}},
		Examples: []sample{*full},
	}
	d.carry(topic, record.Name, parts[1])
	return record.Name, nil
}

// letters says what a topic of dead letters has.
func (d *document) letters(topic string) {
	d.carry(topic, deadLetter, "Records that can't be handled, as they came, kept until a person has seen to them.")
}

// carry adds a message to a channel.
func (d *document) carry(topic, record, about string) {
	c := d.Channels[topic]
	c.Description = about
	c.Messages = map[string]reference{record: {"#/components/messages/" + record}}
	d.Channels[topic] = c
}

// operate adds an operation, of which about says more than its message does.
func (d *document) operate(name, action, topic, record, about string) {
	title := d.Components.Messages[record].Title
	d.Operations[name] = operation{
		Action: action, Summary: cmp.Or(about, title),
		Channel:  reference{"#/channels/" + topic},
		Messages: []reference{{"#/channels/" + topic + "/messages/" + record}},
		Tags:     []tag{{Name: tagOf(action, record)}},
	}
}

func tagOf(action, record string) string {
	switch {
	case record == deadLetter:
		return "dead letters"
	case action == receive:
		return "orders"
	}
	return "outcomes"
}

func (d *document) yaml() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# Made by `go test ./adapters/kafka/asyncapi -update`.\n")
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("asyncapi: %w", err)
	}
	return b.Bytes(), nil
}

// node gives JSON as YAML, in the same order, as people write YAML.
func node(text []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	plain(&doc)
	return doc.Content[0], nil
}

func plain(n *yaml.Node) {
	n.Style = 0
	for _, inner := range n.Content {
		plain(inner)
	}
}
