package avro

import (
	"errors"
	"fmt"
	"math"
)

// The bounds of a datum besides its bytes: how deep values lie in each other (a schema may
// contain itself, and goavro calls itself for each level), how many values may take no
// bytes at all (of which a few bytes can claim millions), and how many may be what goavro
// makes a map of, in some 350 bytes of memory: a record, a map, a branch that is not null.
// A byte can be within 64 of these.
const (
	mostDepth = 64
	mostEmpty = 1000
	mostMaps  = 1 << 16
	freeMaps  = 256 // beside one for each byte
)

// Why a datum can't be read.
var (
	errEnds     = errors.New("it ends too early")
	errOverflow = errors.New("a number has more than 64 bits, or an int more than 32")
)

// check goes through a datum without making anything of it: it must be exactly one value of
// the shape, within the bounds. goavro takes numbers that overflow, trusts counts, and
// bounds no depth.
func (s *shape) check(datum []byte) error {
	c := checker{rest: datum, maps: min(mostMaps, freeMaps+len(datum))}
	if err := c.value(s, 0); err != nil {
		return fmt.Errorf("after byte %d of %d: %w", len(datum)-len(c.rest), len(datum), err)
	}
	if len(c.rest) > 0 {
		return fmt.Errorf("%d bytes are left after the event", len(c.rest))
	}
	return nil
}

type checker struct {
	rest  []byte
	empty int
	maps  int // that there may still be
}

func (c *checker) value(s *shape, depth int) error {
	if s.ref != nil {
		s = s.ref
	}
	if depth > mostDepth {
		return fmt.Errorf("values lie more than %d deep in each other", mostDepth)
	}
	switch s.kind {
	case nothing:
		return nil
	case truth:
		return c.truth()
	case whole32:
		n, err := c.whole()
		if err == nil && (n < math.MinInt32 || n > math.MaxInt32) {
			return errOverflow
		}
		return err
	case whole64:
		_, err := c.whole()
		return err
	case constant:
		return c.skip(int64(s.size))
	case counted:
		return c.counted()
	case choice:
		_, err := c.index(s)
		return err
	case sequence:
		return c.sequence(s, depth)
	case blocks, pairs:
		return c.blocks(s, depth)
	case either:
		return c.branch(s, depth)
	}
	return fmt.Errorf("a value of unknown kind %d", s.kind)
}

func (c *checker) branch(s *shape, depth int) error {
	i, err := c.index(s)
	if err != nil {
		return err
	}
	branch := &s.of[i]
	if branch.kind != nothing || branch.ref != nil {
		if err := c.mapped(); err != nil {
			return err
		}
	}
	return c.value(branch, depth+1)
}

// mapped counts a value that goavro makes a map of.
func (c *checker) mapped() error {
	if c.maps--; c.maps < 0 {
		return fmt.Errorf("more records, maps and branches of unions than its bytes justify: at most one a byte and %d more, %d in all", freeMaps, mostMaps)
	}
	return nil
}

func (c *checker) sequence(s *shape, depth int) error {
	if err := c.mapped(); err != nil {
		return err
	}
	for i := range s.of {
		before := len(c.rest)
		if err := c.value(&s.of[i], depth+1); err != nil {
			return fmt.Errorf("%.100s: %w", s.fields[i], err)
		}
		if err := c.took(before); err != nil {
			return err
		}
	}
	return nil
}

// blocks goes through an array or a map: blocks of items, the last of which has none.
func (c *checker) blocks(s *shape, depth int) error {
	if s.kind == pairs {
		if err := c.mapped(); err != nil {
			return err
		}
	}
	for {
		count, err := c.count()
		if err != nil || count == 0 {
			return err
		}
		for range count {
			before := len(c.rest)
			if s.kind == pairs {
				if err := c.counted(); err != nil {
					return err
				}
			}
			if err := c.value(&s.of[0], depth+1); err != nil {
				return err
			}
			if err := c.took(before); err != nil {
				return err
			}
		}
	}
}

// count reads the number of items of a block; a negative one is followed by the block's
// bytes, which nobody needs.
func (c *checker) count() (int64, error) {
	count, err := c.whole()
	if err != nil || count >= 0 {
		return count, err
	}
	if count == math.MinInt64 {
		return 0, errOverflow
	}
	size, err := c.whole()
	if err == nil && (size < 0 || size > int64(len(c.rest))) {
		err = fmt.Errorf("a block of %d bytes where %d are left", size, len(c.rest))
	}
	return -count, err
}

// took counts a value that took no bytes.
func (c *checker) took(before int) error {
	if len(c.rest) < before {
		return nil
	}
	if c.empty++; c.empty > mostEmpty {
		return fmt.Errorf("more than %d values that take no bytes", mostEmpty)
	}
	return nil
}

func (c *checker) truth() error {
	if len(c.rest) > 0 && c.rest[0] > 1 {
		return fmt.Errorf("a boolean is %d", c.rest[0])
	}
	return c.skip(1)
}

func (c *checker) counted() error {
	n, err := c.whole()
	if err != nil {
		return err
	}
	return c.skip(n)
}

func (c *checker) index(s *shape) (int64, error) {
	most := int64(len(s.of))
	if s.kind == choice {
		most = int64(s.size)
	}
	i, err := c.whole()
	if err == nil && (i < 0 || i >= most) {
		err = fmt.Errorf("choice %d of %d", i, most)
	}
	return i, err
}

func (c *checker) skip(n int64) error {
	switch {
	case n < 0:
		return fmt.Errorf("a length is %d", n)
	case n > int64(len(c.rest)):
		return fmt.Errorf("%w: %d bytes expected, %d left", errEnds, n, len(c.rest))
	}
	c.rest = c.rest[n:]
	return nil
}

// whole reads a zigzag number of at most 64 bits.
func (c *checker) whole() (int64, error) {
	var u uint64
	for i, b := range c.rest {
		if i == 9 && b > 1 {
			return 0, errOverflow
		}
		u |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.rest = c.rest[i+1:]
			return int64(u>>1) ^ -int64(u&1), nil
		}
	}
	return 0, errEnds
}
