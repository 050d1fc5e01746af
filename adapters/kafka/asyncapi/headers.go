package asyncapi

import "inventory/ports"

// deadLetter is the name of the message of all topics of dead letters.
const deadLetter = "DeadLetter"

// editOf is the header of letters that people made of others.
const editOf = "dlq_edit_of"

// header is a header of records, whose values are text.
type header struct {
	name     string
	about    string
	example  string // "=" and a name: what readExample knows of the example
	always   bool
	constant bool // the example is the only value
}

var traceparent = header{
	name: "traceparent", about: "W3C trace context, version 00. One that is not valid is ignored.",
	example: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}

// heardHeaders are what is read of an order event's headers; others stay with it.
func heardHeaders() []header { return []header{traceparent} }

// toldHeaders are those of a public event: CloudEvents 1.0 in binary mode.
func toldHeaders(topic string) []header {
	headers := []header{
		{name: "ce_specversion", about: "The version of CloudEvents.", example: "1.0", always: true, constant: true},
		{name: "ce_id", about: "Names the event: a UUID, the same however often it is published.", example: "0b5b2a6e-9d0e-5c52-8a4e-3d6f3c1f0a11", always: true},
		{name: "ce_source", about: "The deployment: a URI reference.", example: "inventory", always: true},
		{name: "ce_type", about: "The topic, without the deployment's prefix.", example: topic, always: true, constant: true},
		{name: "ce_time", about: "When it happened: RFC 3339 in UTC with milliseconds.", example: exampleTime, always: true},
		{name: "ce_subject", about: "The record's key.", example: exampleKey, always: true},
		{name: "content-type", about: "Of the value: Avro in the registry's framing.", example: contentType, always: true, constant: true},
		{name: traceparent.name, about: "W3C trace context of the command that caused it, where that had one.", example: traceparent.example},
	}
	if topic == ports.GlobalStockTopic {
		headers = append(headers, header{
			name: "ce_aggregator", about: "Which aggregator added it up: a UUID. Records of a Flink job have none of these headers.", example: "8d1f3c0e-5a44-4c39-9d0b-6e0c1f2a7b55", always: true,
		})
	}
	return headers
}

// letterHeaders are those that come after a record's own. Where a broker takes no record of
// that size there are fewer.
func letterHeaders() []header {
	return []header{
		{name: "dlq_letter_id", about: "Names the letter: the same record of the same group has the same, however often it is written.", example: "5f0f4dd0-8f5c-5c9f-9b6b-6ed1f3f7a3b0"},
		{name: "dlq_topic", about: "Where the record was read.", example: "order.created.v1"},
		{name: "dlq_partition", about: "Where in the topic.", example: "3"},
		{name: "dlq_offset", about: "Where in the partition.", example: "4711"},
		{name: "dlq_group", about: "The consumer group that could not handle it.", example: "inventory"},
		{name: "dlq_code", about: "Why, for programs.", example: "UNREADABLE"},
		{name: "dlq_error", about: "Why, for people: at most 1024 bytes.", example: "unreadable record: expected a zero byte, found 0x7b"},
		{name: "dlq_timestamp", about: "The record's: RFC 3339 in UTC with milliseconds, as all times here.", example: "2026-11-20T03:04:05.678Z"},
		{name: "dlq_attempts", about: "How often it was tried.", example: "1"},
		{name: "dlq_first_failure", about: "When it failed first.", example: "2026-11-20T03:04:05.700Z"},
		{name: "dlq_last_failure", about: "When it failed last.", example: "2026-11-20T03:04:05.700Z"},
		{name: "dlq_version", about: "The version of the service.", example: "v1.4.0"},
		{name: "dlq_handler", about: "What could not handle it: named after the topic.", example: "order.created.v1"},
		{name: "dlq_trace", about: "W3C trace context of the record, where that has one.", example: traceparent.example},
		{name: editOf, about: "The letter that this one is an edited copy of, where it is one.", example: "0e9b7c1c-3f0f-5a52-9d33-6a1a2b7f7c10"},
	}
}

func letterMessage() message {
	m := message{
		Name: deadLetter, Title: "A record that can't be handled, and why.",
		Description: "Key, value and headers are as they came, in that order; those whose names begin with dlq_ come after them, from the last dlq_letter_id on.",
		ContentType: "application/octet-stream",
		Headers:     objectOf(letterHeaders()),
		Examples:    []sample{{Name: "unreadable", Headers: map[string]string{}}},
	}
	for _, h := range letterHeaders() {
		if h.name == editOf {
			continue
		}
		m.Examples[0].Headers[h.name] = h.example
	}
	return m
}

func objectOf(headers []header) objectSchema {
	o := objectSchema{Type: "object", Properties: map[string]headerSchema{}}
	for _, h := range headers {
		s := headerSchema{Type: "string", Description: h.about}
		if h.constant {
			s.Const = h.example
		}
		if h.always {
			o.Required = append(o.Required, h.name)
		}
		o.Properties[h.name] = s
	}
	return o
}
