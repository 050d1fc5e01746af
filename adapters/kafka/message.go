package kafka

import (
	"context"

	"github.com/ThreeDotsLabs/watermill/message"
)

// idHeader is where watermill-kafka's publisher puts a message's UUID.
const idHeader = "_watermill_message_uuid"

// newMessage makes a message whose payload is the record's value. Its metadata are the
// headers as text, the last of those that repeat; RecordOf has them as they are.
func newMessage(ctx context.Context, r *Record) *message.Message {
	var id string
	metadata := make(message.Metadata, len(r.Headers))
	for _, h := range r.Headers {
		if h.Key == idHeader {
			id = string(h.Value)
			continue
		}
		metadata[h.Key] = string(h.Value)
	}
	m := message.NewMessageWithContext(ctx, id, r.Value)
	m.Metadata = metadata
	return m
}
