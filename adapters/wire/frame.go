package wire

import (
	"encoding/binary"
	"errors"
	"time"
)

// kind says what a frame is. The numbers are the protocol's: see service.
type kind byte

const (
	request kind = 1 + iota
	answer       // to the request with its id
	refused      // the request with its id was not looked at; the body says why
	lost         // the request with its id was answered, but the answer can't be sent; the body says why
	message
	ping // asks for a pong, so that the line is not silent
	pong
)

// maxLeft is the longest time left that a frame tells; whoever has longer is told so much.
const maxLeft = 24 * time.Hour

// frame is what travels: a batch is frames one after the other, each as its kind (a byte), id,
// time left (microseconds) and length of its body (as unsigned varints), and its body.
type frame struct {
	kind kind
	id   uint64        // of the request, chosen by who asks, for what belongs to one
	left time.Duration // of a request, until nobody waits for its answer; 0: somebody always does
	body []byte
}

// maxHeader is what a frame takes beside its body, at most.
const maxHeader = 1 + 3*binary.MaxVarintLen64

func appendFrame(b []byte, f frame) []byte {
	b = append(b, byte(f.kind))
	b = binary.AppendUvarint(b, f.id)
	b = binary.AppendUvarint(b, uint64(f.left.Microseconds()))
	b = binary.AppendUvarint(b, uint64(len(f.body)))
	return append(b, f.body...)
}

var errFrame = errors.New("what was received is no frame of this protocol")

// cutFrame takes the first frame from a batch; its body is a part of the batch.
func cutFrame(batch []byte) (f frame, rest []byte, err error) {
	if len(batch) == 0 || batch[0] < byte(request) || batch[0] > byte(pong) {
		return frame{}, nil, errFrame
	}
	f.kind = kind(batch[0])
	rest = batch[1:]
	var numbers [3]uint64 // id, left, length
	for i := range numbers {
		n := 0
		if numbers[i], n = binary.Uvarint(rest); n <= 0 {
			return frame{}, nil, errFrame
		}
		rest = rest[n:]
	}
	if numbers[1] > uint64(maxLeft.Microseconds()) || numbers[2] > uint64(len(rest)) {
		return frame{}, nil, errFrame
	}
	f.id, f.left = numbers[0], time.Duration(numbers[1])*time.Microsecond
	f.body, rest = rest[:numbers[2]:numbers[2]], rest[numbers[2]:]
	return f, rest, nil
}

// eachFrame hands on the frames of a batch, in order, until do fails.
func eachFrame(batch []byte, do func(frame) error) error {
	for len(batch) > 0 {
		f, rest, err := cutFrame(batch)
		if err != nil {
			return err
		}
		if err := do(f); err != nil {
			return err
		}
		batch = rest
	}
	return nil
}
