package avro

import (
	"encoding/binary"
	"fmt"

	"inventory/ports"
)

// headerBytes is the length of what precedes a datum: a zero byte and the schema's id, big
// endian.
const headerBytes = 5

// splitValue gives the schema's id and the datum of a record's value.
func splitValue(value []byte, most int) (id int, datum []byte, err error) {
	switch {
	case len(value) == 0:
		return 0, nil, fmt.Errorf("%w: the value is empty: expected an event", ports.ErrUnreadable)
	case len(value) > most:
		return 0, nil, fmt.Errorf("%w: %d bytes: at most %d are read", ports.ErrUnreadable, len(value), most)
	case value[0] != 0:
		return 0, nil, fmt.Errorf("%w: expected Avro with a schema id, which begins with byte 00, found % x", ports.ErrUnreadable, value[:min(len(value), 8)])
	case len(value) < headerBytes:
		return 0, nil, fmt.Errorf("%w: %d bytes (% x): expected at least %d", ports.ErrUnreadable, len(value), value, headerBytes)
	}
	return int(binary.BigEndian.Uint32(value[1:headerBytes])), value[headerBytes:], nil
}
