package wire

import (
	"google.golang.org/grpc"
)

// The service's name says which version of the protocol it speaks: gRPC refuses a client
// that asks for another. A change that an older member does not understand gets a new one.
const (
	service = "inventory.wire.v1.Wire"
	method  = "/" + service + "/Exchange"
)

var exchange = grpc.StreamDesc{StreamName: "Exchange", ServerStreams: true, ClientStreams: true}

// window is how many bytes the other side may send ahead of what was read.
const window = 1 << 20

// maxBatch is the longest message of a stream.
func (c Config) maxBatch() int { return c.MaxFrame + maxHeader + batchBytes }

// receiver is the half of a gRPC stream that receive needs.
type receiver interface{ RecvMsg(m any) error }

// receive hands on each frame that comes, until the stream or do fails. A frame's body is
// used again when do returns.
func receive(stream receiver, do func(frame) error) error {
	for {
		var b batch
		if err := stream.RecvMsg(&b); err != nil {
			return err
		}
		err := eachFrame(b.bytes, do)
		b.free()
		if err != nil {
			return err
		}
	}
}
