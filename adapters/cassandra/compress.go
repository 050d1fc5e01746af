package cassandra

import (
	"fmt"

	"github.com/klauspost/compress/s2"

	"inventory/ports"
)

// Entries and snapshots are stored compressed (S2): Paxos writes what it decides twice, so
// that their bytes cost the server more than the compression costs us.

// maxBody bounds what stored bytes may claim to be when they are expanded: far above any
// entry or chunk.
const maxBody = 64 << 20

// compress shortens a body.
func compress(body []byte) []byte { return s2.Encode(nil, body) }

// expand reads what compress made; what names it in the error.
func expand(what string, stored []byte) ([]byte, error) {
	n, err := s2.DecodedLen(stored)
	if err == nil && n > maxBody {
		err = fmt.Errorf("they would be %d bytes", n)
	}
	var body []byte
	if err == nil {
		body, err = s2.Decode(nil, stored)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %d bytes are not what was written: %w", what, ports.ErrPermanent, len(stored), err)
	}
	return body, nil
}
