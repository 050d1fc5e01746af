package ledger

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
)

// UUID is a 128-bit identifier (RFC 9562).
type UUID [16]byte

// namespaceDNS is RFC 9562's name space for domain names.
var namespaceDNS = UUID{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}

// Namespace is the service's own name space, from which every id that it derives comes:
// UUIDv5(DNS, "inventory.events").
var Namespace = NewUUIDv5(namespaceDNS, "inventory.events")

// NewUUIDv5 derives an id from a name within a name space; the same name gives the same id.
func NewUUIDv5(space UUID, name string) UUID {
	var stack [128]byte // most names fit: nothing is allocated
	sum := sha1.Sum(append(append(stack[:0], space[:]...), name...))
	var u UUID
	copy(u[:], sum[:])
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return u
}

// ParseUUID reads the form 8-4-4-4-12 in hexadecimal digits of either case.
func ParseUUID(s string) (UUID, error) {
	var u UUID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return u, fmt.Errorf("%.64q is not a UUID: expected xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", s)
	}
	digits := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	if _, err := hex.Decode(u[:], []byte(digits)); err != nil {
		return UUID{}, fmt.Errorf("%q is not a UUID: %w", s, err)
	}
	return u, nil
}

// String gives the canonical form, in lower case.
func (u UUID) String() string {
	var b [36]byte
	hex.Encode(b[:8], u[:4])
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:], u[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}
