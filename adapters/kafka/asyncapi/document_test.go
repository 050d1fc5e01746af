package asyncapi_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"inventory/adapters/kafka"
	"inventory/adapters/kafka/asyncapi"
	"inventory/ports"
)

const (
	file   = "../../../schemas/asyncapi/inventory.yaml"
	golden = "../../../schemas/testdata/golden"
)

var update = flag.Bool("update", false, "write the AsyncAPI document again")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// document is what these tests read of the checked-in file.
type document struct {
	Channels map[string]struct {
		Address  string
		Messages map[string]struct {
			Ref string `yaml:"$ref"`
		}
		Bindings struct {
			Kafka struct {
				Partitions int
				Settings   map[string]any `yaml:"topicConfiguration"`
			}
		}
	}
	Operations map[string]struct {
		Action  string
		Channel struct {
			Ref string `yaml:"$ref"`
		}
	}
	Components struct{ Messages map[string]described }
}

// described is a message of the document.
type described struct {
	Headers struct {
		Properties map[string]struct{ Const string }
		Required   []string
	}
	Payload  *struct{ Schema map[string]any }
	Bindings struct {
		Kafka struct{ Key struct{ Description string } }
	}
	Examples []struct {
		Headers map[string]string
		Payload map[string]any
	}
}

// read gives the document.
func read(t *testing.T) document {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (written with -update)", err)
	}
	var d document
	if err := yaml.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// messageOn gives the one message of a channel.
func (d document) messageOn(t *testing.T, topic string) described {
	t.Helper()
	names := slices.Collect(maps.Keys(d.Channels[topic].Messages))
	if len(names) != 1 || d.Channels[topic].Messages[names[0]].Ref != "#/components/messages/"+names[0] {
		t.Fatalf("messages of %s: %v", topic, d.Channels[topic].Messages)
	}
	return d.Components.Messages[names[0]]
}

func TestTheCheckedInDocumentIsWhatTheCodeDoes(t *testing.T) {
	now, err := asyncapi.Document(os.DirFS(golden))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	checkedIn, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (written with -update)", err)
	}
	if !bytes.Equal(now, checkedIn) {
		t.Errorf("%s is not what the code does: run this test with -update, and look at what changes for others", file)
	}
	if again, err := asyncapi.Document(os.DirFS(golden)); err != nil || !bytes.Equal(again, now) {
		t.Errorf("the document differs from one time to the next (%v)", err)
	}
}

func TestEveryTopicButTheServicesOwnIsInTheDocumentAndNoOther(t *testing.T) {
	d := read(t)
	var want []string
	actions := map[string]string{}
	for _, topic := range ports.OrderEventTopics() {
		actions[topic], actions[topic+".dlq"] = "receive", "send"
	}
	for _, topic := range ports.PublicEventTopics() {
		actions[topic] = "send"
	}
	for _, topic := range kafka.Topics(kafka.DefaultConfig()) {
		if topic.Name == ports.LetterNotesTopic {
			continue
		}
		want = append(want, topic.Name)
		c := d.Channels[topic.Name]
		if c.Address != topic.Name || c.Bindings.Kafka.Partitions != topic.Partitions || len(c.Bindings.Kafka.Settings) != len(topic.Settings) {
			t.Errorf("%s is described as %+v", topic.Name, c)
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(d.Channels)); !slices.Equal(got, want) {
		t.Errorf("channels: got %q, want %q", got, want)
	}
	if got := slices.Sorted(maps.Keys(actions)); !slices.Equal(got, want) {
		t.Errorf("topics of ports: %q, that are made: %q", got, want)
	}
	got := map[string]string{}
	for _, op := range d.Operations {
		got[strings.TrimPrefix(op.Channel.Ref, "#/channels/")] = op.Action
	}
	if !maps.Equal(got, actions) || len(d.Operations) != len(actions) {
		t.Errorf("operations: got %q, want %q", got, actions)
	}
}

func TestADocumentThatLacksSomethingIsNotMade(t *testing.T) {
	_, err := asyncapi.Document(fstest.MapFS{})
	if err == nil || !strings.Contains(err.Error(), "order.created.v1-value/1/full.json") {
		t.Errorf("without examples: %v", err)
	}
	_, err = asyncapi.Document(fstest.MapFS{"order.created.v1-value/1/full.json": {Data: []byte("{")}})
	if err == nil || !strings.Contains(err.Error(), "order.created.v1-value/1/full.json") {
		t.Errorf("with an example that is no JSON: %v", err)
	}
}
