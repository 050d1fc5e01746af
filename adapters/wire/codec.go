package wire

import (
	"fmt"

	"google.golang.org/grpc/mem"
)

// batch is one message of a stream: frames one after the other, in memory that is used again.
type batch struct {
	bytes []byte
	owner mem.Buffer // of what was received; nil where it is to be sent
}

// newBatch makes room for so many bytes of frames.
func newBatch(size int) *batch {
	return &batch{bytes: (*mem.DefaultBufferPool().Get(size))[:0]}
}

func (b *batch) add(f frame) { b.bytes = appendFrame(b.bytes, f) }

// free ends the use of what was received: of its frames too.
func (b *batch) free() { b.owner.Free() }

// codec gives gRPC a batch as it is. Sending uses it up.
type codec struct{}

// Name implements encoding.CodecV2: it becomes the content's subtype.
func (codec) Name() string { return "frames" }

// Marshal implements encoding.CodecV2.
func (codec) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.(*batch)
	if !ok {
		return nil, fmt.Errorf("%T is no batch of frames", v)
	}
	return mem.BufferSlice{mem.NewBuffer(&b.bytes, mem.DefaultBufferPool())}, nil
}

// Unmarshal implements encoding.CodecV2.
func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	b, ok := v.(*batch)
	if !ok {
		return fmt.Errorf("%T is no batch of frames", v)
	}
	b.owner = data.MaterializeToBuffer(mem.DefaultBufferPool())
	b.bytes = b.owner.ReadOnlyData()
	return nil
}
