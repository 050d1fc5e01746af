package asyncapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"inventory/adapters/kafka"
	"inventory/schemas"
)

// What headers of an example have from its payload.
const (
	exampleTime = "=occurred_at"
	exampleKey  = "=key"
)

// readExample gives the golden message of a subject's newest version that has all fields; key
// is what its key is made of.
func readExample(golden fs.FS, s schemas.AvroSubject, headers []header, key string) (*sample, error) {
	version, _ := s.Newest()
	file := s.Name("") + "/" + strconv.Itoa(version) + "/full.json"
	text, err := fs.ReadFile(golden, file)
	if err != nil {
		return nil, fmt.Errorf("asyncapi: the example of %s: %w", s.Topic, err)
	}
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		return nil, fmt.Errorf("asyncapi: %s: %w", file, err)
	}
	body, err := node(text)
	if err != nil {
		return nil, fmt.Errorf("asyncapi: %s: %w", file, err)
	}
	found := &sample{Name: "full", Headers: map[string]string{}, Payload: body}
	for _, h := range headers {
		found.Headers[h.name] = valueOf(h.example, fields, key)
	}
	return found, nil
}

// valueOf gives a header's value in an example.
func valueOf(value string, fields map[string]any, key string) string {
	switch value {
	case exampleKey:
		return keyOf(fields, key)
	case exampleTime:
		at, ok := fields["occurred_at"].(json.Number)
		if !ok {
			at, _ = fields["as_of"].(json.Number)
		}
		ms, err := at.Int64()
		if err != nil {
			return ""
		}
		return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
	}
	return value
}

// keyOf makes a key such as sku:warehouse_id of fields.
func keyOf(fields map[string]any, key string) string {
	parts := strings.Split(key, ":")
	for i, field := range parts {
		parts[i] = fmt.Sprint(fields[field])
	}
	return strings.Join(parts, ":")
}

// topicBindings says how `inventory topics create` makes a topic by default.
func topicBindings(t kafka.Topic) channelBindings {
	settings := make(map[string]any, len(t.Settings))
	for name, value := range t.Settings {
		settings[name] = settingOf(name, value)
	}
	return channelBindings{channelKafka{t.Partitions, t.Replication, settings, bindingVersion}}
}

// settingOf gives a topic's setting the type that the bindings have for it.
func settingOf(name, value string) any {
	if name == "cleanup.policy" {
		return strings.Split(value, ",")
	}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		return n
	}
	return value
}
