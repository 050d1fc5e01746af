package asyncapi

import "go.yaml.in/yaml/v3"

// What the document says of Avro, and which version of the Kafka bindings it keeps to.
const (
	avroFormat     = "application/vnd.apache.avro;version=1.12.0"
	bindingVersion = "0.5.0"
	contentType    = "application/avro" // the value's: Avro in the registry's framing
)

// Actions, as this service sees them.
const (
	receive = "receive"
	send    = "send"
)

// The parts of AsyncAPI 3.0.0 that the document has, and of its Kafka bindings.
type (
	document struct {
		AsyncAPI           string               `yaml:"asyncapi"`
		Info               info                 `yaml:"info"`
		DefaultContentType string               `yaml:"defaultContentType"`
		Servers            map[string]server    `yaml:"servers"`
		Channels           map[string]channel   `yaml:"channels"`
		Operations         map[string]operation `yaml:"operations"`
		Components         components           `yaml:"components"`
	}
	info struct {
		Title       string `yaml:"title"`
		Version     string `yaml:"version"`
		Description string `yaml:"description"`
		Tags        []tag  `yaml:"tags"`
	}
	tag struct {
		Name        string `yaml:"name"`
		Description string `yaml:"description,omitempty"`
	}
	server struct {
		Host        string         `yaml:"host"`
		Protocol    string         `yaml:"protocol"`
		Description string         `yaml:"description"`
		Bindings    serverBindings `yaml:"bindings"`
	}
	serverBindings struct {
		Kafka serverKafka `yaml:"kafka"`
	}
	serverKafka struct {
		Registry string `yaml:"schemaRegistryUrl"`
		Vendor   string `yaml:"schemaRegistryVendor"`
		Version  string `yaml:"bindingVersion"`
	}
	channel struct {
		Address     string               `yaml:"address"`
		Description string               `yaml:"description"`
		Messages    map[string]reference `yaml:"messages"`
		Bindings    channelBindings      `yaml:"bindings"`
	}
	channelBindings struct {
		Kafka channelKafka `yaml:"kafka"`
	}
	channelKafka struct {
		Partitions int            `yaml:"partitions"`
		Replicas   int            `yaml:"replicas"`
		Settings   map[string]any `yaml:"topicConfiguration,omitempty"`
		Version    string         `yaml:"bindingVersion"`
	}
	operation struct {
		Action   string      `yaml:"action"`
		Summary  string      `yaml:"summary"`
		Channel  reference   `yaml:"channel"`
		Messages []reference `yaml:"messages"`
		Tags     []tag       `yaml:"tags"`
	}
	reference struct {
		Ref string `yaml:"$ref"`
	}
	components struct {
		Messages map[string]message `yaml:"messages"`
	}
	message struct {
		Name        string           `yaml:"name"`
		Title       string           `yaml:"title"`
		Description string           `yaml:"description,omitempty"`
		ContentType string           `yaml:"contentType"`
		Headers     objectSchema     `yaml:"headers"`
		Payload     *payload         `yaml:"payload,omitempty"`
		Bindings    *messageBindings `yaml:"bindings,omitempty"`
		Examples    []sample         `yaml:"examples"`
	}
	objectSchema struct {
		Type       string                  `yaml:"type"`
		Properties map[string]headerSchema `yaml:"properties"`
		Required   []string                `yaml:"required,omitempty"`
	}
	headerSchema struct {
		Type        string `yaml:"type"`
		Description string `yaml:"description"`
		Const       string `yaml:"const,omitempty"`
	}
	payload struct {
		Format string     `yaml:"schemaFormat"`
		Schema *yaml.Node `yaml:"schema"`
	}
	messageBindings struct {
		Kafka messageKafka `yaml:"kafka"`
	}
	messageKafka struct {
		Key      keySchema `yaml:"key"`
		Location string    `yaml:"schemaIdLocation"`
		Encoding string    `yaml:"schemaIdPayloadEncoding"`
		Lookup   string    `yaml:"schemaLookupStrategy"`
		Version  string    `yaml:"bindingVersion"`
	}
	keySchema struct {
		Type        string `yaml:"type"`
		Description string `yaml:"description"`
	}
	sample struct {
		Name    string            `yaml:"name"`
		Headers map[string]string `yaml:"headers"`
		Payload *yaml.Node        `yaml:"payload,omitempty"`
	}
)
