package avro

import (
	"testing"

	"inventory/ports"
)

func BenchmarkDecode(b *testing.B) {
	r := full(b)
	c := newCodec(b, r)
	for topic, e := range orders() {
		value := written(b, r, topic+"-value", newest(topic), nativeOrder(e))
		b.Run(topic, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(value)))
			for b.Loop() {
				if _, err := c.Decode(b.Context(), topic, value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What going through a datum before goavro costs.
func BenchmarkCheck(b *testing.B) {
	r := full(b)
	value := written(b, r, "order.created.v1-value", newest(ports.OrderCreatedTopic), nativeOrder(orders()[ports.OrderCreatedTopic]))
	w, err := newCodec(b, r).inputs[ports.OrderCreatedTopic].newWriter(newest(ports.OrderCreatedTopic))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.shape.check(value[headerBytes:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	c := newCodec(b, full(b))
	for _, e := range outcomes() {
		b.Run(e.Topic(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Encode(b.Context(), e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
